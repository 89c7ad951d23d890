import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { DelegateBackoff, handleWhen, type RetryPolicy, retry } from 'cockatiel'
import { evidenceLines } from '../spool/evidence-lines.ts'
import { closedSegments, type Segment } from '../spool/segment-files.ts'
import type { Quarantine } from './quarantine.ts'
import { readRow } from './refused-row.ts'
import { createStoreBreaker, type StoreBreaker } from './store-breaker.ts'

export interface DeliveryOptions {
  /** `spool/`: the segments of every instance and role below it. */
  readonly spoolRoot: string
  /** For the rows of organisations of which ClickHouse refused one. */
  readonly quarantine: Pick<Quarantine, 'holds' | 'isEmpty' | 'add'>
  /** Resolves only once the rows are durable in ClickHouse. */
  readonly insert: (lines: Buffer, token: string) => Promise<void>
  /** False for rows that ClickHouse will refuse forever. */
  readonly isRetryable: (error: unknown) => boolean
  readonly counters: DeliveryCounters
  /**
   * True where only time or an operator mends it (disk full, read-only, no rights): asked again
   * seldom, not hammered.
   */
  readonly isLasting?: (error: unknown) => boolean
  readonly onRetry: (error: unknown) => void
  readonly firstPauseMs?: number
  readonly pollMs?: number
  readonly maxBatchBytes?: number
}

const PASSING_PAUSE_MS = 5_000
const LASTING_PAUSE_MS = 30_000

/** Counted per process since its start; read by the metrics page. */
export interface DeliveryCounters {
  batches: number
  rows: number
  retries: number
  /** Rounds that ended by a fault of the disk, or of this process; tried again. */
  passesFailed: number
}

export function createDeliveryCounters(): DeliveryCounters {
  return { batches: 0, rows: 0, retries: 0, passesFailed: 0 }
}

/** After so many looks without a segment they come less often: each lists every spool directory. */
const RESTING_PASSES = 40
const RESTING_FACTOR = 2

/** What waits in the spools. */
interface Backlog {
  readonly bytes: number
  /** When the oldest segment was written, milliseconds since the epoch; null when none waits. */
  readonly oldestAtMs: number | null
}

export interface Delivery {
  /** Knows how the batches fare: other users of ClickHouse go by it. */
  readonly breaker: StoreBreaker
  /** As of the last look. */
  backlog(): Backlog
  /** True while a segment waits that was written before this time. */
  isUndelivered(atMs: number): boolean
  /** Runs until `stop`. */
  run(): Promise<void>
  /**
   * Ends once everything closed is delivered, at the latest after `drainMs`; what is left stays in
   * the spool.
   */
  stop(drainMs?: number): void
}

/**
 * Spool → ClickHouse. A segment is removed only after the insert is confirmed, oldest first, so a
 * crash in between delivers a suffix again: rows are keyed and versioned, a second delivery changes
 * nothing.
 */
export function createDelivery(options: DeliveryOptions): Delivery {
  const {
    spoolRoot,
    quarantine,
    insert,
    isRetryable,
    counters,
    onRetry,
    isLasting = () => false,
    firstPauseMs = 200,
    pollMs = 400,
    maxBatchBytes = 8 * 1024 * 1024,
  } = options
  const breaker = createStoreBreaker()
  const stopping = new AbortController()
  let draining = false
  let idlePasses = 0
  let backlog: Backlog = { bytes: 0, oldestAtMs: null }
  const policy: RetryPolicy = retry(
    handleWhen((error) => isRetryable(error)),
    {
      maxAttempts: Number.MAX_SAFE_INTEGER,
      backoff: new DelegateBackoff<{ readonly attempt: number; readonly result: object }>(
        ({ attempt, result }) => {
          const longest =
            'error' in result && isLasting(result.error) ? LASTING_PAUSE_MS : PASSING_PAUSE_MS
          return (
            Math.min(firstPauseMs * 2 ** Math.min(attempt, 20), longest) *
            (0.75 + Math.random() / 2)
          )
        },
      ),
    },
  )
  policy.onFailure(({ reason, handled }) => {
    if (!handled) return
    counters.retries += 1
    breaker.failed('error' in reason && isLasting(reason.error))
    measureBacklog()
    onRetry('error' in reason ? reason.error : reason)
  })

  /** Also while a batch waits for ClickHouse: that is when somebody asks. */
  function measureBacklog(): readonly Segment[] {
    const segments = closedSegments(spoolRoot)
    backlog = {
      bytes: segments.reduce((bytes, segment) => bytes + segment.bytes, 0),
      oldestAtMs: segments[0]?.writtenAtMs ?? null,
    }
    return segments
  }

  /**
   * By organisation where one of them has rows in quarantine, or may soon. False where a row is not
   * safe yet.
   */
  async function deliver(lines: Buffer[], token: string): Promise<boolean> {
    if (lines.length === 0) return true
    if (quarantine.isEmpty && (await isTaken(lines, token))) return true
    const organisations = byOrganisation(lines)
    const held = organisations.filter(([org]) => quarantine.holds(org))
    const others = organisations.filter(([org]) => !quarantine.holds(org))
    const isHeld = held
      .map(([org, rows]) => isQuarantined(org, rows, token))
      .every((isDone) => isDone)
    return (await deliverEach(others, `${token}.each`)) && isHeld
  }

  /**
   * Halved by organisation until the refused ones stand alone: no other organisation waits until
   * their rows are sorted out.
   */
  async function deliverEach(
    organisations: readonly OfOrganisation[],
    token: string,
  ): Promise<boolean> {
    const [first] = organisations
    if (first === undefined) return true
    const lines = organisations.flatMap(([, rows]) => rows)
    if (await isTaken(lines, token)) return true
    if (organisations.length === 1) return isQuarantined(first[0], lines, token)
    const middle = organisations.length >> 1
    const halves = [organisations.slice(0, middle), organisations.slice(middle)]
    const done = [
      await deliverEach(halves[0] ?? [], `${token}.0`),
      await deliverEach(halves[1] ?? [], `${token}.1`),
    ]
    return done.every((isDone) => isDone)
  }

  /** False where the disk takes nothing: then the segments stay, and are tried again. */
  function isQuarantined(org: string, lines: readonly Buffer[], token: string): boolean {
    try {
      quarantine.add(org, lines, `${token} ${org}`)
      return true
    } catch (error) {
      counters.retries += 1
      onRetry(error)
      return false
    }
  }

  /**
   * False where ClickHouse refuses the rows for what they are; anything else is tried again until
   * it passes.
   */
  async function isTaken(lines: Buffer[], token: string): Promise<boolean> {
    try {
      // An insert that hangs, or a pause before the next try, must not hold up a stop.
      await orAborted(
        policy.execute(() => insertUnlessStopped(lines, token), stopping.signal),
        stopping.signal,
      )
      breaker.succeeded()
      counters.batches += 1
      counters.rows += lines.length
      return true
    } catch (error) {
      if (isRetryable(error) || stopping.signal.aborted) throw error
      // ClickHouse itself is well.
      breaker.succeeded()
      return false
    }
  }

  async function insertUnlessStopped(lines: Buffer[], token: string): Promise<void> {
    stopping.signal.throwIfAborted()
    await insert(Buffer.concat(lines), token)
  }

  async function pass(): Promise<boolean> {
    const batch = firstBatch(measureBacklog(), maxBatchBytes)
    if (batch.length === 0) return false
    const token = createHash('sha256')
      .update(batch.map(({ file }) => file).join('\n'))
      .digest('hex')
      .slice(0, 32)
    const lines = batch.flatMap(({ file }) => evidenceLines(fs.readFileSync(file)))
    if (!(await deliver(lines, token))) return false
    for (const { file } of batch) fs.unlinkSync(file)
    return true
  }

  return {
    breaker,
    backlog: () => backlog,
    isUndelivered: (atMs) => backlog.oldestAtMs !== null && backlog.oldestAtMs < atMs,
    async run() {
      while (!stopping.signal.aborted) {
        let delivered = false
        try {
          delivered = await pass()
        } catch (error) {
          if (stopping.signal.aborted) return
          // A segment that cannot be read or removed: nothing is lost by looking again, and all of
          // it by giving up.
          counters.passesFailed += 1
          onRetry(error)
          if (!draining) await pause(5 * firstPauseMs, stopping.signal)
        }
        if (draining && !delivered) return
        // A pause between small batches keeps parts few, and each costs two inserts; a backlog
        // drains without any.
        idlePasses = delivered ? 0 : idlePasses + 1
        const pauseMs = idlePasses > RESTING_PASSES ? pollMs * RESTING_FACTOR : pollMs
        if (!draining && backlog.bytes <= maxBatchBytes) await pause(pauseMs, stopping.signal)
      }
    },
    stop(drainMs = 0) {
      draining = true
      setTimeout(() => stopping.abort(), drainMs).unref()
    },
  }
}

type OfOrganisation = readonly [org: string, lines: Buffer[]]

function byOrganisation(lines: readonly Buffer[]): OfOrganisation[] {
  const organisations = new Map<string, Buffer[]>()
  for (const line of lines) {
    const { org } = readRow(line)
    const rows = organisations.get(org)
    if (rows) rows.push(line)
    else organisations.set(org, [line])
  }
  return [...organisations]
}

function firstBatch(segments: readonly Segment[], maxBytes: number): Segment[] {
  const batch: Segment[] = []
  let bytes = 0
  for (const segment of segments) {
    if (batch.length > 0 && bytes + segment.bytes > maxBytes) break
    batch.push(segment)
    bytes += segment.bytes
  }
  return batch
}

function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}
