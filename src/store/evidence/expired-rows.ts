import { time } from '../calls/call-filter.ts'
import type { StoreClient } from '../client/client.ts'
import { removeRows } from './remove-rows.ts'

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

/** Tables and when what is in a row was created; sums of a quarter end with the quarter's calls. */
const TABLES = [
  ['evidence', 'created_at'],
  ['calls_settled', 'created_at'],
  ['calls_quarter', 'quarter'],
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
        if (await removeRows(client, table, condition, 'expired')) removed = true
      }
      return removed
    },
  }
}
