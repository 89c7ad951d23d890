import zlib from 'node:zlib'
import { beginsLikeJson } from '../json/bytes.ts'
import type { Decoder, DecoderOptions } from './decoder.ts'
import { type Compression, createInflating, hasGzipHeader, hasZlibHeader } from './inflating.ts'
import { createZstd } from './zstd.ts'

/**
 * A compressed body up to this size waits for its end and is decoded in one call: a thread pool
 * round trip costs more than that.
 */
const MAX_WAITING_BYTES = 32_768
/** Beyond this a small body is a bomb or nearly so: decoded off the event loop instead. */
const MAX_SYNC_OUTPUT_BYTES = 1_048_576
const CODINGS: readonly string[] = ['gzip', 'x-gzip', 'deflate', 'br', 'zstd']
const MAX_ENCODING_LENGTH = 256

/** More codings on top of each other are no one's practice. */
const MAX_CODINGS = 3

/**
 * The decoder for a `content-encoding`: codings in the order they were applied (RFC 9110 §8.4).
 * Null for one that is unknown here.
 */
export function createDecoder(
  contentEncoding: string | null,
  options: DecoderOptions,
): Decoder | null {
  const names = (contentEncoding ?? '').slice(0, MAX_ENCODING_LENGTH).toLowerCase().split(',')
  const codings = names
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity')
  if (codings.length === 0) return createIdentity(options)
  if (codings.length > MAX_CODINGS || !codings.every(isKnown)) return null
  // The last that was applied is undone first: each hands on to the one that was applied before it.
  return codings.reduce<Decoder | null>((inner, coding) => chained(coding, inner, options), null)
}

function isKnown(coding: string): boolean {
  return CODINGS.includes(coding)
}

function chained(coding: string, inner: Decoder | null, options: DecoderOptions): Decoder {
  if (inner === null) return createOne(coding, options)
  const outer = createOne(coding, { ...options, onBytes: (bytes) => inner.write(bytes) })
  return {
    write: (chunk) => outer.write(chunk),
    end: (done) =>
      outer.end((outerBroken) => inner.end((innerBroken) => done(outerBroken || innerBroken))),
    get pendingBytes() {
      return outer.pendingBytes + inner.pendingBytes
    },
    discard() {
      outer.discard()
      inner.discard()
    },
  }
}

function createOne(coding: string, options: DecoderOptions): Decoder {
  if (coding === 'zstd') return createZstd(options)
  const compression = coding === 'deflate' || coding === 'br' ? coding : 'gzip'
  return createCompressed(compression, options)
}

function createIdentity({ onBytes }: DecoderOptions): Decoder {
  return { write: onBytes, end: (done) => done(false), pendingBytes: 0, discard: () => {} }
}

function createCompressed(
  compression: Compression,
  { incremental, onBytes }: DecoderOptions,
): Decoder {
  let waiting: Buffer[] = []
  let waitingBytes = 0
  let inflating: Decoder | null = null
  let isPlain = false

  const inflateWaiting = (): Decoder => {
    const started = createInflating({
      compression,
      firstByte: waiting[0]?.[0],
      incremental,
      onBytes,
    })
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
      if (waitingBytes === 0 && compression === 'gzip' && !hasGzipHeader(copy)) isPlain = true
      if (isPlain) return onBytes(copy)
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
      // Said to be compressed and sent plain: servers that do not look at the header read it, and
      // so does this.
      const isBroken = outcome === 'broken'
      const plain = isBroken && whole !== undefined && beginsLikeJson(whole) ? whole : null
      if (plain !== null) onBytes(plain)
      else if (!isBroken) onBytes(outcome)
      done(isBroken && plain === null)
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
    // A cut body still decodes as far as it goes: whether it is whole shows in what is inside.
    if (compression === 'br') {
      return zlib.brotliDecompressSync(bytes, {
        maxOutputLength: MAX_SYNC_OUTPUT_BYTES,
        finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH,
      })
    }
    const options = {
      maxOutputLength: MAX_SYNC_OUTPUT_BYTES,
      finishFlush: zlib.constants.Z_SYNC_FLUSH,
    }
    if (compression === 'gzip') return zlib.gunzipSync(bytes, options)
    return hasZlibHeader(bytes[0])
      ? zlib.inflateSync(bytes, options)
      : zlib.inflateRawSync(bytes, options)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
      ? 'too large'
      : 'broken'
  }
}
