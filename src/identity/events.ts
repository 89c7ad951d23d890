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
  'sql_user.added',
  'sql_user.changed',
  'sql_user.removed',
  'view.changed',
] as const
export type EventAction = (typeof EVENT_ACTIONS)[number]
