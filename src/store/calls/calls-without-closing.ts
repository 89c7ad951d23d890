import type { StoreClient } from '../client/client.ts'
import { BY_CALLS, byCalls } from '../evidence/by-calls.ts'
import { END_ROWS } from '../evidence/end-kinds.ts'

/**
 * Of which of these calls ClickHouse does not know the end: asked by delivery/access-log-tail.ts.
 */
export function createCallsWithoutClosing(client: StoreClient) {
  return async (
    calls: ReadonlyArray<{ readonly org: string; readonly recordId: string }>,
  ): Promise<ReadonlySet<string>> => {
    if (calls.length === 0) return new Set()
    const params = byCalls(calls)
    const rows = await client.rows({
      tag: 'access-log:closings',
      sql: `SELECT DISTINCT record_id FROM evidence
        WHERE ${BY_CALLS} AND kind IN ${END_ROWS}`,
      params,
    })
    const closed = new Set(rows.map((row) => String(row.record_id)))
    return new Set(params.ids.filter((id) => !closed.has(id)))
  }
}
