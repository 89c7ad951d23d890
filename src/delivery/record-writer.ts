import type { Evidence } from '../evidence/evidence.ts'
import { foldRecord } from '../evidence/record.ts'
import { splitLines } from '../split-lines.ts'
import type { Call, Settler } from '../store/calls/settle.ts'
import { settledLine } from '../store/calls/settled-line.ts'
import { readRow } from './refused-row.ts'

export interface RecordWriterOptions {
  readonly settler: Pick<Settler, 'write' | 'settle'>
  readonly counters: RecordCounters
  /** False for what the store will refuse forever. */
  readonly isRetryable: (error: unknown) => boolean
  /** Records that could not be written from here: `Settler.run` finds them. */
  readonly onFault: (error: unknown) => void
  /** Milliseconds since the epoch. */
  readonly nowMs?: () => number
}

/** Counted per process since its start. */
export interface RecordCounters {
  /** Folded here, of rows that came together. */
  folded: number
  /** Folded of rows that the store gave back, because they came apart. */
  settled: number
  /** Left to the settler. */
  left: number
}

export function createRecordCounters(): RecordCounters {
  return { folded: 0, settled: 0, left: 0 }
}

/**
 * Evidence that has just been stored → records. Most calls' rows come together: they are folded
 * here, and no one reads them again. Of the others the store has what is missing.
 */
export interface RecordWriter {
  /**
   * `lines`: rows of evidence, JSON lines, that are stored. Rejects where the store is away: then
   * the rows come again.
   */
  stored(lines: Buffer): Promise<void>
  /** Settles calls whose rest did not come; run it a few times a second. */
  pass(): Promise<void>
  /** Settles what is held, whole or not. */
  close(): Promise<void>
}

interface HeldCall extends Call {
  /** The latest row of each kind. */
  readonly rows: Map<Evidence['kind'], Evidence>
  readonly sinceMs: number
}

/** Gate and observer write segments of 200 ms, and delivery takes what is closed. */
const REST_COMES_WITHIN_MS = 1_000
/** The observation may come that long after the end (docs/decisions/006). */
const OBSERVATION_COMES_WITHIN_MS = 16_000
const MAX_HELD = 10_000

export function createRecordWriter(options: RecordWriterOptions): RecordWriter {
  const { settler, counters, isRetryable, onFault, nowMs = Date.now } = options
  const held = new Map<string, HeldCall>()
  /** Ended calls that no one has observed yet, and when that is final. */
  const unobserved = new Map<string, Call & { readonly dueMs: number }>()

  function take(row: Evidence): HeldCall {
    let call = held.get(row.record_id)
    if (call === undefined) {
      call = { org: row.org, recordId: row.record_id, rows: new Map(), sinceMs: nowMs() }
      held.set(row.record_id, call)
    }
    if ((call.rows.get(row.kind)?.version ?? 0) <= row.version) call.rows.set(row.kind, row)
    return call
  }

  async function guarded(calls: number, act: () => Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      if (isRetryable(error)) throw error
      counters.left += calls
      onFault(error)
    }
  }

  async function settle(calls: readonly Call[]): Promise<void> {
    if (calls.length === 0) return
    await guarded(calls.length, async () => {
      await settler.settle(calls)
      counters.settled += calls.length
    })
    for (const { recordId } of calls) held.delete(recordId)
  }

  return {
    async stored(lines) {
      const touched = new Set(rowsOf(lines).map(take))
      const whole = [...touched].filter(isWhole)
      const records = whole
        .map((call) => lineOf(call, nowMs(), onFault))
        .filter((line) => line !== null)
      counters.left += whole.length - records.length
      if (records.length > 0) {
        await guarded(records.length, async () => {
          await settler.write(Buffer.from(records.join('')))
          counters.folded += records.length
        })
      }
      for (const { recordId } of whole) {
        held.delete(recordId)
        unobserved.delete(recordId)
      }
      for (const recordId of held.keys()) {
        if (held.size <= MAX_HELD) break
        held.delete(recordId)
        counters.left += 1
      }
    },

    async pass() {
      const now = nowMs()
      const late = [...held.values()].filter(({ sinceMs }) => now - sinceMs >= REST_COMES_WITHIN_MS)
      await settle(late)
      for (const { org, recordId, rows } of late) {
        if ((rows.has('closing') || rows.has('access_log')) && !isObserved(rows))
          unobserved.set(recordId, { org, recordId, dueMs: now + OBSERVATION_COMES_WITHIN_MS })
      }
      const due = [...unobserved.values()].filter(({ dueMs }) => dueMs <= now)
      await settle(due)
      for (const { recordId } of due) unobserved.delete(recordId)
    },

    close: () => settle([...held.values()]),
  }
}

/** Lines that the store could read and that are no row here are its own to fold. */
function rowsOf(lines: Buffer): readonly Evidence[] {
  return splitLines(lines).flatMap((line) => {
    const { row } = readRow(line)
    return row === null ? [] : [row.columns as unknown as Evidence]
  })
}

function isObserved(rows: HeldCall['rows']): boolean {
  const observation = rows.get('observation')
  return observation?.kind === 'observation' && observation.final
}

/** Nothing else is to be expected of the call at this moment. */
function isWhole({ rows }: HeldCall): boolean {
  const intent = rows.get('intent')
  if (intent?.kind === 'intent' && intent.error_code != null) return true
  if (rows.has('report')) return rows.size === 1
  return intent !== undefined && isObserved(rows) && rows.has('closing')
}

/** Null where what came cannot be folded, or is no record yet: the store has all of it. */
function lineOf(
  { org, rows }: HeldCall,
  nowMs: number,
  onFault: (error: unknown) => void,
): string | null {
  const evidence = [...rows.values()]
  try {
    const record = foldRecord(evidence, nowMs)
    return record === null ? null : settledLine(org, record, evidence)
  } catch (error) {
    onFault(error)
    return null
  }
}
