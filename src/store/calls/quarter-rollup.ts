import type { StoreClient } from '../client/client.ts'
import { oncePerShard } from '../client/once-per-shard.ts'
import { time } from './call-filter.ts'
import { sumUpHours } from './hour-rollup.ts'
import {
  HISTOGRAMS,
  HOUR,
  QUARTER,
  QUARTER_OF_RECORD,
  stepOf,
  TOKEN_COLUMNS,
} from './rollup-columns.ts'

export interface QuarterRollup {
  /**
   * Run it about once a minute, by one process or several: it may die anywhere and be run by many
   * at once, and costs one look at the newest rows when nothing came.
   */
  run(): Promise<{
    /** Quarters of organisations that were summed up. */
    readonly quarters: number
  }>
}

interface QuarterRollupOptions {
  readonly client: StoreClient
  /** Milliseconds since the epoch. Default: the store's clock, which `ingested_at` is from. */
  readonly clock?: () => number
}

/**
 * A row gets its `ingested_at` when its insert begins and is seen when the insert ends: until then a
 * quarter is not final. Summaries read the records of such a quarter, so that summing it up any
 * earlier would be of no use.
 */
export const QUIET_MS = 120_000
/** Remembering costs a part on disk each time. */
const LONGEST_LAG_MS = 1_800_000
/** Records summed up by one statement. */
const BATCH_ROWS = 400_000
const BATCH_QUARTERS = 4_000

interface Touched {
  readonly org: string
  readonly quarterMs: number
  readonly rows: number
}

/**
 * Sums up the records of each quarter of an hour in `calls_quarter`, and the quarters of each hour
 * in `calls_hour`, again whenever a record was written again: late evidence, a new price, an erasure.
 *
 * A quarter is summed up once it has been quiet for QUIET_MS. Rows that are written after the look
 * of a run are younger than its watermark less QUIET_MS, so the next run finds them, and until it
 * does, a summary takes that quarter from the records.
 */
export function createQuarterRollup({ client, clock }: QuarterRollupOptions): QuarterRollup {
  return {
    async run() {
      const done = await oncePerShard(client, (shard) =>
        createShardRollup({ client: shard, ...(clock === undefined ? {} : { clock }) }).run(),
      )
      return { quarters: done.reduce((sum, { quarters }) => sum + quarters, 0) }
    },
  }
}

/** Each shard has the sums of its own records; a summary adds them up. */
function createShardRollup({ client, clock }: QuarterRollupOptions): QuarterRollup {
  return {
    async run() {
      const [state] = await client.rows({ tag: 'rollup:state', sql: STATE })
      const watermarkMs = Number(state?.watermark)
      const nowMs = clock?.() ?? Number(state?.now)
      const quietMs = nowMs - QUIET_MS
      const rows = await client.rows({
        tag: 'rollup:touched',
        sql: TOUCHED,
        params: { since_ms: Math.max(0, watermarkMs - QUIET_MS) },
      })
      const quiet = rows
        .filter(({ newest }) => Number(newest) < quietMs)
        .map(
          (row): Touched => ({
            org: String(row.org),
            quarterMs: Number(row.quarter) * 1_000,
            rows: Number(row.rows),
          }),
        )
      for (const batch of batches(quiet)) await sumUp(client, batch)
      await sumUpHours(client, hoursOf(quiet))
      // With a quarter that is not quiet yet the watermark need not follow: it would be looked at
      // again in any case.
      if (quiet.length > 0 || nowMs - watermarkMs > LONGEST_LAG_MS)
        await client.run({ tag: 'rollup:remember', sql: REMEMBER, params: { now_ms: nowMs } })
      return { quarters: quiet.length }
    },
  }
}

const STATE = `SELECT toUnixTimestamp64Milli(max(watermark)) AS watermark,
  toUnixTimestamp64Milli(now64(3, 'UTC')) AS now FROM quarters_rolled`

const TOUCHED = `SELECT org, toUnixTimestamp(${QUARTER_OF_RECORD}) AS quarter, count() AS rows,
    toUnixTimestamp64Milli(max(ingested_at)) AS newest
  FROM calls_settled WHERE ingested_at >= ${time('since_ms')} GROUP BY org, quarter ORDER BY quarter, org`

const REMEMBER = `INSERT INTO quarters_rolled (name, watermark, version)
  SELECT 'calls', ${time('now_ms')}, toUInt64(toUnixTimestamp64Micro(now64(6, 'UTC')))`

function hoursOf(quarters: readonly Touched[]): readonly { org: string; hourMs: number }[] {
  const hours = quarters.map(({ org, quarterMs }) => ({
    org,
    hourMs: Math.floor(quarterMs / HOUR.lengthMs) * HOUR.lengthMs,
  }))
  return [...new Map(hours.map((hour) => [`${hour.hourMs} ${hour.org}`, hour])).values()]
}

/** Neighbours in time share a statement. */
function batches(quarters: readonly Touched[]): readonly (readonly Touched[])[] {
  const all: Touched[][] = []
  let rows = 0
  for (const quarter of quarters) {
    const open = all.at(-1)
    if (open === undefined || open.length === BATCH_QUARTERS || rows + quarter.rows > BATCH_ROWS) {
      all.push([quarter])
      rows = quarter.rows
    } else {
      open.push(quarter)
      rows += quarter.rows
    }
  }
  return all
}

async function sumUp(client: StoreClient, batch: readonly Touched[]): Promise<void> {
  const times = batch.map(({ quarterMs }) => quarterMs)
  await client.run({
    tag: 'rollup:quarters',
    sql: SUM_UP,
    params: {
      orgs: [...new Set(batch.map(({ org }) => org))],
      from_ms: Math.min(...times),
      to_ms: Math.max(...times) + QUARTER.lengthMs,
      quarters: batch.map(({ org, quarterMs }) => `${quarterMs / 1_000} ${org}`),
    },
    settings: { do_not_merge_across_partitions_select_final: 1 },
  })
}

const TOKENS = Object.values(TOKEN_COLUMNS)
const STEPS = Object.values(HISTOGRAMS)

/** What one group of a quarter holds: column of `calls_quarter`, and its value. */
const GROUP: readonly (readonly [column: string, value: string])[] = [
  ...QUARTER.dimensions.map((column): [string, string] => [column, `by_${column}`]),
  ['calls', 'count()'],
  ...TOKENS.map((column): [string, string] => [column, `sum(ifNull(${column}, 0))`]),
  ['cost_usd', 'sum(ifNull(cost_usd, 0))'],
  ...STEPS.flatMap(({ prefix, ofRecord }): [string, string][] => {
    const counted = `sumMap(if(${ofRecord} IS NULL, [], [${stepOf(ofRecord)}]), if(${ofRecord} IS NULL, [], [toUInt64(1)]))`
    return [
      [`${prefix}_steps`, `tupleElement(${counted}, 1)`],
      [`${prefix}_calls`, `tupleElement(${counted}, 2)`],
    ]
  }),
]

/** A quarter all of whose calls were erased gets an empty row, which replaces the earlier one. */
const SUM_UP = `INSERT INTO calls_quarter (org, quarter, ${GROUP.map(([column]) => `groups.${column}`).join(', ')}, version)
  SELECT org, quarter, ${GROUP.map((_, n) => `tupleElement(listed, ${n + 1})`).join(', ')}, toUInt64(toUnixTimestamp64Nano(now64(9, 'UTC')))
  FROM (
    SELECT org, quarter, groupArrayIf(summed, by_outcome != 'erased') AS listed
    FROM (
      SELECT org, quarter, ${QUARTER.dimensions.map((column) => `${column} AS by_${column}`).join(', ')},
        tuple(${GROUP.map(([, value]) => value).join(', ')}) AS summed
      FROM (SELECT *, ${QUARTER_OF_RECORD} AS quarter FROM calls_settled FINAL
        WHERE org IN {orgs:Array(String)} AND created_at >= ${time('from_ms')} AND created_at < ${time('to_ms')}
          AND concat(toString(toUnixTimestamp(${QUARTER_OF_RECORD})), ' ', org) IN {quarters:Array(String)})
      GROUP BY org, quarter, ${QUARTER.dimensions.map((column) => `by_${column}`).join(', ')}
    ) GROUP BY org, quarter
  )`
