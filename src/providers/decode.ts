import zlib from 'node:zlib'
import { type Compression, hasZlibHeader } from './compression.ts'
import type { Decoder, DecoderOptions } from './decoder.ts'
import { createInflating, type Inflating } from './inflating.ts'
import { createZstd } from './zstd.ts'

/** A compressed body up to this size waits for its end and is decoded in one call: a thread pool round trip costs more than that. */
const MAX_WAITING_BYTES = 32_768
/** Beyond this a small body is a bomb or nearly so: decoded off the event loop instead. */
const MAX_SYNC_OUTPUT_BYTES = 1_048_576

/**
 * The decoder for a `content-encoding`, null for one that cannot be read here (several at once are never sent by these
 * providers).
 */
export function createDecoder(contentEncoding: string | null, options: DecoderOptions): Decoder | null {
  const encoding = (contentEncoding ?? '').trim().toLowerCase()
  switch (encoding) {
    case '':
    case 'identity':
      return createIdentity(options)
    case 'gzip':
    case 'x-gzip':
    case 'deflate':
    case 'br':
      return createCompressed(encoding === 'x-gzip' ? 'gzip' : encoding, options)
    case 'zstd':
      return createZstd(options)
    default:
      return null
  }
}

function createIdentity({ onBytes }: DecoderOptions): Decoder {
  return { write: onBytes, end: (done) => done(false), pendingBytes: 0, discard: () => {} }
}

function createCompressed(compression: Compression, { incremental, onBytes }: DecoderOptions): Decoder {
  let waiting: Buffer[] = []
  let waitingBytes = 0
  let inflating: Inflating | null = null

  const inflateWaiting = (): Inflating => {
    const started = createInflating({ compression, firstByte: waiting[0]?.[0], incremental, onBytes })
    for (const chunk of waiting) started.write(chunk)
    waiting = []
    waitingBytes = 0
    inflating = started
    return started
  }

  return {
    write(chunk) {
      if (chunk.length === 0) return
      // A copy: the chunk is a slice of a message that must not be pinned while it waits.
      const copy = Buffer.from(chunk)
      if (inflating) return inflating.write(copy)
      waiting.push(copy)
      waitingBytes += copy.length
      if (incremental || waitingBytes > MAX_WAITING_BYTES) inflateWaiting()
    },
    end(done) {
      if (inflating) return inflating.end(done)
      if (waitingBytes === 0) return done(false)
      const whole = waiting.length === 1 ? waiting[0] : Buffer.concat(waiting, waitingBytes)
      const outcome = whole === undefined ? 'broken' : decodeSync(compression, whole)
      if (outcome === 'too large') return inflateWaiting().end(done)
      waiting = []
      waitingBytes = 0
      if (outcome !== 'broken') onBytes(outcome)
      done(outcome === 'broken')
    },
    get pendingBytes() {
      return waitingBytes + (inflating?.pendingBytes ?? 0)
    },
    discard() {
      waiting = []
      waitingBytes = 0
      inflating?.discard()
    },
  }
}

function decodeSync(compression: Compression, bytes: Buffer): Buffer | 'too large' | 'broken' {
  try {
    // A cut body still decodes as far as it goes: whether it is whole is told by what is inside.
    if (compression === 'br') {
      return zlib.brotliDecompressSync(bytes, {
        maxOutputLength: MAX_SYNC_OUTPUT_BYTES,
        finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH,
      })
    }
    const options = { maxOutputLength: MAX_SYNC_OUTPUT_BYTES, finishFlush: zlib.constants.Z_SYNC_FLUSH }
    if (compression === 'gzip') return zlib.gunzipSync(bytes, options)
    return hasZlibHeader(bytes[0]) ? zlib.inflateSync(bytes, options) : zlib.inflateRawSync(bytes, options)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE' ? 'too large' : 'broken'
  }
}
