import fs from 'node:fs'
import { pipeline } from 'node:stream'
import zlib from 'node:zlib'
import type { AccessLogEvidence } from '../evidence/evidence.ts'
import { createdAtMs, createVersionClock } from '../evidence/record-id.ts'
import { splitLines } from '../split-lines.ts'
import type { KnownCall, KnownCalls, KnownEnd } from '../store/evidence/known-calls.ts'
import {
  accessLogEvidence,
  type IsSealedByGate,
  type LoggedCall,
  readLogLine,
  UNATTRIBUTED,
} from './envoy-log.ts'

export interface ReconcileOptions {
  /** Envoy's JSON logs in any order, of one Envoy or several; `.gz` is read as such. */
  readonly files: readonly string[]
  readonly known: KnownCalls
  readonly isSealedByGate: IsSealedByGate
  /** Resolves once the rows are durable. */
  readonly insert: (rows: readonly AccessLogEvidence[]) => Promise<void>
  readonly writer: string
  /** Calls to name of each finding; the counts are of all. */
  readonly maxNamed?: number
}

interface NamedCall {
  readonly org: string
  readonly requestId: string
}

interface DifferingCall extends NamedCall {
  readonly flint: KnownEnd
  readonly envoy: KnownEnd
}

/** What comparing Envoy's log with the records came to. */
export interface Reconciliation {
  lines: number
  unreadableLines: number
  /** Last lines that break off: their file was being written, or was cut. */
  truncatedLines: number
  /** Lines whose call is that of an earlier line of these files. */
  repeatedLines: number
  matched: number
  /** Calls whose record was erased: Envoy's log still knows them, Flint will not. */
  erased: number
  /** Calls that only Envoy knew: they are evidence now. */
  onlyInLog: number
  /** Calls of which only Envoy's log knew the end: it is evidence now. */
  endOnlyInLog: number
  /**
   * Of `onlyInLog`, calls that reached a provider although no gate let them through; no
   * organisation sees them.
   */
  withoutRecord: number
  /** Calls that were not forwarded and left no record, by what Envoy says. */
  refused: Map<string, number>
  /** Lines whose metadata no gate of this installation wrote. */
  forged: number
  /** Status or bytes are not those that Flint has from elsewhere. */
  differing: number
  /** Calls that ended in the time that these logs cover and are not in them. */
  onlyInFlint: number
  readonly named: {
    readonly onlyInLog: NamedCall[]
    readonly differing: DifferingCall[]
    readonly onlyInFlint: NamedCall[]
  }
}

const BATCH = 2_000
/** Envoy's clock and the gate's are not one, and durations are whole milliseconds. */
const CLOCK_SLACK_MS = 1_000

/**
 * Compares Envoy's own logs with what Flint knows, and makes evidence of what is missing. A second
 * run over the same lines, or over copies of them, finds everything matched: ids come out of the
 * lines, rows are written where there are none.
 */
export async function reconcile({
  files,
  known,
  isSealedByGate,
  insert,
  writer,
  maxNamed = 100,
}: ReconcileOptions): Promise<Reconciliation> {
  const found: Reconciliation = {
    lines: 0,
    unreadableLines: 0,
    truncatedLines: 0,
    repeatedLines: 0,
    matched: 0,
    erased: 0,
    onlyInLog: 0,
    endOnlyInLog: 0,
    withoutRecord: 0,
    refused: new Map(),
    forged: 0,
    differing: 0,
    onlyInFlint: 0,
    named: { onlyInLog: [], differing: [], onlyInFlint: [] },
  }
  const version = createVersionClock()
  // About 100 MB for a million calls: the price of naming what these logs do not hold.
  const seen = new Set<string>()
  const span = {
    firstEnd: Number.POSITIVE_INFINITY,
    lastEnd: 0,
    firstCreated: Number.POSITIVE_INFINITY,
    lastCreated: 0,
  }
  let batch: LoggedCall[] = []

  const name = <T>(list: T[], call: T) => {
    if (list.length < maxNamed) list.push(call)
  }

  function judge(call: LoggedCall, there: KnownCall | undefined): boolean {
    const id = { org: call.org, requestId: call.recordId }
    if (there?.erased) {
      found.erased += 1
      return false
    }
    const end = there?.closing ?? there?.accessLog ?? null
    if (end === null) {
      if (there !== undefined) found.endOnlyInLog += 1
      else {
        found.onlyInLog += 1
        if (call.org === UNATTRIBUTED) found.withoutRecord += 1
        name(found.named.onlyInLog, id)
      }
      return true
    }
    const envoy = {
      status: call.status,
      requestBytes: call.requestBytes,
      responseBytes: call.responseBytes,
    }
    if (same(end, envoy)) {
      found.matched += 1
      return false
    }
    found.differing += 1
    name(found.named.differing, { ...id, flint: end, envoy })
    return there?.accessLog === null
  }

  async function settle(): Promise<void> {
    const there = await known.find(batch)
    const rows = batch
      .filter((call) => judge(call, there.get(call.recordId)))
      .map((call) => accessLogEvidence(call, version(), writer))
    if (rows.length > 0) await insert(rows)
    batch = []
  }

  for (const file of files) {
    for await (const { line, whole } of linesOf(file)) {
      found.lines += 1
      const read = readLogLine(line, isSealedByGate)
      if (read.kind === 'unreadable') found[whole ? 'unreadableLines' : 'truncatedLines'] += 1
      if ('forged' in read && read.forged) found.forged += 1
      if (read.kind === 'refused')
        found.refused.set(read.why, (found.refused.get(read.why) ?? 0) + 1)
      if (read.kind !== 'call') continue
      if (seen.has(read.recordId)) {
        found.repeatedLines += 1
        continue
      }
      seen.add(read.recordId)
      if (read.endedAtMs !== null && read.org !== UNATTRIBUTED) {
        const created = createdAtMs(read.recordId)
        span.firstEnd = Math.min(span.firstEnd, read.endedAtMs)
        span.lastEnd = Math.max(span.lastEnd, read.endedAtMs)
        span.firstCreated = Math.min(span.firstCreated, created)
        span.lastCreated = Math.max(span.lastCreated, created)
      }
      batch.push(read)
      if (batch.length >= BATCH) await settle()
    }
  }
  await settle()

  if (span.lastEnd > 0) {
    const window = {
      createdFromMs: span.firstCreated,
      createdToMs: span.lastCreated,
      endedFromMs: span.firstEnd + CLOCK_SLACK_MS,
      endedToMs: span.lastEnd - CLOCK_SLACK_MS,
    }
    for await (const piece of known.ended(window)) {
      for (const { org, recordId } of piece) {
        if (seen.has(recordId)) continue
        found.onlyInFlint += 1
        name(found.named.onlyInFlint, { org, requestId: recordId })
      }
    }
  }
  return found
}

function same(one: KnownEnd, other: KnownEnd): boolean {
  return (
    one.status === other.status &&
    one.requestBytes === other.requestBytes &&
    one.responseBytes === other.responseBytes
  )
}

/** `whole` is false for a last line without its newline. */
async function* linesOf(
  file: string,
): AsyncGenerator<{ readonly line: Buffer; readonly whole: boolean }> {
  const raw = fs.createReadStream(file)
  // A failure of either ends the loop below.
  const bytes = file.endsWith('.gz') ? pipeline(raw, zlib.createGunzip(), () => {}) : raw
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of bytes) {
    const text = Buffer.concat([rest, chunk as Buffer])
    let read = 0
    for (const line of splitLines(text)) {
      read += line.length
      yield { line: line.subarray(0, -1), whole: true }
    }
    rest = Buffer.from(text.subarray(read))
  }
  if (rest.length > 0) yield { line: rest, whole: false }
}
