import { LONGEST_OPEN_SECONDS } from '../../evidence/outcome.ts'
import type { StoreClient } from '../client/client.ts'
import { time } from './call-filter.ts'
import { CALL_COLUMNS } from './call-row.ts'
import { HOUR_MS, type Hour, type Slice, settleSlices } from './settle-slices.ts'

interface SettlerOptions {
  readonly client: StoreClient
  readonly nowMs?: () => number
}

interface Settlement {
  /** Calls before it are in `calls_settled`. */
  readonly borderMs: number
  /** Hours looked at in this run: newly closed ones and those that late evidence touched. */
  readonly hours: number
}

export interface Settler {
  /**
   * Run it every few seconds, by one process or several: it repeats nothing that is done and loses
   * nothing when it dies.
   */
  run(): Promise<Settlement>
}

/** Evidence on its way when a call has just become too old to be open. */
const SLACK_SECONDS = 60
/**
 * An insert gets its `ingested_at` when it begins and is seen when it ends: look that far back
 * behind the watermark.
 */
const OVERLAP_MS = 120_000
/** Remembering costs a part on disk, and its merges, each time. */
const LONGEST_LAG_MS = 1_800_000
/** Rows of evidence folded by one statement. */
const SLICE_ROWS = 400_000

/**
 * Copies the fold of closed hours into `calls_settled`, and again of hours that later evidence
 * touches. Only records whose fold is new are written, so that running it again changes nothing.
 */
export function createSettler({ client, nowMs = Date.now }: SettlerOptions): Settler {
  // What the hours in the overlap looked like when they were last settled: without it each run
  // would fold them again.
  let seen: ReadonlyMap<number, string> = new Map()

  return {
    async run() {
      const [state] = await client.rows({ tag: 'settle:state', sql: STATE })
      const [borderMs, watermarkMs, storeNowMs] = [
        Number(state?.border),
        Number(state?.watermark),
        Number(state?.now),
      ]
      // The fold asks the store's clock for a call's age, so an hour is closed only when both
      // clocks say so.
      const closedMs = (LONGEST_OPEN_SECONDS + SLACK_SECONDS) * 1_000
      const target = Math.max(
        borderMs,
        Math.floor((Math.min(nowMs(), storeNowMs) - closedMs) / HOUR_MS) * HOUR_MS,
      )

      const touched = await touchedHours(client, {
        borderMs,
        sinceMs: Math.max(0, watermarkMs - OVERLAP_MS),
      })
      const late = touched.filter(({ hourMs, fingerprint }) => seen.get(hourMs) !== fingerprint)
      const closed = await hoursBetween(client, borderMs, target)
      for (const slice of settleSlices(late, SLICE_ROWS)) await settleSlice(client, slice)
      for (const slice of settleSlices(closed, SLICE_ROWS)) {
        await settleSlice(client, slice)
        // The border follows, so that a long first run can be cut short; the watermark stays until
        // the run is over.
        if (slice.toMs % HOUR_MS === 0) await remember(client, slice.toMs, watermarkMs)
      }
      const isNews = target !== borderMs || late.length + closed.length > 0
      // The watermark of a store at rest may lag: it only says from where on arrivals are looked
      // through.
      if (isNews || storeNowMs - watermarkMs > LONGEST_LAG_MS)
        await remember(client, target, storeNowMs)
      seen = new Map(
        [...touched, ...closed].map(({ hourMs, fingerprint }) => [hourMs, fingerprint]),
      )
      return { borderMs: target, hours: late.length + closed.length }
    },
  }
}

const STATE = `SELECT toUnixTimestamp64Milli(max(border)) AS border, toUnixTimestamp64Milli(max(watermark)) AS watermark,
  toUnixTimestamp64Milli(now64(3, 'UTC')) AS now FROM settlement`

interface SeenHour extends Hour {
  /** Of all rows in the hour: any new one changes it. */
  readonly fingerprint: string
}

/**
 * Settled hours with evidence that arrived since: all their rows are counted, because all are
 * folded again.
 */
async function touchedHours(
  client: StoreClient,
  { borderMs, sinceMs }: { borderMs: number; sinceMs: number },
): Promise<readonly SeenHour[]> {
  const rows = await client.rows({
    tag: 'settle:touched',
    sql: `SELECT DISTINCT toUnixTimestamp(toStartOfHour(created_at)) AS hour FROM evidence
      WHERE created_at < ${time('border_ms')} AND ingested_at >= ${time('since_ms')}`,
    params: { border_ms: borderMs, since_ms: sinceMs },
  })
  const touched = new Set(rows.map(({ hour }) => Number(hour) * 1_000))
  if (touched.size === 0) return []
  const hours = await hoursBetween(client, Math.min(...touched), Math.max(...touched) + HOUR_MS)
  return hours.filter(({ hourMs }) => touched.has(hourMs))
}

async function hoursBetween(
  client: StoreClient,
  fromMs: number,
  toMs: number,
): Promise<readonly SeenHour[]> {
  if (fromMs >= toMs) return []
  const rows = await client.rows({
    tag: 'settle:hours',
    sql: `SELECT toUnixTimestamp(toStartOfHour(created_at)) AS hour, count() AS rows,
      toString(sum(cityHash64(record_id, kind, version, ingested_at))) AS fingerprint FROM evidence WHERE ${RANGE} GROUP BY hour ORDER BY hour`,
    params: { from_ms: fromMs, to_ms: toMs },
  })
  return rows.map(({ hour, rows: count, fingerprint }) => ({
    hourMs: Number(hour) * 1_000,
    rows: Number(count),
    fingerprint: String(fingerprint),
  }))
}

async function settleSlice(client: StoreClient, { fromMs, toMs }: Slice): Promise<void> {
  await client.run({ tag: 'settle:slice', sql: SETTLE, params: { from_ms: fromMs, to_ms: toMs } })
}

const RANGE = `created_at >= ${time('from_ms')} AND created_at < ${time('to_ms')}`
const COLUMNS = ['org', ...CALL_COLUMNS, 'version'].join(', ')
const ROW_VERSION = 'org, created_at, record_id, version'
const SETTLE = `INSERT INTO calls_settled (${COLUMNS}) SELECT ${COLUMNS} FROM calls_folded
  WHERE ${RANGE} AND outcome IS NOT NULL AND (${ROW_VERSION}) NOT IN (SELECT ${ROW_VERSION} FROM calls_settled WHERE ${RANGE})`

async function remember(client: StoreClient, borderMs: number, watermarkMs: number): Promise<void> {
  await client.run({
    tag: 'settle:remember',
    sql: `INSERT INTO settlement (name, border, watermark, version)
      SELECT 'calls', ${time('border_ms')}, ${time('watermark_ms')}, toUInt64(toUnixTimestamp64Micro(now64(6, 'UTC')))`,
    params: { border_ms: borderMs, watermark_ms: watermarkMs },
  })
}
