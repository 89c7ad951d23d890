import { DAY_MS } from '../../evidence/day.ts'
import type { StoreClient } from '../client/client.ts'
import {
  allOf,
  type CallFilter,
  filterCondition,
  type Position,
  pageCondition,
  time,
} from './call-filter.ts'
import { createdAtOf, LATEST_MS } from './call-id.ts'
import { CALL_COLUMNS, type CallRecord, toCallRecord } from './call-row.ts'
import { type PageWindow, pageWindows } from './page-windows.ts'

export interface ListCalls extends CallFilter {
  readonly org: string
  /** By creation and id: `desc`, the newest first (default), or `asc`. */
  readonly order?: 'desc' | 'asc' | undefined
  /** Only older calls are listed; where the order is `desc`, the last row of the page before. */
  readonly before?: Position | undefined
  /** Only newer calls are listed; where the order is `asc`, the last row of the page before. */
  readonly after?: Position | undefined
  readonly limit: number
}

/** Reads audit records. Everything is asked for one organisation: no query can see two. */
export interface CallQueries {
  /** In the query's order, at most `limit`; calls that are still open are not listed. */
  listCalls(query: ListCalls): Promise<readonly CallRecord[]>
  /** Null where this organisation has no such call, also when another one has. */
  findCall(query: {
    readonly org: string
    readonly requestId: string
  }): Promise<CallRecord | 'in_progress' | null>
}

interface CallQueriesOptions {
  readonly client: StoreClient
  /**
   * How long records of an organisation are kept: older ones are gone, whether or not they are
   * still on disk.
   */
  readonly retentionDaysOf: (org: string) => number
  readonly nowMs?: () => number
}

/**
 * The border only moves forward and an older one is right too (it folds more than it must): no need
 * to ask for each page.
 */
const BORDER_TTL_MS = 30_000

export function createCallQueries({
  client,
  retentionDaysOf,
  nowMs = Date.now,
}: CallQueriesOptions): CallQueries {
  let border = { ms: 0, readAtMs: Number.NEGATIVE_INFINITY }

  const keptSinceMs = (org: string) => nowMs() - retentionDaysOf(org) * DAY_MS

  async function settledBefore(): Promise<number> {
    if (nowMs() - border.readAtMs < BORDER_TTL_MS) return border.ms
    const [row] = await client.rows({
      tag: 'calls:border',
      sql: 'SELECT toUnixTimestamp64Milli(max(border)) AS ms FROM settlement',
    })
    border = { ms: Number(row?.ms ?? 0), readAtMs: nowMs() }
    return border.ms
  }

  /** Reads the sorting key from its end: as many rows as asked for, however long the history. */
  async function nthNewest(org: string, window: PageWindow, calls: number): Promise<number | null> {
    const { table, rowsPerCall } = SOURCES[window.source]
    const condition = pageCondition(window, undefined)
    const [row] = await client.rows({
      tag: `calls:window:${window.source}`,
      sql: `SELECT toUnixTimestamp64Milli(created_at) AS ms FROM ${table} WHERE org = {org:String} AND ${condition.sql}
        ORDER BY org DESC, created_at DESC LIMIT 1 OFFSET {offset:UInt64}`,
      params: { ...condition.params, org, offset: calls * rowsPerCall - 1 },
      settings: { optimize_read_in_order: 1 },
    })
    return row === undefined ? null : Number(row.ms)
  }

  /** Settled calls are all older than live ones: each side is read from its beginning. */
  async function oldestFirst({ org, before, after, limit, order: _, ...filter }: ListCalls) {
    const found: CallRecord[] = []
    const [fromMs, toMs] = [
      Math.max(filter.fromMs ?? 0, keptSinceMs(org), after?.createdAtMs ?? 0, 0),
      Math.min(upperBound(filter.toMs), upperBound(before && before.createdAtMs + 1)),
    ]
    if (fromMs > LATEST_MS) return found
    const borderMs = await settledBefore()
    const sides: readonly PageWindow[] = [
      { source: 'settled', fromMs, toMs: Math.min(toMs, borderMs) },
      { source: 'live', fromMs: Math.max(fromMs, borderMs), toMs },
    ]
    for (const side of sides) {
      if (side.fromMs >= side.toMs || found.length >= limit) continue
      const condition = allOf([
        { sql: 'org = {org:String}', params: { org } },
        pageCondition(side, before, after),
        filterCondition(filter),
      ])
      const rows = await client.rows({
        tag: `calls:list:asc:${side.source}`,
        sql: `SELECT ${CALL_COLUMNS.join(', ')} FROM ${SOURCES[side.source].records} AND ${condition.sql} ORDER BY created_at, record_id LIMIT {limit:UInt32}`,
        params: { ...condition.params, limit: limit - found.length },
        settings: { do_not_merge_across_partitions_select_final: 1 },
      })
      found.push(...rows.map(toCallRecord))
    }
    return found
  }

  return {
    async listCalls(query) {
      if (query.order === 'asc') return oldestFirst(query)
      const { org, before, after, limit, order: _, ...filter } = query
      const found: CallRecord[] = []
      if ((filter.fromMs ?? 0) > LATEST_MS) return found
      const wanted = filterCondition(filter)
      const windows = pageWindows({
        fromMs: Math.max(filter.fromMs ?? 0, keptSinceMs(org), after?.createdAtMs ?? 0, 0),
        toMs: Math.min(upperBound(filter.toMs), upperBound(before && before.createdAtMs + 1)),
        borderMs: await settledBefore(),
        // Twice the page: open calls are not listed, and evidence comes in more rows than a call's
        // three.
        calls: limit * 2,
        nthNewest: (window, calls) => nthNewest(org, window, calls),
      })
      for await (const window of windows) {
        if (found.length >= limit) break
        const condition = allOf([
          { sql: 'org = {org:String}', params: { org } },
          pageCondition(window, before, after),
          wanted,
        ])
        const rows = await client.rows({
          tag: `calls:list:${window.source}`,
          sql: `SELECT ${CALL_COLUMNS.join(', ')} FROM ${SOURCES[window.source].records} AND ${condition.sql} ORDER BY created_at DESC, record_id DESC LIMIT {limit:UInt32}`,
          params: { ...condition.params, limit: limit - found.length },
          settings: { do_not_merge_across_partitions_select_final: 1 },
        })
        found.push(...rows.map(toCallRecord))
      }
      return found
    },

    async findCall({ org, requestId }) {
      const createdAtMs = createdAtOf(requestId)
      if (createdAtMs === null || createdAtMs < keptSinceMs(org)) return null
      // Always folded, also in settled hours: one call is cheap, and late evidence is seen at once.
      const [row] = await client.rows({
        tag: 'calls:find',
        sql: `SELECT ${CALL_COLUMNS.join(', ')} FROM calls_folded WHERE org = {org:String} AND created_at = ${time('created_ms')} AND record_id = {id:UUID}`,
        params: { org, created_ms: createdAtMs, id: requestId },
      })
      if (row === undefined) return null
      return row.outcome === null ? 'in_progress' : toCallRecord(row)
    },
  }
}

const SOURCES = {
  live: { records: 'calls_folded WHERE outcome IS NOT NULL', table: 'evidence', rowsPerCall: 3 },
  settled: {
    records: `calls_settled FINAL WHERE outcome != 'erased'`,
    table: 'calls_settled',
    rowsPerCall: 1,
  },
} as const

/** Asked for a later time than the engine knows, no call is left out. */
function upperBound(ms: number | undefined): number {
  return ms === undefined || ms > LATEST_MS ? Number.POSITIVE_INFINITY : ms
}
