import { MAX_CALL_SECONDS, OBSERVATION_GRACE_SECONDS } from '../evidence/outcome.ts'
import { time } from './call-filter.ts'
import { CALL_COLUMNS } from './call-row.ts'
import type { StoreClient } from './client.ts'

interface SettlerOptions {
  readonly client: StoreClient
  readonly nowMs?: () => number
}

export interface Settlement {
  /** Calls before it are in `calls_settled`. */
  readonly borderMs: number
  /** Hours looked at in this run: newly closed ones and those that late evidence touched. */
  readonly hours: number
}

export interface Settler {
  /** Run it every few seconds, by one process or several: it repeats nothing that is done and loses nothing when it dies. */
  run(): Promise<Settlement>
}

const HOUR_MS = 3_600_000
/** Evidence on its way when a call has just become too old to be open. */
const SLACK_SECONDS = 60
/** An insert gets its `ingested_at` when it begins and is seen when it ends: look that far back behind the watermark. */
const OVERLAP_MS = 120_000
/** Rows of evidence folded at once; an hour of a busy installation is settled in slices. */
const SLICE_ROWS = 400_000

/**
 * Copies the fold of closed hours into `calls_settled`, and again of hours that later evidence touches. Only records whose
 * fold is new are written, so that running it again changes nothing.
 */
export function createSettler({ client, nowMs = Date.now }: SettlerOptions): Settler {
  return {
    async run() {
      const [state] = await client.rows({ tag: 'settle:state', sql: STATE })
      const [borderMs, watermarkMs, storeNowMs] = [Number(state?.border), Number(state?.watermark), Number(state?.now)]
      // The fold asks the store's clock for a call's age, so an hour is closed only when both clocks say so.
      const closedMs = (MAX_CALL_SECONDS + OBSERVATION_GRACE_SECONDS + SLACK_SECONDS) * 1_000
      const target = Math.max(borderMs, Math.floor((Math.min(nowMs(), storeNowMs) - closedMs) / HOUR_MS) * HOUR_MS)

      const late = await hoursOf(client, `created_at < ${time('border_ms')} AND ingested_at >= ${time('since_ms')}`, {
        border_ms: borderMs,
        since_ms: Math.max(0, watermarkMs - OVERLAP_MS),
      })
      const closed = await hoursOf(client, `created_at >= ${time('border_ms')} AND created_at < ${time('target_ms')}`, {
        border_ms: borderMs,
        target_ms: target,
      })
      for (const hour of late) await settleHour(client, hour)
      for (const hour of closed) {
        await settleHour(client, hour)
        // The watermark stays until the run is over; the border moves with each hour, so that a long first run can be cut short.
        await remember(client, hour + HOUR_MS, watermarkMs)
      }
      await remember(client, target, storeNowMs)
      return { borderMs: target, hours: late.length + closed.length }
    },
  }
}

const STATE = `SELECT toUnixTimestamp64Milli(max(border)) AS border, toUnixTimestamp64Milli(max(watermark)) AS watermark,
  toUnixTimestamp64Milli(now64(3, 'UTC')) AS now FROM settlement`

async function hoursOf(client: StoreClient, condition: string, params: Readonly<Record<string, number>>): Promise<readonly number[]> {
  const rows = await client.rows({
    tag: 'settle:hours',
    sql: `SELECT DISTINCT toUnixTimestamp(toStartOfHour(created_at)) AS hour FROM evidence WHERE ${condition} ORDER BY hour`,
    params,
  })
  return rows.map(({ hour }) => Number(hour) * 1_000)
}

async function settleHour(client: StoreClient, hourMs: number): Promise<void> {
  const range = `created_at >= ${time('from_ms')} AND created_at < ${time('to_ms')}`
  const [counted] = await client.rows({
    tag: 'settle:count',
    sql: `SELECT count() AS rows FROM evidence WHERE ${range}`,
    params: { from_ms: hourMs, to_ms: hourMs + HOUR_MS },
  })
  const slices = Math.min(3_600, Math.ceil(Number(counted?.rows) / SLICE_ROWS))
  for (let slice = 0; slice < slices; slice += 1) {
    const [fromMs, toMs] = [slice, slice + 1].map((part) => hourMs + Math.floor((HOUR_MS * part) / slices))
    await client.run({ tag: 'settle:slice', sql: settleSql(range), params: { from_ms: Number(fromMs), to_ms: Number(toMs) } })
  }
}

function settleSql(range: string): string {
  const columns = ['org', ...CALL_COLUMNS, 'version'].join(', ')
  const key = 'org, created_at, record_id, version'
  return `INSERT INTO calls_settled (${columns}) SELECT ${columns} FROM calls_folded
    WHERE ${range} AND outcome IS NOT NULL AND (${key}) NOT IN (SELECT ${key} FROM calls_settled WHERE ${range})`
}

async function remember(client: StoreClient, borderMs: number, watermarkMs: number): Promise<void> {
  await client.run({
    tag: 'settle:remember',
    sql: `INSERT INTO settlement (name, border, watermark, version)
      SELECT 'calls', ${time('border_ms')}, ${time('watermark_ms')}, toUInt64(toUnixTimestamp64Micro(now64(6, 'UTC')))`,
    params: { border_ms: borderMs, watermark_ms: watermarkMs },
  })
}
