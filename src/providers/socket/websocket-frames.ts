/** What a direction's data frames hold; control frames are between them and say nothing here. */
export interface FramesSink {
  /** A message begins: whether its payload is wanted at all. */
  start(isCompressed: boolean): boolean
  /** A piece of a wanted message, unmasked; a view, to be copied by who keeps it. */
  data(bytes: Buffer): void
  /** The wanted message is complete. */
  end(): void
  /** The sender says that it closes the connection. */
  close(): void
}

// Opcodes (RFC 6455 §5.2).
const CONTINUATION = 0x0
const BINARY = 0x2
const CONTROL = 0x8
const CLOSE = 0x8
const MAX_HEADER_BYTES = 14

/**
 * Reads one direction of a websocket out of its bytes, wherever they are cut (RFC 6455 §5). Nothing
 * is kept but a header.
 */
export class WebsocketFrames {
  readonly #sink: FramesSink
  readonly #header = Buffer.alloc(MAX_HEADER_BYTES)
  #headerBytes = 0
  /** Of the payload under way. */
  #left = 0
  #maskAt = -1
  #masked = 0
  #isControl = false
  #isFinal = false
  #inMessage = false
  #isWanted = false
  #isBroken = false

  constructor(sink: FramesSink) {
    this.#sink = sink
  }

  /** Something came that is no frame: nothing after it can be read. */
  get isBroken(): boolean {
    return this.#isBroken
  }

  /** No message is on its way. */
  get isBetweenMessages(): boolean {
    return !this.#inMessage && this.#left === 0 && this.#headerBytes === 0
  }

  write(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length && !this.#isBroken) {
      if (this.#left > 0) {
        const length = Math.min(this.#left, chunk.length - at)
        this.#payload(chunk, at, length)
        at += length
        continue
      }
      this.#header[this.#headerBytes++] = chunk[at++] ?? 0
      if (this.#headerBytes === this.#neededBytes()) this.#frame()
    }
  }

  #neededBytes(): number {
    if (this.#headerBytes < 2) return 2
    const second = this.#header[1] ?? 0
    const length = second & 0x7f
    return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + ((second & 0x80) === 0 ? 0 : 4)
  }

  #frame(): void {
    const [first = 0, second = 0] = this.#header
    const opcode = first & 0x0f
    const isKnown = opcode <= BINARY || (opcode >= CONTROL && opcode <= 0xa)
    this.#isControl = opcode >= CONTROL
    const isContinuation = opcode === CONTINUATION
    if (
      (first & 0x30) !== 0 ||
      !isKnown ||
      (!this.#isControl && isContinuation !== this.#inMessage)
    ) {
      this.#isBroken = true
      return
    }
    const length = second & 0x7f
    const large = length === 127 ? this.#header.readBigUInt64BE(2) : 0n
    if (large > BigInt(Number.MAX_SAFE_INTEGER)) {
      this.#isBroken = true
      return
    }
    this.#left =
      length === 127 ? Number(large) : length === 126 ? this.#header.readUInt16BE(2) : length
    this.#maskAt = (second & 0x80) === 0 ? -1 : this.#headerBytes - 4
    this.#masked = 0
    this.#headerBytes = 0
    if (opcode === CLOSE) this.#sink.close()
    if (!this.#isControl) {
      this.#isFinal = (first & 0x80) !== 0
      if (!isContinuation) this.#isWanted = this.#sink.start((first & 0x40) !== 0)
      this.#inMessage = true
    }
    if (this.#left === 0) this.#frameEnded()
  }

  #payload(chunk: Buffer, at: number, length: number): void {
    if (!this.#isControl && this.#isWanted) this.#sink.data(this.#unmasked(chunk, at, length))
    this.#masked += length
    this.#left -= length
    if (this.#left === 0) this.#frameEnded()
  }

  #unmasked(chunk: Buffer, at: number, length: number): Buffer {
    if (this.#maskAt < 0) return chunk.subarray(at, at + length)
    const plain = Buffer.allocUnsafe(length)
    for (let index = 0; index < length; index++)
      plain[index] =
        (chunk[at + index] ?? 0) ^ (this.#header[this.#maskAt + ((this.#masked + index) & 3)] ?? 0)
    return plain
  }

  #frameEnded(): void {
    if (this.#isControl || !this.#isFinal) return
    this.#inMessage = false
    if (this.#isWanted) this.#sink.end()
  }
}
