import fs from 'node:fs'
import path from 'node:path'
import type { Evidence } from '../evidence/evidence.ts'
import { evidenceLine } from '../evidence/evidence-line.ts'
import { DiskReserve } from './disk-reserve.ts'
import { FreeSpaceGuard } from './free-space-guard.ts'
import { type Done, discard, newSegment, type OpenSegment } from './open-segment.ts'
import {
  closedName,
  fsyncDirectory,
  latestStartMs,
  openName,
  recoverDirectory,
  writeAll,
} from './segment-files.ts'
import { createSpoolCounters, type SpoolCounters } from './spool-counters.ts'

/**
 * `write` survives kill -9 of the process, `fsync` also power loss (about one disk flush more per
 * commit).
 */
export type Durability = 'write' | 'fsync'

export interface SegmentSpoolOptions {
  /** Owned by one process at a time: `spool/<instance>/<role>`. */
  readonly directory: string
  readonly durability?: Durability
  /** A segment is closed, and so becomes visible to delivery, at this age or size. */
  readonly maxSegmentAgeMs?: number
  readonly maxSegmentBytes?: number
  /** Disk this directory may use; beyond it rows are refused. */
  readonly maxBytes?: number
  /**
   * Disk space reserved, and given up when the disk is full, so that intents outlive everything
   * else.
   */
  readonly reserveBytes?: number
  /**
   * Rows are refused while the disk has less free space than this: it is left to those who may not
   * be refused.
   */
  readonly leaveFreeBytes?: number
  readonly counters?: SpoolCounters
  /** A row as its line, newline included; evidence is written without key-shaped secrets. */
  readonly toLine?: (row: object) => string
}

const ALONE_AFTER_MS = 0.5
/**
 * A full spool looks this often whether delivery has freed space: looking costs a stat per segment.
 */
const LOOK_EVERY_MS = 100

/**
 * An append-only directory of segments, JSONEachRow lines: the body of the insert as it stands.
 * Rows that arrive in one turn of the event loop share one write; in `fsync` mode, rows that arrive
 * while the disk flushes share the next flush. Delivery, in another process, takes closed segments
 * and removes them once ClickHouse has confirmed them.
 */
export class SegmentSpool<Row extends object = Evidence> {
  readonly #directory: string
  readonly #durability: Durability
  readonly #maxSegmentAgeMs: number
  readonly #maxSegmentBytes: number
  readonly #maxBytes: number
  readonly #reserveFile: string
  readonly #counters: SpoolCounters
  readonly #toLine: (row: object) => string
  readonly #reserve: DiskReserve
  #pending: string[] = []
  #waiting: Done[] = []
  #scheduled = false
  #committedAtMs = 0
  #segment: OpenSegment | null = null
  /** Opened ahead of its use: making a file can cost the loop milliseconds on a busy disk. */
  #spare: OpenSegment | null = null
  #rollTimer: NodeJS.Timeout | null = null
  #usedBytes = 0
  #measuredAtMs = 0
  readonly #freeSpace: FreeSpaceGuard
  #sequence = 0
  readonly #startedAtMs: number
  /**
   * Segments that the disk flushes right now: the open one, and rolled ones that get their closed
   * name after it.
   */
  readonly #flushing = new Set<OpenSegment>()
  /** Closed segments whose new name is on its way. */
  readonly #renaming = new Set<OpenSegment>()
  #closed = false

  constructor(options: SegmentSpoolOptions) {
    const {
      directory,
      durability = 'write',
      maxSegmentAgeMs = 200,
      maxSegmentBytes = 4 * 1024 * 1024,
      maxBytes = 8 * 1024 ** 3,
      reserveBytes = 0,
      leaveFreeBytes = 0,
    } = options
    this.#directory = directory
    this.#durability = durability
    this.#maxSegmentAgeMs = maxSegmentAgeMs
    this.#maxSegmentBytes = maxSegmentBytes
    this.#maxBytes = maxBytes
    this.#counters = options.counters ?? createSpoolCounters()
    this.#toLine = options.toLine ?? evidenceLine
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
    this.#counters.tornTails += recoverDirectory(directory).tornTails
    // Names sort in the order of writing, and are never given twice, also when the clock was set
    // back between two starts.
    this.#startedAtMs = Math.max(Date.now(), latestStartMs(directory) + 1)
    this.#reserveFile = path.join(directory, 'reserve')
    this.#reserve = new DiskReserve(directory, this.#reserveFile, reserveBytes, (held) => {
      this.#counters.reserveHeld = held ? 1 : 0
    })
    this.#freeSpace = new FreeSpaceGuard(directory, leaveFreeBytes)
    this.#usedBytes = this.#measure()
  }

  append(row: Row, done: Done): void {
    this.#pending.push(this.#toLine(row))
    this.#waiting.push(done)
    if (this.#scheduled) return
    // A row that comes alone is written at once; rows that come in bursts wait for the end of the
    // loop's turn and share a write.
    if (performance.now() - this.#committedAtMs > ALONE_AFTER_MS) this.#commit()
    else {
      this.#scheduled = true
      setImmediate(() => this.#guarded(() => this.#commit()))
    }
  }

  /**
   * Writes what is pending and closes the open segment, so that delivery can take it. A row that
   * comes later still gets a segment of its own.
   */
  close(): void {
    this.#closed = true
    this.#commit()
    this.#roll()
    for (const segment of this.#flushing) this.#flushNow(segment)
    for (const segment of this.#renaming) this.#renameNow(segment)
    if (this.#spare) discard(this.#spare)
    this.#spare = null
  }

  #commit(): void {
    this.#scheduled = false
    this.#committedAtMs = performance.now()
    if (this.#waiting.length === 0) return
    const waiting = this.#waiting
    const text = this.#pending.join('')
    this.#pending = []
    this.#waiting = []
    let segment: OpenSegment
    try {
      segment = this.#write(Buffer.from(text), waiting.length)
    } catch (cause) {
      this.#counters.refused += waiting.length
      const error = new Error('the spool cannot take this row', { cause })
      this.#settle(waiting, error)
      return
    }
    if (this.#durability === 'fsync') this.#flush(segment, waiting)
    // Those who wait hear of it first: closing a full segment may meet a fault of its own.
    if (this.#durability === 'write') this.#settle(waiting, null)
    if (this.#closed || segment.bytes >= this.#maxSegmentBytes) this.#guarded(() => this.#roll())
  }

  /**
   * For what timers and the disk call back: a fault there is counted, and what it left is mended at
   * the next start.
   */
  #guarded(work: () => void): void {
    try {
      work()
    } catch {
      this.#counters.faults += 1
    }
  }

  /** A callback that fails on the news that a row was written costs the others nothing. */
  #settle(waiting: readonly Done[], error: Error | null): void {
    for (const done of waiting) {
      try {
        done(error)
      } catch {
        this.#counters.faults += 1
      }
    }
  }

  #write(bytes: Buffer, rows: number): OpenSegment {
    if (this.#usedBytes + bytes.length > this.#maxBytes) {
      // Delivery removes segments behind our back: look before refusing.
      if (performance.now() - this.#measuredAtMs > LOOK_EVERY_MS) this.#usedBytes = this.#measure()
      if (this.#usedBytes + bytes.length > this.#maxBytes)
        throw new Error(
          `spool is full: ${this.#usedBytes} of ${this.#maxBytes} bytes (setting spool.maxBytes)`,
        )
    }
    this.#freeSpace.check(bytes.length)
    let segment: OpenSegment
    try {
      segment = this.#put(bytes)
    } catch (error) {
      if (!this.#reserve.release()) throw error
      this.#counters.reserveReleased += 1
      segment = this.#put(bytes)
    }
    this.#usedBytes += bytes.length
    this.#counters.rows += rows
    this.#counters.bytes += bytes.length
    return segment
  }

  #put(bytes: Buffer): OpenSegment {
    const segment = this.#openSegment()
    try {
      writeAll(segment.fd, bytes)
    } catch (error) {
      // Half a line in the middle of a segment would poison the rows after it.
      try {
        fs.ftruncateSync(segment.fd, segment.bytes)
      } catch {
        // Then nothing may follow it: at a segment's end it is a torn tail like any other, which
        // no one reads.
        this.#counters.tornTails += 1
        this.#roll()
      }
      throw error
    }
    segment.bytes += bytes.length
    return segment
  }

  #openSegment(): OpenSegment {
    if (this.#segment) return this.#segment
    if (this.#spare) {
      this.#segment = this.#spare
      this.#spare = null
    } else {
      const file = this.#nextFile()
      this.#segment = newSegment(fs.openSync(file, 'ax', 0o600), file)
      if (this.#durability === 'fsync') fsyncDirectory(this.#directory)
    }
    this.#rollTimer = setTimeout(() => this.#guarded(() => this.#roll()), this.#maxSegmentAgeMs)
    this.#rollTimer.unref()
    return this.#segment
  }

  #roll(): void {
    if (this.#rollTimer) clearTimeout(this.#rollTimer)
    this.#rollTimer = null
    const segment = this.#segment
    if (!segment) return
    this.#segment = null
    // Rows that still wait for this segment's flush wait on; the next rows go into the next segment
    // meanwhile.
    if (!this.#flushing.has(segment)) this.#finish(segment)
    this.#openSpare()
    this.#reserve.reserveAgain()
  }

  /** Gives the segment the name by which delivery finds it. */
  #finish(segment: OpenSegment): void {
    if (segment.bytes === 0) {
      discard(segment)
      return
    }
    if (this.#closed) {
      fs.closeSync(segment.fd)
      if (!segment.closed) fs.renameSync(segment.file, closedName(segment.file))
      return
    }
    fs.close(segment.fd)
    this.#renaming.add(segment)
    fs.rename(segment.file, closedName(segment.file), (error) => {
      // Still there under its open name, unless `close` was faster: the next start of this role
      // mends it.
      if (error && this.#renaming.has(segment)) this.#counters.strayed += 1
      this.#renaming.delete(segment)
    })
  }

  #openSpare(): void {
    if (this.#closed || this.#spare) return
    const file = this.#nextFile()
    const sequence = this.#sequence
    fs.open(file, 'ax', 0o600, (error, fd) => {
      // Without a spare the next row opens its segment itself and meets the error where it can be
      // reported.
      if (!error) this.#guarded(() => this.#keepSpare(newSegment(fd, file), sequence))
    })
  }

  #keepSpare(spare: OpenSegment, sequence: number): void {
    // Overtaken by a segment that could not wait: used now, this name would sort before rows older
    // than its own.
    if (this.#closed || this.#sequence !== sequence) {
      discard(spare)
      return
    }
    this.#spare = spare
    if (this.#durability === 'fsync') fsyncDirectory(this.#directory)
  }

  #nextFile(): string {
    this.#sequence += 1
    return path.join(this.#directory, openName(this.#startedAtMs, this.#sequence))
  }

  /** Group commit without a timer: the next flush starts as soon as the running one ends. */
  #flush(segment: OpenSegment, waiting: readonly Done[]): void {
    for (const done of waiting) segment.waiting.push(done)
    if (this.#flushing.has(segment)) return
    const batch = segment.waiting
    segment.waiting = []
    this.#flushing.add(segment)
    fs.fdatasync(segment.fd, (error) => {
      this.#flushing.delete(segment)
      // After a failed flush the next one may succeed without having written the pages: this file
      // is given up.
      if (error) batch.push(...segment.waiting.splice(0))
      this.#guarded(() => {
        if (segment.waiting.length > 0) this.#flush(segment, [])
        else if (this.#segment !== segment) this.#finish(segment)
        else if (error) this.#roll()
      })
      this.#settle(batch, error)
    })
  }

  /**
   * For an orderly stop: what the running flush does not cover is flushed here, and its end only
   * closes the file.
   */
  #flushNow(segment: OpenSegment): void {
    const batch = segment.waiting
    segment.waiting = []
    fs.fdatasyncSync(segment.fd)
    this.#settle(batch, null)
    fs.renameSync(segment.file, closedName(segment.file))
    segment.closed = true
  }

  /**
   * For an orderly stop: the process may end before a rename that was only begun, and delivery
   * would not find the rows.
   */
  #renameNow(segment: OpenSegment): void {
    this.#renaming.delete(segment)
    try {
      fs.renameSync(segment.file, closedName(segment.file))
    } catch {
      // It has its name already; or it has none, and the next start mends it.
      if (fs.existsSync(segment.file)) this.#counters.strayed += 1
    }
  }

  #measure(): number {
    this.#measuredAtMs = performance.now()
    let bytes = 0
    for (const name of fs.readdirSync(this.#directory)) {
      const file = path.join(this.#directory, name)
      if (file !== this.#reserveFile)
        bytes += fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0
    }
    return bytes
  }
}
