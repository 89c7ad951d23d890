import { createdAtMs as createdAtMsOf } from '../evidence/record-id.ts'
import type { StoreClient } from './client.ts'

/** Which of these calls ClickHouse has no word of the end of: the question of the witness (delivery/witness-tail.ts). */
export function createCallsWithoutClosing(client: StoreClient) {
  return async (calls: ReadonlyArray<{ readonly org: string; readonly recordId: string }>): Promise<ReadonlySet<string>> => {
    const ids = calls.map(({ recordId }) => recordId)
    const createdAtMs = ids.map(createdAtMsOf)
    const rows = await client.rows({
      tag: 'witness:closings',
      sql: `SELECT DISTINCT record_id FROM evidence
        WHERE org IN {orgs:Array(String)} AND created_at BETWEEN fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND fromUnixTimestamp64Milli({to:Int64}, 'UTC')
          AND record_id IN {ids:Array(UUID)} AND kind IN ('closing', 'witness')`,
      params: { orgs: [...new Set(calls.map(({ org }) => org))], from: Math.min(...createdAtMs), to: Math.max(...createdAtMs), ids },
    })
    const closed = new Set(rows.map((row) => String(row.record_id)))
    return new Set(ids.filter((id) => !closed.has(id)))
  }
}
