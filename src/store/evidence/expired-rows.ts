import { time } from '../calls/call-filter.ts'
import type { StoreClient } from '../client/client.ts'

/**
 * Takes rows whose time is over off the disk. Queries already hide expired rows, by the retention
 * setting; this frees the disk.
 */
export interface ExpiredRows {
  /**
   * Of one organisation, calls created before (the begin of a day); resolves to whether there were
   * any, when they are gone.
   */
  remove(org: string, beforeMs: number): Promise<boolean>
}

/** Tables and when what is in a row was created; sums end with their calls. */
const TABLES = [
  ['evidence', 'created_at'],
  ['calls_settled', 'created_at'],
  ['calls_quarter', 'quarter'],
  ['calls_hour', 'hour'],
] as const

export function createExpiredRows(client: StoreClient): ExpiredRows {
  return {
    async remove(org, beforeMs) {
      let removed = false
      for (const [table, created] of TABLES) {
        const condition = {
          sql: `org = {org:String} AND ${created} < ${time('before_ms')}`,
          params: { org, before_ms: beforeMs },
        }
        // A mutation rewrites whole parts: only where there is something to remove.
        const rows = await client.rows({
          tag: `expired:left:${table}`,
          sql: `SELECT 1 FROM ${table} WHERE ${condition.sql} LIMIT 1`,
          params: condition.params,
        })
        if (rows.length === 0) continue
        await client.run({
          tag: `expired:remove:${table}`,
          sql: `ALTER TABLE ${table} DELETE WHERE ${condition.sql}`,
          params: condition.params,
          settings: { mutations_sync: '2' },
        })
        removed = true
      }
      return removed
    },
  }
}
