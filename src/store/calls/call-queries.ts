import { DAY_MS } from '../../evidence/day.ts'
import type { StoreClient } from '../client/client.ts'
import {
  allOf,
  type CallFilter,
  type Condition,
  filterCondition,
  type Position,
  pageCondition,
  time,
} from './call-filter.ts'
import { createdAtOf, LATEST_MS } from './call-id.ts'
import { CALL_COLUMNS, type CallRecord, toCallRecord } from './call-row.ts'

type Order = 'desc' | 'asc'

export interface ListCalls extends CallFilter {
  readonly org: string
  /** By creation and id: `desc`, the newest first (default), or `asc`. */
  readonly order?: Order | undefined
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

export function createCallQueries({
  client,
  retentionDaysOf,
  nowMs = Date.now,
}: CallQueriesOptions): CallQueries {
  const keptSinceMs = (org: string) => nowMs() - retentionDaysOf(org) * DAY_MS

  /**
   * Every call: the sorting key is read until the page is full, and of the rows of one call, which
   * lie together, the newest is taken here. To let the store do so costs as much as the page.
   */
  async function page({ matching, order, limit }: PageQuery): Promise<Page> {
    const asked = limit + ROWS_REPLACED
    const read = await client.rows({
      ...PAGE(matching.sql, order),
      params: { ...matching.params, limit: asked },
    })
    const calls = newestOfEach(read)
    // Rows of the last call may lie beyond the end.
    if (read.length === asked && calls.length > 1) calls.pop()
    const last = calls.at(-1)
    return {
      rows: calls.filter(({ outcome }) => outcome !== 'erased'),
      end: read.length < asked || last === undefined ? undefined : toPosition(last),
    }
  }

  /**
   * Calls that meet a filter: first where they are, without FINAL, which would merge the whole
   * range; then the newest rows of just these, which must meet it too.
   */
  async function filteredPage({ matching, order, limit, these }: PageQuery): Promise<Page> {
    const keys = await client.rows({
      ...PAGE_KEYS(matching.sql, order),
      params: { ...matching.params, limit },
    })
    const positions = keys.map(toPosition)
    if (positions.length === 0) return { rows: [], end: undefined }
    const condition = these(positions)
    const rows = await client.rows({
      ...PAGE_ROWS(condition.sql, order),
      params: condition.params,
    })
    return { rows, end: positions.length < limit ? undefined : positions.at(-1) }
  }

  return {
    async listCalls({ org, order = 'desc', before, after, limit, ...filter }) {
      const found: CallRecord[] = []
      if ((filter.fromMs ?? 0) > LATEST_MS) return found
      const range = {
        fromMs: Math.max(filter.fromMs ?? 0, keptSinceMs(org), after?.createdAtMs ?? 0),
        toMs: Math.min(upperBound(filter.toMs), upperBound(before && before.createdAtMs + 1)),
      }
      const wanted = filterCondition(filter)
      for (let last = order === 'desc' ? before : after; ; ) {
        const rest = order === 'desc' ? ([last, after] as const) : ([before, last] as const)
        const matching = allOf([ofOrg(org), pageCondition(range, ...rest), wanted])
        const missing = limit - found.length
        const { rows, end } = await (wanted.sql === EVERY_CALL ? page : filteredPage)({
          matching,
          order,
          limit: missing,
          these: (positions) => allOf([ofOrg(org), atPositions(positions), wanted]),
        })
        found.push(...rows.map(toCallRecord))
        // Erased calls, and those whose newest row does not meet the filter, leave gaps: they are
        // filled from where the page ended.
        if (end === undefined || found.length >= limit) return found.slice(0, limit)
        last = end
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
/** All of one direction, as the sorting key can be read. */
const ORDER_BY: Readonly<Record<Order, string>> = {
  desc: 'ORDER BY org DESC, created_at DESC, record_id DESC',
  asc: 'ORDER BY org, created_at, record_id',
}
const ONE_CALL = `org = {org:String} AND created_at = ${time('created_ms')} AND record_id = {id:UUID}`

const EVERY_CALL = allOf([]).sql
/** What no index finds must not read for longer than anyone waits: it is 503 `too_wide`. */
const SETTINGS = { optimize_read_in_order: 1, max_execution_time: 5 } as const
const AT = 'toUnixTimestamp64Milli(created_at) AS at_ms'

/** More rows than calls: some calls have rows that a newer one has replaced. */
const ROWS_REPLACED = 16

const PAGE = (condition: string, order: Order) => ({
  tag: 'calls:page',
  sql: `SELECT ${COLUMNS}, ${AT}, toString(version) AS version_text FROM calls_settled
    WHERE ${condition} ${ORDER_BY[order]} LIMIT {limit:UInt32}`,
  settings: SETTINGS,
})
const PAGE_KEYS = (condition: string, order: Order) => ({
  tag: 'calls:page:keys',
  sql: `SELECT record_id, ${AT} FROM calls_settled
    WHERE ${condition} AND outcome != 'erased' ${ORDER_BY[order]} LIMIT 1 BY created_at, record_id LIMIT {limit:UInt32}`,
  settings: SETTINGS,
})
const PAGE_ROWS = (condition: string, order: Order) => ({
  tag: 'calls:list',
  sql: `SELECT ${COLUMNS} FROM calls_settled FINAL WHERE ${condition} AND outcome != 'erased' ${ORDER_BY[order]}`,
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

interface PageQuery {
  readonly matching: Condition
  readonly order: Order
  readonly limit: number
  readonly these: (positions: readonly Position[]) => Condition
}

interface Page {
  readonly rows: readonly Row[]
  /** Where the next one begins; undefined where nothing follows. */
  readonly end: Position | undefined
}

type Row = Record<string, unknown>

/** In the order of `rows`. */
function newestOfEach(rows: readonly Row[]): Row[] {
  const newest = new Map<unknown, Row>()
  for (const row of rows) {
    const other = newest.get(row.record_id)
    if (other === undefined || versionOf(other) < versionOf(row)) newest.set(row.record_id, row)
  }
  return [...newest.values()]
}

const versionOf = ({ version_text }: Row): bigint => BigInt(String(version_text))

function toPosition({ at_ms, record_id }: Row): Position {
  return { createdAtMs: Number(at_ms), recordId: String(record_id) }
}

/** The bounds on time are what the engine finds the rows by. */
function atPositions(positions: readonly Position[]): Condition {
  return {
    sql: `created_at BETWEEN ${time('oldest_ms')} AND ${time('newest_ms')} AND record_id IN {ids:Array(UUID)}`,
    params: {
      oldest_ms: Math.min(...positions.map(({ createdAtMs }) => createdAtMs)),
      newest_ms: Math.max(...positions.map(({ createdAtMs }) => createdAtMs)),
      ids: positions.map(({ recordId }) => recordId),
    },
  }
}

/** Asked for a later time than the engine knows, no call is left out. */
function upperBound(ms: number | undefined): number {
  return ms === undefined || ms > LATEST_MS ? Number.POSITIVE_INFINITY : ms
}
