/** What happens to whom: the names in `GET /v1/audit/events`. */
export const EVENT_ACTIONS = [
  'key.created',
  'key.renamed',
  'key.rotated',
  'key.revoked',
  'settings.changed',
  'hold.placed',
  'hold.released',
  'organisation.created',
  'organisation.renamed',
  'prompt.read',
  'attachment.read',
  'record.erased',
  'records.erased',
  'records.exported',
  'authentication.failed',
  'session.started',
  'session.ended',
  'session.refused',
  'session.link_made',
  'sql_user.added',
  'sql_user.changed',
  'sql_user.removed',
  'view.changed',
  'mesh.assigned',
  'mesh.unassigned',
] as const
export type EventAction = (typeof EVENT_ACTIONS)[number]

/** Who does it, as events name them. */
export interface Acted {
  /**
   * `key_…` of a Flint key, `issuer#subject` of a user, `operator`, `cli`, or `flint` by itself.
   */
  readonly actor: string
  /** The session it is done in; none where a key or the command line asks. */
  readonly sessionId?: string | undefined
}
