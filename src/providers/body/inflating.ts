import zlib from 'node:zlib'
import { type Compression, hasZlibHeader } from './compression.ts'
import { isWithinInflationLimit } from './inflation-limit.ts'

/** A body being inflated on the thread pool, a chunk at a time. */
export interface Inflating {
  write(chunk: Buffer): void
  end(done: (broken: boolean) => void): void
  readonly pendingBytes: number
  discard(): void
}

/** No provider's answer comes near this, whatever it was sent in. */
const MAX_INFLATED_BYTES = 512 * 1024 * 1024
/**
 * What is open for long gets a small buffer, since there are thousands of it; each full one costs a
 * thread pool round trip.
 */
const STREAM_OUTPUT_BYTES = 4_096
const BODY_OUTPUT_BYTES = 32_768

export interface InflatingOptions {
  readonly compression: Compression
  readonly firstByte: number | undefined
  /**
   * The body is a stream that may be open for long, rather than one that is under way as a whole.
   */
  readonly incremental: boolean
  readonly onBytes: (bytes: Buffer) => void
}

/** Inflates a body whose first byte is known; what is cut short counts as far as it goes. */
export function createInflating({ onBytes, ...options }: InflatingOptions): Inflating {
  const stream = createStream(options)
  let compressedBytes = 0
  let inflatedBytes = 0
  let outcome: 'open' | 'whole' | 'broken' = 'open'
  let onEnd: ((broken: boolean) => void) | null = null

  const settle = (settled: 'whole' | 'broken') => {
    if (outcome !== 'open') return
    outcome = settled
    stream.destroy()
    onEnd?.(settled === 'broken')
  }

  stream.on('data', (bytes: Buffer) => {
    if (outcome !== 'open') return
    inflatedBytes += bytes.length
    const isBomb =
      inflatedBytes > MAX_INFLATED_BYTES || !isWithinInflationLimit(compressedBytes, inflatedBytes)
    if (isBomb) settle('broken')
    else onBytes(bytes)
  })
  stream.on('end', () => settle('whole'))
  stream.on('error', () => settle('broken'))

  return {
    write(chunk) {
      if (outcome !== 'open') return
      compressedBytes += chunk.length
      stream.write(chunk)
    },
    end(done) {
      if (outcome !== 'open') return done(outcome === 'broken')
      onEnd = done
      stream.end()
    },
    get pendingBytes() {
      return outcome === 'open' ? stream.writableLength : 0
    },
    discard() {
      // Given up, not damaged.
      settle('whole')
    },
  }
}

function createStream({ compression, firstByte, incremental }: Omit<InflatingOptions, 'onBytes'>) {
  const chunkSize = incremental ? STREAM_OUTPUT_BYTES : BODY_OUTPUT_BYTES
  if (compression === 'br')
    return zlib.createBrotliDecompress({
      chunkSize,
      finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH,
    })
  const options = { chunkSize, finishFlush: zlib.constants.Z_SYNC_FLUSH }
  if (compression === 'gzip') return zlib.createGunzip(options)
  return hasZlibHeader(firstByte) ? zlib.createInflate(options) : zlib.createInflateRaw(options)
}
