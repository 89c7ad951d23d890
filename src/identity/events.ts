/** What happened to whom by whose hand: one row of `GET /v1/audit/events`. */
export interface AuditEvent {
  readonly org: string
  /** `key_…` of the Flint key, `operator`, or `cli` for who runs commands on the machine itself. */
  readonly actor: string
  readonly action: EventAction
  /** Id of what it happened to: a key, an organisation, a record; null where there is none (failed authentication). */
  readonly subject: string | null
  /** Why, in the actor's own words; for failed authentication the kind of failure. */
  readonly reason: string | null
  /** What it was and what it became, by field; null where that says nothing. Never a key, a hash of one, or content. */
  readonly old: Readonly<Record<string, unknown>> | null
  readonly new: Readonly<Record<string, unknown>> | null
}

export const EVENT_ACTIONS = [
  'key.created',
  'key.renamed',
  'key.rotated',
  'key.revoked',
  'settings.changed',
  'organisation.created',
  'organisation.renamed',
  'prompt.read',
  'record.erased',
  'authentication.failed',
] as const
export type EventAction = (typeof EVENT_ACTIONS)[number]

/** Where events are left that are no change of a key, setting or organisation (those are rows by themselves). */
export interface EventLog {
  /** Resolves once the event is durable in ClickHouse. */
  append(event: AuditEvent): Promise<void>
}
