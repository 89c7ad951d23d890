import { time } from '../calls/call-filter.ts'
import { createdAtOf } from '../calls/call-id.ts'
import type { StoreClient } from '../client/client.ts'

/** What evidence knows of the text of one call. */
interface CallContent {
  readonly createdAtMs: number
  /** The call is still open: its text is not all there. */
  readonly open: boolean
  readonly promptCapture: boolean | null
  readonly contentKey: string | null
  readonly contentSha256: string | null
  readonly contentGap: string | null
  /** Delivery has put the very object that `contentSha256` is of into the content store. */
  readonly stored: boolean
}

export interface ContentQueries {
  /** Null where this organisation has no such call. */
  findContent(query: {
    readonly org: string
    readonly requestId: string
  }): Promise<CallContent | null>
}

export function createContentQueries(client: StoreClient): ContentQueries {
  return {
    async findContent({ org, requestId }) {
      const createdAtMs = createdAtOf(requestId)
      if (createdAtMs === null) return null
      const [row] = await client.rows({
        tag: 'content:find',
        sql: `SELECT outcome IS NULL AS open, prompt_capture, content_key, content_sha256, content_gap, content_stored FROM calls_folded
          WHERE org = {org:String} AND created_at = ${time('created_ms')} AND record_id = {id:UUID}`,
        params: { org, created_ms: createdAtMs, id: requestId },
      })
      if (row === undefined) return null
      const text = (value: unknown) => (typeof value === 'string' ? value : null)
      return {
        createdAtMs,
        open: Boolean(row.open),
        promptCapture: typeof row.prompt_capture === 'boolean' ? row.prompt_capture : null,
        contentKey: text(row.content_key),
        contentSha256: text(row.content_sha256),
        contentGap: text(row.content_gap),
        stored: Boolean(row.content_stored),
      }
    },
  }
}
