import zlib from 'node:zlib'
import { type Compression, hasZlibHeader } from './compression.ts'

/** A body being inflated on the thread pool, a chunk at a time. */
export interface Inflating {
  write(chunk: Buffer): void
  end(done: (broken: boolean) => void): void
  readonly pendingBytes: number
  discard(): void
}

/** No provider's answer comes near this; a decompression bomb does, and is not worth the processor time. */
const MAX_INFLATED_BYTES = 512 * 1024 * 1024
/** Output is handed on at once, so a small buffer per open stream is enough. */
const OUTPUT_CHUNK_BYTES = 8_192

/** Inflates a body whose first byte is given; what is cut short counts as far as it goes. */
export function createInflating(compression: Compression, firstByte: number | undefined, onBytes: (bytes: Buffer) => void): Inflating {
  const stream = createStream(compression, firstByte)
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
    if (inflatedBytes > MAX_INFLATED_BYTES) settle('broken')
    else onBytes(bytes)
  })
  stream.on('end', () => settle('whole'))
  stream.on('error', () => settle('broken'))

  return {
    write(chunk) {
      if (outcome === 'open') stream.write(chunk)
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

function createStream(compression: Compression, firstByte: number | undefined) {
  if (compression === 'br') {
    return zlib.createBrotliDecompress({ chunkSize: OUTPUT_CHUNK_BYTES, finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH })
  }
  const options = { chunkSize: OUTPUT_CHUNK_BYTES, finishFlush: zlib.constants.Z_SYNC_FLUSH }
  if (compression === 'gzip') return zlib.createGunzip(options)
  return hasZlibHeader(firstByte) ? zlib.createInflate(options) : zlib.createInflateRaw(options)
}
