import zlib from 'node:zlib'
import type { Decoder, DecoderOptions } from './decoder.ts'
import { isWithinInflationLimit } from './inflation-limit.ts'

/** No provider's answer comes near this, whatever it was sent in. */
const MAX_INFLATED_BYTES = 512 * 1024 * 1024
/**
 * What is open for long gets a small buffer, since there are thousands of it; each full one costs a
 * thread pool round trip.
 */
const STREAM_OUTPUT_BYTES = 4_096
const BODY_OUTPUT_BYTES = 32_768

/**
 * The compressions of node:zlib; HTTP's `deflate` is zlib's format (RFC 9110 §8.4.1.2), but some
 * senders leave its header out.
 */
export type Compression = 'gzip' | 'deflate' | 'br'

interface InflatingOptions extends DecoderOptions {
  readonly compression: Compression
  readonly firstByte: number | undefined
}

/**
 * Inflates a body whose first byte is known, on the thread pool; what is cut short counts as far as
 * it goes.
 */
export function createInflating({ onBytes, ...options }: InflatingOptions): Decoder {
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

/**
 * Whether bytes sent as `deflate` have zlib's header: compression method 8 in the low bits of the
 * first byte (RFC 1950 §2.2).
 */
export function hasZlibHeader(firstByte: number | undefined): boolean {
  return firstByte !== undefined && (firstByte & 0x0f) === 8
}

/**
 * Whether bytes begin as gzip does (RFC 1952 §2.3.1); the first chunk of one may be a single byte.
 */
export function hasGzipHeader(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && (bytes.length === 1 || bytes[1] === 0x8b)
}
