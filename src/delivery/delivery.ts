import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { DelegateBackoff, handleWhen, type RetryPolicy, retry } from 'cockatiel'
import { closedSegments, type Segment } from '../spool/segment-files.ts'
import { createStoreBreaker, type StoreBreaker } from './store-breaker.ts'

export interface DeliveryOptions {
  /** `spool/`: the segments of every instance and role below it. */
  readonly spoolRoot: string
  readonly deadLetterDirectory: string
  /** Resolves only once the rows are durable in ClickHouse. */
  readonly insert: (lines: Buffer, token: string) => Promise<void>
  /** False for rows that ClickHouse will refuse for ever. */
  readonly isRetryable: (error: unknown) => boolean
  readonly counters: DeliveryCounters
  /** True where only time or an operator mends it (disk full, read-only, no rights): asked again seldom, not hammered. */
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
  /** 1 while ClickHouse takes nothing: by an error that lasts, or several times in a row. */
  heldBack: number
  deadLetters: number
  backlogBytes: number
  /** When the oldest segment that still waits was written, milliseconds since the epoch; 0 when none waits. */
  oldestSegmentAtMs: number
}

export function createDeliveryCounters(): DeliveryCounters {
  return { batches: 0, rows: 0, retries: 0, heldBack: 0, deadLetters: 0, backlogBytes: 0, oldestSegmentAtMs: 0 }
}

/** After so many looks without a segment they come less often: each lists every spool directory. */
const RESTING_PASSES = 40
const RESTING_FACTOR = 3

export interface Delivery {
  /** Knows how the batches fare: whoever else asks ClickHouse goes by it. */
  readonly breaker: StoreBreaker
  /** Runs until `stop`. */
  run(): Promise<void>
  /** Ends once everything closed is delivered, at the latest after `drainMs`; what is left stays in the spool. */
  stop(drainMs?: number): void
}

/**
 * Spool → ClickHouse. A segment is removed only after the insert is confirmed, oldest first, so a crash in between
 * delivers a suffix again: rows are keyed and versioned, a second delivery changes nothing.
 */
export function createDelivery(options: DeliveryOptions): Delivery {
  const {
    spoolRoot,
    deadLetterDirectory,
    insert,
    isRetryable,
    counters,
    onRetry,
    isLasting = () => false,
    firstPauseMs = 200,
    pollMs = 150,
    maxBatchBytes = 8 * 1024 * 1024,
  } = options
  const breaker = createStoreBreaker(counters)
  const stopping = new AbortController()
  let draining = false
  let idlePasses = 0
  const policy: RetryPolicy = retry(
    handleWhen((error) => isRetryable(error)),
    {
      maxAttempts: Number.MAX_SAFE_INTEGER,
      backoff: new DelegateBackoff<{ readonly attempt: number; readonly result: object }>(({ attempt, result }) => {
        const longest = 'error' in result && isLasting(result.error) ? LASTING_PAUSE_MS : PASSING_PAUSE_MS
        return Math.min(firstPauseMs * 2 ** Math.min(attempt, 20), longest) * (0.75 + Math.random() / 2)
      }),
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
    counters.backlogBytes = segments.reduce((bytes, segment) => bytes + segment.bytes, 0)
    counters.oldestSegmentAtMs = segments[0]?.writtenAtMs ?? 0
    return segments
  }

  async function deliver(lines: Buffer[], token: string): Promise<void> {
    if (lines.length === 0) return
    try {
      // An insert that hangs, or a pause before the next try, must not hold up a stop.
      await orAborted(
        policy.execute(() => insertUnlessStopped(lines, token), stopping.signal),
        stopping.signal,
      )
      breaker.succeeded()
      counters.batches += 1
      counters.rows += lines.length
    } catch (error) {
      if (isRetryable(error) || stopping.signal.aborted) throw error
      // Refused for what the rows are: ClickHouse itself is well.
      breaker.succeeded()
      const [only] = lines
      if (lines.length === 1 && only) return bury(only, error)
      // One row poisons its batch: halve until it stands alone.
      const middle = lines.length >> 1
      await deliver(lines.slice(0, middle), `${token}.0`)
      await deliver(lines.slice(middle), `${token}.1`)
    }
  }

  async function insertUnlessStopped(lines: Buffer[], token: string): Promise<void> {
    stopping.signal.throwIfAborted()
    await insert(Buffer.concat(lines), token)
  }

  function bury(line: Buffer, error: unknown): void {
    counters.deadLetters += 1
    fs.mkdirSync(deadLetterDirectory, { recursive: true, mode: 0o700 })
    const reason = error instanceof Error ? error.message.slice(0, 500) : 'unknown'
    const letter = JSON.stringify({ buriedAt: new Date().toISOString(), reason, row: line.toString('utf8').trimEnd() })
    fs.appendFileSync(path.join(deadLetterDirectory, 'evidence.ndjson'), `${letter}\n`, { mode: 0o600 })
  }

  async function pass(): Promise<boolean> {
    const batch = firstBatch(measureBacklog(), maxBatchBytes)
    if (batch.length === 0) return false
    const token = createHash('sha256')
      .update(batch.map(({ file }) => file).join('\n'))
      .digest('hex')
      .slice(0, 32)
    await deliver(
      batch.flatMap(({ file }) => splitLines(fs.readFileSync(file))),
      token,
    )
    for (const { file } of batch) fs.unlinkSync(file)
    return true
  }

  return {
    breaker,
    async run() {
      while (!stopping.signal.aborted) {
        let delivered = false
        try {
          delivered = await pass()
        } catch (error) {
          if (!stopping.signal.aborted) throw error
        }
        if (draining && !delivered) return
        // A pause between small batches keeps parts few; a backlog drains without any.
        idlePasses = delivered ? 0 : idlePasses + 1
        const pauseMs = idlePasses > RESTING_PASSES ? pollMs * RESTING_FACTOR : pollMs
        if (!draining && counters.backlogBytes <= maxBatchBytes) await pause(pauseMs, stopping.signal)
      }
    },
    stop(drainMs = 0) {
      draining = true
      setTimeout(() => stopping.abort(), drainMs).unref()
    },
  }
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

/** Lines with their newline; a segment always ends in one (recovery cuts torn tails). */
function splitLines(content: Buffer): Buffer[] {
  const lines: Buffer[] = []
  let start = 0
  for (let end = content.indexOf(0x0a); end >= 0; end = content.indexOf(0x0a, start)) {
    lines.push(content.subarray(start, end + 1))
    start = end + 1
  }
  return lines
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
