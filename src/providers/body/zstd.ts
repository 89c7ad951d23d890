import { Decompress } from 'fzstd'
import type { Decoder, DecoderOptions } from './decoder.ts'
import { isWithinInflationLimit } from './inflation-limit.ts'
import { ZstdFrames } from './zstd-frames.ts'

/**
 * Decoded here, on the event loop: far below what the thread pool may inflate. No provider's answer
 * comes near it.
 */
const MAX_DECODED_BYTES = 64 * 1024 * 1024

/**
 * Node 20 has no zstd of its own; a decoder in JavaScript does for the few callers that ask a
 * provider for it.
 */
export function createZstd({ onBytes }: DecoderOptions): Decoder {
  const frames = new ZstdFrames()
  let compressedBytes = 0
  let decodedBytes = 0
  let state: 'open' | 'broken' | 'discarded' = 'open'

  const decoder = new Decompress((bytes) => {
    decodedBytes += bytes.length
    // Thrown through the decoder: a chunk of a bomb holds gigabytes.
    if (decodedBytes > MAX_DECODED_BYTES || !isWithinInflationLimit(compressedBytes, decodedBytes))
      throw new Error('too much comes out of a zstd body')
    if (bytes.length > 0) onBytes(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  })

  const push = (chunk: Uint8Array, last: boolean) => {
    try {
      decoder.push(chunk, last)
    } catch {
      // Of a body that was cut, what came before the cut counts.
      if (!last || frames.isComplete) state = 'broken'
    }
  }

  return {
    write(chunk) {
      if (state !== 'open' || chunk.length === 0) return
      compressedBytes += chunk.length
      // A copy: the decoder keeps what it cannot work off yet.
      if (frames.write(chunk)) push(Uint8Array.from(chunk), false)
      else state = 'broken'
    },
    end(done) {
      // Frames of a few bytes are decoded only when nothing more can come.
      if (state === 'open') push(new Uint8Array(0), true)
      done(state === 'broken')
    },
    pendingBytes: 0,
    discard() {
      state = 'discarded'
    },
  }
}
