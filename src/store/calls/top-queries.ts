import { DAY_MS } from '../../evidence/day.ts'
import type { StoreClient } from '../client/client.ts'
import { BOUNDED_READ } from './bounded-read.ts'
import { allOf, type CallFilter, filterCondition, pageCondition } from './call-filter.ts'
import { LATEST_MS } from './call-id.ts'
import { CALL_COLUMNS, type CallRecord, toCallRecord } from './call-row.ts'

/** What calls can be the highest of, and its column. */
const TOP_COLUMNS = {
  costUsd: 'cost_usd',
  latencyMs: 'latency_ms',
  totalTokens: 'total_tokens',
} as const
export type TopBy = keyof typeof TOP_COLUMNS
export const TOP_BY = Object.keys(TOP_COLUMNS) as readonly TopBy[]

interface TopQuery {
  readonly org: string
  readonly by: TopBy
  /** Inclusive. */
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
  /** Its `fromMs` and `toMs` are not looked at. */
  readonly filter: CallFilter
  readonly limit: number
}

export interface TopQueries {
  /**
   * The calls with the highest values, highest first; calls whose value is not known are not among
   * them. Rejects with ClickHouse's TIMEOUT_EXCEEDED after five seconds.
   */
  topCalls(query: TopQuery): Promise<readonly CallRecord[]>
}

interface TopQueriesOptions {
  readonly client: StoreClient
  readonly retentionDaysOf: (org: string) => number
  readonly nowMs?: () => number
}

export function createTopQueries({
  client,
  retentionDaysOf,
  nowMs = Date.now,
}: TopQueriesOptions): TopQueries {
  return {
    async topCalls({ org, by, fromMs, toMs, filter, limit }) {
      const keptSinceMs = Math.ceil(nowMs() - retentionDaysOf(org) * DAY_MS)
      const window = {
        fromMs: Math.max(fromMs, keptSinceMs, 0),
        toMs: Math.min(toMs, LATEST_MS),
      }
      if (window.fromMs >= window.toMs) return []
      const condition = allOf([
        { sql: 'org = {org:String}', params: { org } },
        pageCondition(window, undefined),
        { sql: `outcome != 'erased' AND ${TOP_COLUMNS[by]} IS NOT NULL`, params: {} },
        filterCondition(filter),
      ])
      const order = `ORDER BY ${TOP_COLUMNS[by]} DESC, created_at DESC, record_id DESC LIMIT {limit:UInt32}`
      // Keys first: the many columns of a record are read of those alone that are shown.
      const rows = await client.rows({
        tag: `calls:top:${by}`,
        sql: `SELECT ${CALL_COLUMNS.join(', ')} FROM calls_settled FINAL WHERE ${condition.sql}
          AND (created_at, record_id) IN (SELECT created_at, record_id FROM calls_settled FINAL WHERE ${condition.sql} ${order}) ${order}`,
        params: { ...condition.params, limit },
        settings: BOUNDED_READ,
      })
      return rows.map(toCallRecord)
    },
  }
}
