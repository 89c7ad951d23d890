import { Readable } from 'node:stream'
import type { Evidence } from '../../evidence/evidence.ts'
import { LONGEST_OPEN_SECONDS } from '../../evidence/outcome.ts'
import { foldRecord } from '../../evidence/record.ts'
import { createdAtMs } from '../../evidence/record-id.ts'
import type { Parameter, StoreClient } from '../client/client.ts'
import { oncePerShard } from '../client/once-per-shard.ts'
import { BY_CALLS, byCalls } from '../evidence/by-calls.ts'
import { EVIDENCE_COLUMNS } from '../evidence/evidence-columns.ts'
import { time } from './call-filter.ts'
import { HOUR_MS, type Hour, type Slice, settleSlices } from './settle-slices.ts'
import { COLUMN_OF, settledLine } from './settled-line.ts'

interface SettlerOptions {
  readonly client: StoreClient
  readonly nowMs?: () => number
}

export interface Call {
  readonly org: string
  /** UUIDv7. */
  readonly recordId: string
}

/**
 * Writes records to `calls_settled`, which is what all readers read. A call is settled when its
 * outcome is known; more evidence settles it again, as a row of a greater version. Any number of
 * processes may do so at once: the fold of the most evidence wins (src/evidence/fold-version.ts).
 */
export interface Settler {
  /** Records that were folded already, as lines of `settledLine`. */
  write(lines: Buffer): Promise<void>
  /** Folds all that the store has of these calls; those still open are left out. */
  settle(calls: readonly Call[]): Promise<unknown>
  /**
   * Finds what no one has settled: evidence that a killed process stored last, that came over
   * another replica or from a command, and calls of which nothing more comes. Run it now and then:
   * it repeats nothing that is done, and loses nothing when it dies. Resolves to how many calls are
   * open.
   */
  run(): Promise<number>
}

/** A call this old has an outcome. */
const CLOSED_MS = (LONGEST_OPEN_SECONDS + 60) * 1_000
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
 * Calls folded here at a time; more are folded by the store, whose statement takes long to plan.
 */
const CALLS_AT_ONCE = 2_000

export function createSettler({ client, nowMs = Date.now }: SettlerOptions): Settler {
  const whole = createShardSettler({ client, nowMs })
  const settlers = new Map([[client, whole]])
  const settlerOf = (shard: StoreClient) => {
    const settler = settlers.get(shard) ?? createShardSettler({ client: shard, nowMs })
    settlers.set(shard, settler)
    return settler
  }
  return {
    write: whole.write,
    settle: whole.settle,
    async run() {
      const open = await oncePerShard(client, (shard) => settlerOf(shard).run())
      return open.reduce((sum, calls) => sum + calls, 0)
    },
  }
}

/** All evidence of a call, and its record, are on one shard: each is settled by itself. */
function createShardSettler({ client, nowMs = Date.now }: SettlerOptions): Settler {
  /** Calls without an outcome when they were last looked at; null before the first look. */
  let open: readonly Call[] | null = null
  /** Up to here, by the store's clock, this process has looked at all that arrived. */
  let seenMs = 0

  async function write(lines: Buffer): Promise<void> {
    await client.insert(
      { tag: 'settle:write', sql: 'INSERT INTO calls_settled FORMAT JSONEachRow' },
      Readable.from([lines], { objectMode: false }),
    )
  }

  /** Resolves to the ids of those that have an outcome now. */
  async function settle(calls: readonly Call[]): Promise<readonly string[]> {
    const settled: string[] = []
    let fault: unknown
    for (const some of chunks(calls)) {
      const rows = await client.rows({ ...EVIDENCE_OF, params: byCalls(some) })
      const lines: string[] = []
      for (const evidence of byCall(rows as unknown as Evidence[])) {
        try {
          const record = foldRecord(evidence, nowMs())
          if (record === null) continue
          lines.push(settledLine(evidence[0]?.org ?? '', record, evidence))
          settled.push(record.requestId)
        } catch (error) {
          fault = error
        }
      }
      if (lines.length > 0) await write(Buffer.from(lines.join('')))
    }
    // One call that cannot be folded keeps no other waiting.
    if (fault !== undefined) throw fault
    return settled
  }

  /** Of calls that were open before, those still without a record. */
  async function stillOpen(calls: readonly Call[]): Promise<readonly Call[]> {
    const settled = new Set<string>()
    for (const some of chunks(calls))
      for (const { recordId } of await callsOf(client, SETTLED_AMONG, byCalls(some)))
        settled.add(recordId)
    return calls.filter(({ recordId }) => !settled.has(recordId))
  }

  async function settleSlice({ fromMs, toMs }: Slice, sinceMs: number): Promise<void> {
    const params = { from_ms: fromMs, to_ms: toMs, since_ms: sinceMs }
    const differing = await callsOf(client, `${DIFFERING} LIMIT ${CALLS_AT_ONCE + 1}`, params)
    if (differing.length <= CALLS_AT_ONCE) await settle(differing)
    else await client.run({ tag: 'settle:slice', sql: SETTLE_DIFFERING, params })
  }

  return {
    write,
    settle,

    async run() {
      const [state] = await client.rows({ tag: 'settle:state', sql: STATE })
      const [borderMs, watermarkMs, storeNowMs] = [
        Number(state?.border),
        Number(state?.watermark),
        Number(state?.now),
      ]
      const sinceMs = Math.max(0, Math.max(watermarkMs, seenMs) - OVERLAP_MS)
      if (open === null) {
        // What is younger than the border is looked at as a whole, once.
        const young = await hours(client, YOUNG, { border_ms: borderMs })
        for (const slice of settleSlices(young, SLICE_ROWS)) await settleSlice(slice, 0)
        open = await callsOf(client, YOUNG_OPEN, { border_ms: borderMs })
      }
      const touched = await hours(client, TOUCHED, { since_ms: sinceMs })
      for (const slice of settleSlices(touched, SLICE_ROWS)) await settleSlice(slice, sinceMs)
      const arrived = await callsOf(client, ARRIVED_OPEN, { since_ms: sinceMs })
      const waiting = new Map(
        [...(await stillOpen(open)), ...arrived].map((call) => [call.recordId, call]),
      )
      for (const recordId of await settle([...waiting.values()])) waiting.delete(recordId)
      // Both clocks must say that a call is over.
      const overMs = Math.min(nowMs(), storeNowMs) - CLOSED_MS
      open = [...waiting.values()].filter(({ recordId }) => createdAtMs(recordId) > overMs)
      seenMs = storeNowMs
      const closedMs = Math.max(borderMs, Math.floor(overMs / HOUR_MS) * HOUR_MS)
      // The watermark of a store at rest may lag: it only says from where on arrivals are looked
      // through.
      if (closedMs > borderMs || storeNowMs - watermarkMs > LONGEST_LAG_MS)
        await client.run({
          ...REMEMBER,
          params: { border_ms: closedMs, watermark_ms: storeNowMs },
        })
      return open.length
    },
  }
}

const STATE = `SELECT toUnixTimestamp64Milli(max(border)) AS border, toUnixTimestamp64Milli(max(watermark)) AS watermark,
  toUnixTimestamp64Milli(now64(3, 'UTC')) AS now FROM settlement`
const REMEMBER = {
  tag: 'settle:remember',
  sql: `INSERT INTO settlement (name, border, watermark, version)
    SELECT 'calls', ${time('border_ms')}, ${time('watermark_ms')}, toUInt64(toUnixTimestamp64Micro(now64(6, 'UTC')))`,
}

const RANGE = `created_at >= ${time('from_ms')} AND created_at < ${time('to_ms')}`
const ARRIVED = `ingested_at >= ${time('since_ms')}`

/** Hours with the rows in them that are of interest. */
const hoursWhere = (condition: string) =>
  `SELECT toUnixTimestamp(toStartOfHour(created_at)) AS hour, count() AS rows FROM evidence WHERE ${condition} GROUP BY hour ORDER BY hour`
const YOUNG = hoursWhere(`created_at >= ${time('border_ms')}`)
const TOUCHED = hoursWhere(ARRIVED)

async function hours(
  client: StoreClient,
  sql: string,
  params: Readonly<Record<string, Parameter>>,
): Promise<readonly Hour[]> {
  const rows = await client.rows({ tag: 'settle:hours', sql, params })
  return rows.map(({ hour, rows: count }) => ({
    hourMs: Number(hour) * 1_000,
    rows: Number(count),
  }))
}

const KEY = 'org, created_at, record_id'
/**
 * Calls that arrived and whose record has seen less, or that have none. A record of the newest
 * version was written after the evidence that it was folded of.
 */
const DIFFERING = `SELECT ${KEY} FROM call_versions WHERE ${RANGE}
  AND (${KEY}) IN (SELECT ${KEY} FROM evidence WHERE ${RANGE} AND ${ARRIVED})
  AND (${KEY}, fold_version) NOT IN (SELECT ${KEY}, version FROM calls_settled WHERE ${RANGE} AND ${ARRIVED})`
const COLUMNS = ['org', ...Object.values(COLUMN_OF), 'version'].join(', ')
const SETTLE_DIFFERING = `INSERT INTO calls_settled (${COLUMNS}) SELECT ${COLUMNS} FROM calls_folded
  WHERE ${RANGE} AND (${KEY}) IN (${DIFFERING}) AND outcome IS NOT NULL`

const openWhere = (condition: string) => `SELECT DISTINCT org, record_id FROM evidence
  WHERE ${condition} AND kind NOT IN ('pricing', 'content', 'run_ended', 'sighting', 'erasure')
  AND (${KEY}) NOT IN (SELECT ${KEY} FROM calls_settled WHERE ${condition})`
const YOUNG_OPEN = openWhere(`created_at >= ${time('border_ms')}`)
const ARRIVED_OPEN = openWhere(ARRIVED)
const SETTLED_AMONG = `SELECT DISTINCT org, record_id FROM calls_settled WHERE ${BY_CALLS}`

async function callsOf(
  client: StoreClient,
  sql: string,
  params: Readonly<Record<string, Parameter>>,
): Promise<readonly Call[]> {
  const rows = await client.rows({ tag: 'settle:open', sql, params })
  return rows.map(({ org, record_id }) => ({ org: String(org), recordId: String(record_id) }))
}

const EVIDENCE_OF = {
  tag: 'settle:evidence',
  sql: `SELECT ${EVIDENCE_COLUMNS.map((name) => `\`${name}\``).join(', ')} FROM evidence WHERE ${BY_CALLS}`,
}

function byCall(rows: readonly Evidence[]): ReadonlyArray<readonly Evidence[]> {
  const calls = new Map<string, Evidence[]>()
  for (const row of rows) {
    const call = calls.get(row.record_id)
    if (call) call.push(row)
    else calls.set(row.record_id, [row])
  }
  return [...calls.values()]
}

function* chunks(calls: readonly Call[]): Generator<readonly Call[]> {
  for (let first = 0; first < calls.length; first += CALLS_AT_ONCE)
    yield calls.slice(first, first + CALLS_AT_ONCE)
}
