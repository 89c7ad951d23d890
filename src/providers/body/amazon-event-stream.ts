import { crc32 } from 'node:zlib'

/** The headers of a message that say what it is; null where it has none of that name. */
export interface MessageHeaders {
  /** `event`, `exception` or `error`. */
  readonly messageType: string | null
  readonly eventType: string | null
  readonly exceptionType: string | null
  readonly errorCode: string | null
}

export interface AmazonEventSink {
  /** A message begins: its headers were read. */
  message(headers: MessageHeaders): void
  /** A piece of its payload, in order; a view of the chunk. */
  data(bytes: Buffer, start: number, end: number): void
  /** It came whole and its checksum is right: only now does what it said count. */
  messageEnd(): void
}

const PRELUDE_BYTES = 12
const CHECKSUM_BYTES = 4
/** Prelude and the message's own checksum. */
const OVERHEAD_BYTES = PRELUDE_BYTES + CHECKSUM_BYTES
/** The most that the encoding allows; Bedrock's have a hundred bytes. */
const MAX_HEADERS_BYTES = 128 * 1024

// What the reader stands within.
const IN_PRELUDE = 0
const IN_HEADERS = 1
const IN_PAYLOAD = 2
const IN_CHECKSUM = 3
const BROKEN = 4

/**
 * Incremental reader of `application/vnd.amazon.eventstream`: messages of total length, length of
 * headers, CRC32 of these two, headers, payload, CRC32 of all before it; numbers in network order.
 * Payloads go on as they come, so a message of any size costs no memory; of headers at most 128 KiB
 * are held. After a wrong checksum or length nothing can be found any more: reading ends.
 *
 * @see https://smithy.io/2.0/aws/amazon-eventstream.html
 */
export class AmazonEventReader {
  readonly #sink: AmazonEventSink
  #state = IN_PRELUDE
  /** What must be whole before it is read: prelude, headers or checksum. */
  #part = Buffer.alloc(PRELUDE_BYTES)
  #filled = 0
  /** Of the message so far. */
  #crc = 0
  #headersBytes = 0
  #payloadLeft = 0

  constructor(sink: AmazonEventSink) {
    this.#sink = sink
  }

  /** Something was no message: nothing is read after it. */
  get isBroken(): boolean {
    return this.#state === BROKEN
  }

  /** No message was begun that has not ended. */
  get isBetweenMessages(): boolean {
    return this.#state === IN_PRELUDE && this.#filled === 0
  }

  write(bytes: Buffer): void {
    let at = 0
    while (at < bytes.length && this.#state !== BROKEN)
      at = this.#state === IN_PAYLOAD ? this.#payload(bytes, at) : this.#fill(bytes, at)
  }

  #payload(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#payloadLeft)
    this.#crc = crc32(bytes.subarray(at, end), this.#crc)
    this.#payloadLeft -= end - at
    this.#sink.data(bytes, at, end)
    if (this.#payloadLeft === 0) this.#expect(IN_CHECKSUM, CHECKSUM_BYTES)
    return end
  }

  #fill(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#part.length - this.#filled)
    this.#filled += bytes.copy(this.#part, this.#filled, at, end)
    if (this.#filled === this.#part.length) this.#partEnded()
    return end
  }

  #partEnded(): void {
    if (this.#state === IN_PRELUDE) this.#prelude()
    else if (this.#state === IN_HEADERS) this.#headers()
    else this.#checksum()
  }

  #prelude(): void {
    const totalBytes = this.#part.readUInt32BE(0)
    this.#headersBytes = this.#part.readUInt32BE(4)
    this.#payloadLeft = totalBytes - this.#headersBytes - OVERHEAD_BYTES
    if (
      crc32(this.#part.subarray(0, 8)) !== this.#part.readUInt32BE(8) ||
      this.#headersBytes > MAX_HEADERS_BYTES ||
      this.#payloadLeft < 0
    ) {
      this.#state = BROKEN
      return
    }
    this.#crc = crc32(this.#part)
    this.#expect(IN_HEADERS, this.#headersBytes)
    if (this.#headersBytes === 0) this.#headers()
  }

  #headers(): void {
    this.#crc = crc32(this.#part, this.#crc)
    const headers = messageHeaders(this.#part)
    if (headers === null) {
      this.#state = BROKEN
      return
    }
    this.#sink.message(headers)
    if (this.#payloadLeft > 0) this.#state = IN_PAYLOAD
    else this.#expect(IN_CHECKSUM, CHECKSUM_BYTES)
  }

  #checksum(): void {
    if (this.#part.readUInt32BE(0) !== this.#crc) {
      this.#state = BROKEN
      return
    }
    this.#sink.messageEnd()
    this.#expect(IN_PRELUDE, PRELUDE_BYTES)
  }

  #expect(state: number, length: number): void {
    this.#state = state
    this.#filled = 0
    if (this.#part.length !== length) this.#part = Buffer.alloc(length)
  }
}

const WANTED: Readonly<Record<string, keyof MessageHeaders>> = {
  ':message-type': 'messageType',
  ':event-type': 'eventType',
  ':exception-type': 'exceptionType',
  ':error-code': 'errorCode',
}
/** Bytes of the values of each type but those that begin with their own length, 6 and 7. */
const VALUE_BYTES: readonly (number | undefined)[] = [0, 0, 1, 2, 4, 8, undefined, undefined, 8, 16]
const BYTES = 6
const STRING = 7

/** Null where the bytes are no headers. */
function messageHeaders(bytes: Buffer): MessageHeaders | null {
  const found: { -readonly [Name in keyof MessageHeaders]: string | null } = {
    messageType: null,
    eventType: null,
    exceptionType: null,
    errorCode: null,
  }
  let at = 0
  while (at < bytes.length) {
    const nameEnd = at + 1 + (bytes[at] ?? 0)
    const type = bytes[nameEnd]
    if (type === undefined) return null
    let start = nameEnd + 1
    let length = VALUE_BYTES[type]
    if (type === BYTES || type === STRING) {
      if (start + 2 > bytes.length) return null
      length = bytes.readUInt16BE(start)
      start += 2
    }
    if (length === undefined || start + length > bytes.length) return null
    const name = WANTED[bytes.toString('latin1', at + 1, nameEnd)]
    if (name !== undefined && type === STRING)
      found[name] = bytes.toString('utf8', start, start + length)
    at = start + length
  }
  return found
}
