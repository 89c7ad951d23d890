import fs from 'node:fs'
import path from 'node:path'
import type { Evidence } from '../evidence/evidence.ts'
import type { EvidenceSpool } from './evidence-spool.ts'
import { closedName, openName, recoverDirectory } from './segment-files.ts'

/** `write` survives kill -9 of the process, `fsync` also power loss (about one disk flush more per commit). */
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
  /** Disk space set aside at start and given up when the disk is full, so that intents outlive everything else. */
  readonly reserveBytes?: number
  readonly counters?: SpoolCounters
}

/** Counted per process since its start; read by the metrics page. */
export interface SpoolCounters {
  rows: number
  bytes: number
  refused: number
  /** Torn tails cut off at start, left by a process that died while it wrote. */
  tornTails: number
  reserveReleased: number
  /** Segments that could not be given their closed name. */
  strayed: number
}

export function createSpoolCounters(): SpoolCounters {
  return { rows: 0, bytes: 0, refused: 0, tornTails: 0, reserveReleased: 0, strayed: 0 }
}

const ALONE_AFTER_MS = 0.5

type Done = (error: Error | null) => void

interface OpenSegment {
  readonly fd: number
  readonly file: string
  bytes: number
}

/**
 * An append-only directory of segments, JSONEachRow lines: the body of the insert as it stands. Rows that arrive in one
 * turn of the event loop share one write; in `fsync` mode, rows that arrive while the disk flushes share the next flush.
 * Delivery, in another process, takes closed segments and removes them once ClickHouse has confirmed them.
 */
export class SegmentSpool implements EvidenceSpool {
  readonly #directory: string
  readonly #durability: Durability
  readonly #maxSegmentAgeMs: number
  readonly #maxSegmentBytes: number
  readonly #maxBytes: number
  readonly #reserveFile: string
  readonly #counters: SpoolCounters
  #reserved: boolean
  #pending: string[] = []
  #waiting: Done[] = []
  #scheduled = false
  #committedAtMs = 0
  #segment: OpenSegment | null = null
  /** Opened ahead of its use: making a file can cost the loop milliseconds on a busy disk. */
  #spare: OpenSegment | null = null
  #rollTimer: NodeJS.Timeout | null = null
  #usedBytes = 0
  #sequence = 0
  readonly #startedAtMs = Date.now()
  /** In `fsync` mode: rows written, waiting for the flush after the running one. */
  #unflushed: Done[] = []
  #flushing = false
  #closed = false

  constructor(options: SegmentSpoolOptions) {
    const {
      directory,
      durability = 'write',
      maxSegmentAgeMs = 200,
      maxSegmentBytes = 4 * 1024 * 1024,
      maxBytes = 8 * 1024 ** 3,
      reserveBytes = 0,
    } = options
    this.#directory = directory
    this.#durability = durability
    this.#maxSegmentAgeMs = maxSegmentAgeMs
    this.#maxSegmentBytes = maxSegmentBytes
    this.#maxBytes = maxBytes
    this.#counters = options.counters ?? createSpoolCounters()
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
    this.#counters.tornTails += recoverDirectory(directory).tornTails
    this.#reserveFile = path.join(directory, 'reserve')
    this.#reserved = reserveBytes > 0 && this.#setAside(reserveBytes)
    this.#usedBytes = this.#measure()
  }

  append(row: Evidence, done: Done): void {
    this.#pending.push(`${JSON.stringify(row)}\n`)
    this.#waiting.push(done)
    if (this.#scheduled) return
    // A row that comes alone is written at once; rows that come in bursts wait for the end of the loop's turn and share a write.
    if (performance.now() - this.#committedAtMs > ALONE_AFTER_MS) this.#commit()
    else {
      this.#scheduled = true
      setImmediate(() => this.#commit())
    }
  }

  /** Writes what is pending and closes the open segment, so that delivery can take it. */
  close(): void {
    this.#commit()
    this.#closed = true
    if (this.#rollTimer) clearTimeout(this.#rollTimer)
    const segment = this.#segment
    this.#segment = null
    if (segment) {
      fs.closeSync(segment.fd)
      fs.renameSync(segment.file, closedName(segment.file))
    }
    if (this.#spare) discard(this.#spare.fd, this.#spare.file)
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
    try {
      this.#write(Buffer.from(text), waiting.length)
    } catch (cause) {
      this.#counters.refused += waiting.length
      const error = new Error('the spool cannot take this row', { cause })
      for (const done of waiting) done(error)
      return
    }
    if (this.#durability === 'write') for (const done of waiting) done(null)
    else this.#flushThen(waiting)
    if (this.#segment && this.#segment.bytes >= this.#maxSegmentBytes) this.#roll()
  }

  #write(bytes: Buffer, rows: number): void {
    if (this.#usedBytes + bytes.length > this.#maxBytes) {
      // Delivery removes segments behind our back: look before refusing.
      this.#usedBytes = this.#measure()
      if (this.#usedBytes + bytes.length > this.#maxBytes)
        throw new Error(`spool is full: ${this.#usedBytes} of ${this.#maxBytes} bytes (setting spool.maxBytes)`)
    }
    const segment = this.#openSegment()
    try {
      writeAll(segment.fd, bytes)
    } catch (error) {
      // Half a line in the middle of a segment would poison the rows after it.
      fs.ftruncateSync(segment.fd, segment.bytes)
      if (!this.#releaseReserve()) throw error
      writeAll(segment.fd, bytes)
    }
    segment.bytes += bytes.length
    this.#usedBytes += bytes.length
    this.#counters.rows += rows
    this.#counters.bytes += bytes.length
  }

  #openSegment(): OpenSegment {
    if (this.#segment) return this.#segment
    if (this.#spare) {
      this.#segment = this.#spare
      this.#spare = null
    } else {
      const file = this.#nextFile()
      this.#segment = { fd: fs.openSync(file, 'ax', 0o600), file, bytes: 0 }
      if (this.#durability === 'fsync') fsyncDirectory(this.#directory)
    }
    this.#rollTimer = setTimeout(() => this.#roll(), this.#maxSegmentAgeMs)
    this.#rollTimer.unref()
    return this.#segment
  }

  #roll(): void {
    if (this.#flushing) return void (this.#rollTimer = setTimeout(() => this.#roll(), 1))
    if (this.#rollTimer) clearTimeout(this.#rollTimer)
    this.#rollTimer = null
    const segment = this.#segment
    if (!segment) return
    this.#segment = null
    fs.close(segment.fd)
    fs.rename(segment.file, closedName(segment.file), (error) => {
      // Still there under its open name: the next start of this role mends it.
      if (error) this.#counters.strayed += 1
    })
    this.#openSpare()
  }

  #openSpare(): void {
    if (this.#closed || this.#spare) return
    const file = this.#nextFile()
    fs.open(file, 'ax', 0o600, (error, fd) => {
      // Without a spare the next row opens its segment itself and meets the error where it can be told.
      if (error) return
      if (this.#closed || this.#spare) discard(fd, file)
      else this.#spare = { fd, file, bytes: 0 }
      if (this.#durability === 'fsync') fsyncDirectory(this.#directory)
    })
  }

  #nextFile(): string {
    this.#sequence += 1
    return path.join(this.#directory, openName(this.#startedAtMs, this.#sequence))
  }

  /** Group commit without a timer: the next flush starts as soon as the running one ends. */
  #flushThen(waiting: Done[]): void {
    this.#unflushed.push(...waiting)
    if (this.#flushing || !this.#segment) return
    const batch = this.#unflushed
    this.#unflushed = []
    this.#flushing = true
    fs.fdatasync(this.#segment.fd, (error) => {
      this.#flushing = false
      for (const done of batch) done(error)
      if (this.#unflushed.length > 0) this.#flushThen([])
    })
  }

  #measure(): number {
    let bytes = 0
    for (const name of fs.readdirSync(this.#directory)) {
      const file = path.join(this.#directory, name)
      if (file !== this.#reserveFile) bytes += fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0
    }
    return bytes
  }

  #setAside(bytes: number): boolean {
    try {
      const fd = fs.openSync(this.#reserveFile, 'w', 0o600)
      try {
        writeAll(fd, Buffer.alloc(bytes))
      } finally {
        fs.closeSync(fd)
      }
      return true
    } catch {
      // The disk is full already: there is nothing to set aside, and the first refused row will say so.
      fs.rmSync(this.#reserveFile, { force: true })
      return false
    }
  }

  #releaseReserve(): boolean {
    if (!this.#reserved) return false
    this.#reserved = false
    this.#counters.reserveReleased += 1
    fs.rmSync(this.#reserveFile, { force: true })
    return true
  }
}

function discard(fd: number, file: string): void {
  fs.closeSync(fd)
  fs.unlinkSync(file)
}

function writeAll(fd: number, bytes: Buffer): void {
  let written = 0
  while (written < bytes.length) written += fs.writeSync(fd, bytes, written)
}

function fsyncDirectory(directory: string): void {
  const fd = fs.openSync(directory, 'r')
  try {
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}
