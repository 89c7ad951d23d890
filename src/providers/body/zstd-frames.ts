/**
 * A `content-encoding: zstd` may ask for no larger window (RFC 9659 §3); a frame that does would
 * make its decoder allocate it.
 */
const MAX_WINDOW_BYTES = 8 * 1024 * 1024
const MAGIC = 0xfd2fb528
const SKIPPABLE_MAGIC = 0x184d2a50
const MIN_HEADER_BYTES = 6
const BLOCK_HEADER_BYTES = 3
const CHECKSUM_BYTES = 4
const RLE_BLOCK = 1

type Stage = 'frame' | 'block' | 'body' | 'checksum'

/**
 * Walks over the frames of a zstd body (RFC 8878 §3.1) without decoding them, to look at each
 * header before a decoder does.
 */
export class ZstdFrames {
  #stage: Stage = 'frame'
  /** Bytes of a header that is not whole yet. */
  #header: number[] = []
  #left = 0
  #isLastBlock = false
  #hasChecksum = false

  /** The body may end here. */
  get isComplete(): boolean {
    return this.#stage === 'frame' && this.#header.length === 0
  }

  /** False once a header is none, or asks for too much memory. */
  write(chunk: Uint8Array): boolean {
    for (let at = 0; at < chunk.length; ) {
      if (this.#stage === 'body' || this.#stage === 'checksum') {
        const crossed = Math.min(this.#left, chunk.length - at)
        this.#left -= crossed
        at += crossed
        if (this.#left === 0) this.#bodyEnded()
        continue
      }
      this.#header.push(chunk[at] ?? 0)
      at++
      if (this.#stage === 'block' ? !this.#block() : !this.#frame()) return false
    }
    return true
  }

  /** False where no decoder should see it; true also while it is not whole. */
  #frame(): boolean {
    const header = this.#header
    if (header.length < MIN_HEADER_BYTES) return true
    const magic = littleEndian(header, 0, 4)
    if ((magic & ~0xf) >>> 0 === SKIPPABLE_MAGIC) {
      if (header.length < 8) return true
      this.#cross('checksum', littleEndian(header, 4, 4))
      return true
    }
    if (magic !== MAGIC) return false
    const descriptor = header[4] ?? 0
    const isSingleSegment = (descriptor & 0x20) !== 0
    const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0
    const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0
    const sizeAt = (isSingleSegment ? 5 : 6) + dictionaryBytes
    if (header.length < sizeAt + sizeBytes) return true
    const window = header[5] ?? 0
    const base = 2 ** (10 + (window >> 3))
    const windowBytes = isSingleSegment
      ? littleEndian(header, sizeAt, sizeBytes)
      : base + (base / 8) * (window & 7)
    if (windowBytes > MAX_WINDOW_BYTES || dictionaryBytes > 0) return false
    this.#hasChecksum = (descriptor & 4) !== 0
    this.#header = []
    this.#stage = 'block'
    return true
  }

  #block(): boolean {
    if (this.#header.length < BLOCK_HEADER_BYTES) return true
    const header = littleEndian(this.#header, 0, BLOCK_HEADER_BYTES)
    const type = (header >> 1) & 3
    this.#isLastBlock = (header & 1) === 1
    this.#cross('body', type === RLE_BLOCK ? 1 : header >> 3)
    return type !== 3
  }

  #cross(stage: Stage, bytes: number): void {
    this.#header = []
    this.#stage = stage
    this.#left = bytes
    if (bytes === 0) this.#bodyEnded()
  }

  #bodyEnded(): void {
    if (this.#stage === 'body' && this.#isLastBlock && this.#hasChecksum)
      this.#cross('checksum', CHECKSUM_BYTES)
    else this.#stage = this.#stage === 'body' && !this.#isLastBlock ? 'block' : 'frame'
  }
}

function littleEndian(bytes: readonly number[], at: number, length: number): number {
  let value = 0
  for (let index = length - 1; index >= 0; index--) value = value * 256 + (bytes[at + index] ?? 0)
  return value
}
