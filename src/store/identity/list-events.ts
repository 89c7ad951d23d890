import { isoTime } from '../calls/call-row.ts'
import type { Parameter, StoreClient } from '../client/client.ts'
import { type Fields, parseFields } from './event-fields.ts'
import { type ListedEvent, subjectKindOf } from './identity-event.ts'

export interface ListEvents {
  /** Of one organisation, or of all and none. */
  readonly org?: string
  /** Inclusive. */
  readonly fromMs?: number | undefined
  /** Exclusive. */
  readonly toMs?: number | undefined
  /** Any of them. */
  readonly actions?: readonly string[] | undefined
  readonly subject?: string | undefined
  readonly actor?: string | undefined
  /** Position of the last event of the page before. */
  readonly before?: { readonly at: string; readonly id: string } | undefined
  readonly limit: number
}

/**
 * ClickHouse compares the second half of a UUID first: as text, ids of one moment stand in the
 * order they were made.
 */
export const NEWEST = '(at, toString(id))'

/** Each holds where its parameter is given. */
const CONDITIONS = {
  org: 'org = {org:String}',
  from_ms: `at >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')`,
  to_ms: `at < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')`,
  actions: 'action IN {actions:Array(String)}',
  subject: 'subject = {subject:String}',
  actor: 'actor = {actor:String}',
  before_at: `${NEWEST} < (parseDateTime64BestEffort({before_at:String}, 6, 'UTC'), {before_id:String})`,
} as const

export async function listEvents(
  client: StoreClient,
  { org, fromMs, toMs, actions, subject, actor, before, limit }: ListEvents,
): Promise<readonly ListedEvent[]> {
  const given: Readonly<Record<string, Parameter | undefined>> = {
    org,
    from_ms: fromMs,
    to_ms: toMs,
    actions,
    subject,
    actor,
    before_at: before?.at,
  }
  const params: Record<string, Parameter> = { limit, before_id: before?.id ?? '' }
  const conditions: string[] = []
  for (const [name, condition] of Object.entries(CONDITIONS)) {
    const value = given[name]
    if (value === undefined) continue
    params[name] = value
    conditions.push(condition)
  }
  const rows = await client.rows({
    tag: 'identity:list-events',
    sql: `SELECT subject_kind, org, at, id, actor, session_id, action, subject, reason, old, new FROM identity_events
      WHERE ${conditions.join(' AND ') || 'true'} ORDER BY ${NEWEST} DESC LIMIT {limit:UInt32}`,
    params,
  })
  return rows.map(toListedEvent)
}

function toListedEvent(row: Record<string, unknown>): ListedEvent {
  const fields = (text: unknown): Fields | null => (text === '' ? null : parseFields(String(text)))
  return {
    id: String(row.id),
    at: isoTime(String(row.at)),
    subjectKind: subjectKindOf(row.subject_kind),
    org: String(row.org),
    actor: String(row.actor),
    sessionId: row.session_id === '' ? null : String(row.session_id),
    action: String(row.action),
    subject: String(row.subject),
    reason: row.reason === null ? null : String(row.reason),
    old: fields(row.old),
    new: fields(row.new),
  }
}
