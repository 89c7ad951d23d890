import { DAY_MS } from '../../evidence/day.ts'
import { createdAtMs } from '../../evidence/record-id.ts'
import { time } from '../calls/call-filter.ts'
import { isoTime } from '../calls/call-row.ts'
import type { StoreClient } from '../client/client.ts'

/** One read of a prompt, or of an attachment of it. */
interface PromptRead {
  readonly id: string
  /** ISO 8601 with microseconds, UTC. */
  readonly at: string
  /** Id of the key that read. */
  readonly actor: string
  readonly reason: string | null
  /** SHA-256 of the attachment; null where the prompt was read. */
  readonly attachment: string | null
}

interface ReadsOf {
  readonly org: string
  /** Of a record that there is. */
  readonly requestId: string
}

/** Who read the prompt of a record, out of the events. */
export interface PromptReads {
  countReads(record: ReadsOf): Promise<number>
  /** Newest first. */
  listReads(
    query: ReadsOf & {
      readonly before?: { readonly at: string; readonly id: string } | undefined
      readonly limit: number
    },
  ): Promise<readonly PromptRead[]>
}

const READS = `subject_kind = 'record' AND org = {org:String} AND at >= ${time('from_ms')}
  AND subject = {id:String} AND action IN ('prompt.read', 'attachment.read')`
/** As text, ids of one moment stand in the order they were made. */
const NEWEST = '(at, toString(id))'

export function createPromptReads(client: Pick<StoreClient, 'rows'>): PromptReads {
  const paramsOf = ({ org, requestId }: ReadsOf) => ({
    org,
    id: requestId,
    // No one read it before there was a call; clocks of two machines may differ.
    from_ms: createdAtMs(requestId) - DAY_MS,
  })
  return {
    async countReads(record) {
      const [row] = await client.rows({
        tag: 'prompts:count-reads',
        sql: `SELECT count() AS reads FROM identity_events WHERE ${READS}`,
        params: paramsOf(record),
      })
      return Number(row?.reads ?? 0)
    },
    async listReads({ before, limit, ...record }) {
      const page =
        before === undefined
          ? { sql: '', params: {} }
          : {
              sql: `AND ${NEWEST} < (parseDateTime64BestEffort({before_at:String}, 6, 'UTC'), {before_id:String})`,
              params: { before_at: before.at, before_id: before.id },
            }
      const rows = await client.rows({
        tag: 'prompts:list-reads',
        sql: `SELECT at, id, actor, reason, JSONExtractString(new, 'sha256') AS attachment FROM identity_events
          WHERE ${READS} ${page.sql} ORDER BY ${NEWEST} DESC LIMIT {limit:UInt32}`,
        params: { ...paramsOf(record), ...page.params, limit },
      })
      return rows.map((row) => ({
        id: String(row.id),
        at: isoTime(String(row.at)),
        actor: String(row.actor),
        reason: row.reason === null ? null : String(row.reason),
        attachment: row.attachment === '' ? null : String(row.attachment),
      }))
    },
  }
}
