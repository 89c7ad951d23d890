import { DAY_MS } from '../../evidence/day.ts'
import type { StoreClient } from '../client/client.ts'
import {
  allOf,
  type CallFilter,
  type Condition,
  filterCondition,
  pageCondition,
  time,
} from './call-filter.ts'
import { createdAtOf, LATEST_MS } from './call-id.ts'
import { CALL_COLUMNS, type CallRecord, toCallRecord } from './call-row.ts'

export interface ListCalls extends CallFilter {
  readonly org: string
  /** Position of the last row of the page before: only older calls are listed. */
  readonly before?: { readonly createdAtMs: number; readonly recordId: string } | undefined
  readonly limit: number
}

/** Reads audit records. Everything is asked for one organisation: no query can see two. */
export interface CallQueries {
  /** Newest first by creation and id, at most `limit`; calls that are still open are not listed. */
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

type Position = NonNullable<ListCalls['before']>

export function createCallQueries({
  client,
  retentionDaysOf,
  nowMs = Date.now,
}: CallQueriesOptions): CallQueries {
  const keptSinceMs = (org: string) => nowMs() - retentionDaysOf(org) * DAY_MS

  return {
    async listCalls({ org, before, limit, ...filter }) {
      const found: CallRecord[] = []
      if ((filter.fromMs ?? 0) > LATEST_MS) return found
      const range = {
        fromMs: Math.max(filter.fromMs ?? 0, keptSinceMs(org), 0),
        toMs: Math.min(upperBound(filter.toMs), upperBound(before && before.createdAtMs + 1)),
      }
      const wanted = filterCondition(filter)
      for (let last = before; ; ) {
        const matching = allOf([ofOrg(org), pageCondition(range, last), wanted])
        const missing = limit - found.length
        const keys = await client.rows({
          tag: 'calls:page',
          sql: PAGE_KEYS(matching.sql),
          params: { ...matching.params, limit: missing },
          settings: { optimize_read_in_order: 1 },
        })
        const positions = keys.map(toPosition)
        if (positions.length > 0) {
          const these = allOf([ofOrg(org), atPositions(positions), wanted])
          const rows = await client.rows({ ...PAGE_ROWS(these.sql), params: these.params })
          found.push(...rows.map(toCallRecord))
        }
        // Of a row that a newer one replaced since, only the newer one counts: then the page is
        // filled up from where it ended.
        last = positions.at(-1)
        if (positions.length < missing || found.length >= limit) return found
      }
    },

    async findCall({ org, requestId }) {
      const createdAtMs = createdAtOf(requestId)
      if (createdAtMs === null || createdAtMs < keptSinceMs(org)) return null
      const call = { org, created_ms: createdAtMs, id: requestId }
      const [settled] = await client.rows({ ...SETTLED_CALL, params: call })
      if (settled !== undefined) return settled.outcome === 'erased' ? null : toCallRecord(settled)
      // Open, or its evidence has just come.
      const [row] = await client.rows({ ...FOLDED_CALL, params: call })
      if (row === undefined) return null
      return row.outcome === null ? 'in_progress' : toCallRecord(row)
    },
  }
}

const COLUMNS = CALL_COLUMNS.join(', ')
const NEWEST_FIRST = 'ORDER BY org DESC, created_at DESC, record_id DESC'
const ONE_CALL = `org = {org:String} AND created_at = ${time('created_ms')} AND record_id = {id:UUID}`

/**
 * The sorting key is read from its end until the page is full, without FINAL, which would merge the
 * whole range first: rows that a newer one has replaced are among these.
 */
const PAGE_KEYS = (condition: string) =>
  `SELECT toUnixTimestamp64Milli(created_at) AS ms, toString(record_id) AS id FROM calls_settled
  WHERE ${condition} AND outcome != 'erased' ${NEWEST_FIRST} LIMIT 1 BY created_at, record_id LIMIT {limit:UInt32}`
const PAGE_ROWS = (condition: string) => ({
  tag: 'calls:list',
  sql: `SELECT ${COLUMNS} FROM calls_settled FINAL WHERE ${condition} AND outcome != 'erased' ${NEWEST_FIRST}`,
  settings: { do_not_merge_across_partitions_select_final: 1 as const },
})
const SETTLED_CALL = {
  tag: 'calls:find',
  sql: `SELECT ${COLUMNS} FROM calls_settled FINAL WHERE ${ONE_CALL}`,
}
const FOLDED_CALL = {
  tag: 'calls:find:folded',
  sql: `SELECT ${COLUMNS} FROM calls_folded WHERE ${ONE_CALL}`,
}

const ofOrg = (org: string): Condition => ({ sql: 'org = {org:String}', params: { org } })

function toPosition({ ms, id }: Record<string, unknown>): Position {
  return { createdAtMs: Number(ms), recordId: String(id) }
}

/** Newest first. The bounds on time are what the engine finds the rows by. */
function atPositions(positions: readonly Position[]): Condition {
  return {
    sql: `created_at BETWEEN ${time('oldest_ms')} AND ${time('newest_ms')} AND record_id IN {ids:Array(UUID)}`,
    params: {
      oldest_ms: positions.at(-1)?.createdAtMs ?? 0,
      newest_ms: positions[0]?.createdAtMs ?? 0,
      ids: positions.map(({ recordId }) => recordId),
    },
  }
}

/** Asked for a later time than the engine knows, no call is left out. */
function upperBound(ms: number | undefined): number {
  return ms === undefined || ms > LATEST_MS ? Number.POSITIVE_INFINITY : ms
}
