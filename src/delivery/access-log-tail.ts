import fs from 'node:fs'
import path from 'node:path'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import type { AccessLogEvidence } from '../evidence/evidence.ts'
import { createVersionClock } from '../evidence/record-id.ts'
import { inodeOf } from '../inode.ts'
import { replaceFile } from '../replace-file.ts'
import { splitLines } from '../split-lines.ts'
import { appendEvidence, type EvidenceSpool } from '../spool/evidence-spool.ts'
import { accessLogEvidence, type IsSealedByGate, readLogLine, UNATTRIBUTED } from './envoy-log.ts'

/** A call of Envoy's JSON log, by the ids that find its other evidence. */
export interface CallInLog {
  readonly org: string
  readonly recordId: string
}

export interface AccessLogTailOptions {
  /** Envoy's JSON access log (envoy/bootstrap.yaml, flint.access_log). */
  readonly logFile: string
  /** How far the log has been worked off; survives restarts. */
  readonly offsetFile: string
  readonly spool: EvidenceSpool
  readonly isSealedByGate: IsSealedByGate
  /** `<instance>/delivery` */
  readonly writer: string
  /** Of these calls, the ids of those that ClickHouse has no closing evidence of. */
  readonly withoutClosing: (calls: readonly CallInLog[]) => Promise<ReadonlySet<string>>
  readonly counters: AccessLogCounters
  /**
   * True while evidence written before that time may still be on its way: what is missing then may
   * only be late.
   */
  readonly isUndelivered?: (atMs: number) => boolean
  /** How long the access log stream may take to say it first. */
  readonly graceMs?: number
  readonly nowMs?: () => number
}

/** Counted per process since its start; read by the metrics page. */
export interface AccessLogCounters {
  lines: number
  /** Calls whose end only the JSON log knew. */
  onlyInLog: number
  unreadableLines: number
  /** Calls that reached a provider although no gate let them through. */
  withoutRecord: number
  /**
   * Calls that were not forwarded and of which the gate made no record: no valid Flint key, or no
   * gate.
   */
  refusedWithoutRecord: number
  /**
   * Lines whose metadata no gate wrote: somebody else writes into our namespace, or the pepper is
   * not the same everywhere.
   */
  forged: number
}

export function createAccessLogCounters(): AccessLogCounters {
  return {
    lines: 0,
    onlyInLog: 0,
    unreadableLines: 0,
    withoutRecord: 0,
    refusedWithoutRecord: 0,
    forged: 0,
  }
}

interface Pending extends CallInLog {
  readonly row: AccessLogEvidence
  readonly readAtMs: number
  /** Where the log goes on behind this line. */
  readonly endOffset: number
}

const READ_BYTES = 1024 * 1024
const MAX_CALLS_PER_LOOK = 2_000

/**
 * Reads Envoy's own log behind the calls and adds a row only where no other says how the call
 * ended: an observer that was gone when a call ended never heard how. One `pass` reads what is new
 * and settles what is old enough; a repeated pass over the same lines changes nothing.
 */
export function createAccessLogTail(options: AccessLogTailOptions): {
  pass(): Promise<void>
  close(): void
} {
  const {
    logFile,
    offsetFile,
    spool,
    writer,
    isSealedByGate,
    withoutClosing,
    counters,
    graceMs = 3_000,
    nowMs = Date.now,
    isUndelivered = () => false,
  } = options
  const version = createVersionClock(nowMs)
  let pending: Pending[] = []
  let file: { readonly fd: number; readonly inode: number; offset: number; rest: Buffer } | null =
    null

  function open(): void {
    const state = readState(offsetFile)
    let fd: number
    try {
      fd = fs.openSync((state ? rotated(state.inode) : olderPart()) ?? logFile, 'r')
    } catch {
      // Envoy has not written yet.
      return
    }
    const { ino: inode, size } = fs.fstatSync(fd)
    const known = state?.inode === inode && state.offset <= size
    file = { fd, inode, offset: known ? state.offset : 0, rest: Buffer.alloc(0) }
  }

  /** The log that was being read before a stop, when it was renamed since. */
  function rotated(inode: number): string | null {
    if (inodeOf(logFile) === inode) return null
    const directory = path.dirname(logFile)
    const name = fs
      .readdirSync(directory)
      .find((candidate) => inodeOf(path.join(directory, candidate)) === inode)
    return name === undefined ? null : path.join(directory, name)
  }

  /** A log that was rotated before it was ever read (supervisor/bounded-logs.ts). */
  function olderPart(): string | null {
    const part = `${logFile}.1`
    return fs.existsSync(part) ? part : null
  }

  /** Reads one block; true when there was something. */
  function read(): boolean {
    if (!file) return false
    // Emptied in place (`copytruncate`): what it holds now is new.
    const { size } = fs.fstatSync(file.fd)
    if (size < file.offset) file = { ...file, offset: 0, rest: Buffer.alloc(0) }
    const newBytes = Math.min(size - file.offset - file.rest.length, READ_BYTES)
    if (newBytes <= 0) return false
    const block = Buffer.allocUnsafe(newBytes)
    const length = fs.readSync(file.fd, block, 0, newBytes, file.offset + file.rest.length)
    if (length === 0) return false
    const text = Buffer.concat([file.rest, block.subarray(0, length)])
    let read = 0
    for (const line of splitLines(text)) {
      read += line.length
      take(line.subarray(0, -1), file.offset + read)
    }
    file.offset += read
    file.rest = Buffer.from(text.subarray(read))
    return true
  }

  function take(line: Buffer, endOffset: number): void {
    counters.lines += 1
    const read = readLogLine(line, isSealedByGate)
    if ('forged' in read && read.forged) counters.forged += 1
    if (read.kind === 'unreadable') counters.unreadableLines += 1
    else if (read.kind === 'refused') counters.refusedWithoutRecord += 1
    else if (read.kind === 'call') {
      const { org, recordId } = read
      if (org === UNATTRIBUTED) counters.withoutRecord += 1
      pending.push({
        org,
        recordId,
        row: accessLogEvidence(read, version(), writer),
        readAtMs: nowMs(),
        endOffset,
      })
    }
  }

  return {
    async pass() {
      if (!file) open()
      while (pending.length < MAX_CALLS_PER_LOOK && read());
      const due = pending
        .filter(
          ({ readAtMs }) => nowMs() - readAtMs >= graceMs && !isUndelivered(readAtMs + graceMs),
        )
        .slice(0, MAX_CALLS_PER_LOOK)
      const last = due.at(-1)
      if (last && file) {
        const { inode } = file
        const missing = await withoutClosing(due)
        for (const { row, recordId } of due) {
          if (!missing.has(recordId)) continue
          await appendEvidence(spool, row)
          counters.onlyInLog += 1
        }
        pending = pending.slice(due.length)
        writeState(offsetFile, { inode, offset: last.endOffset })
      }
      // The log was rotated: the old one is read to its end first. Until the new one is
      // there, Envoy writes on in the old.
      const current = inodeOf(logFile)
      if (file && current !== null && current !== file.inode && pending.length === 0 && !read()) {
        fs.closeSync(file.fd)
        file = null
        writeState(offsetFile, { inode: current, offset: 0 })
      }
    },
    close() {
      if (file) fs.closeSync(file.fd)
      file = null
    },
  }
}

/** How far which file was worked off. */
const StateSchema = Type.Object({ inode: Type.Integer(), offset: Type.Integer() })
type State = Static<typeof StateSchema>

function readState(offsetFile: string): State | null {
  try {
    const state: unknown = JSON.parse(fs.readFileSync(offsetFile, 'utf8'))
    return Value.Check(StateSchema, state) ? state : null
  } catch {
    // First start, or damaged: the log is read from its beginning, which changes nothing that is
    // known.
    return null
  }
}

function writeState(offsetFile: string, state: State): void {
  replaceFile(offsetFile, JSON.stringify(state))
}
