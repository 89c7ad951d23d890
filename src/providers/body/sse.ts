export interface SseSink {
  /** A piece of the event's data, in order; a view of the chunk, to be copied by who keeps it. */
  data(bytes: Buffer, start: number, end: number): void
  /** The event is complete. One without data is no event. */
  event(): void
}

const LF = 0x0a
const CR = 0x0d
const COLON = 0x3a
const SPACE = 0x20

// Where in a line the reader stands.
const LINE_START = 0
const IN_FIELD = 1
const BEFORE_VALUE = 2
const IN_DATA = 3
const IN_IGNORED = 4

const DATA = 'data'
const BOM = [0xef, 0xbb, 0xbf]
const NEWLINE = Buffer.from('\n')

/**
 * Incremental server-sent events reader over bytes. Data goes on as it comes, never gathered, so an
 * event of any size costs no memory. Lines end with CRLF, LF or a lone CR; of the fields only `data`
 * is read: every provider repeats the event's name in its data.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export class SseReader {
  readonly #sink: SseSink
  #state = LINE_START
  #bomSeen = 0
  /** A CR ended the last line: an LF right after it belongs to it. */
  #afterCr = false
  /** Start of a field's name that a chunk boundary split. */
  #field = ''
  #hasData = false

  constructor(sink: SseSink) {
    this.#sink = sink
  }

  write(chunk: Buffer, start = 0, end = chunk.length): void {
    // Nothing beyond the end may be searched.
    const bytes = end === chunk.length ? chunk : chunk.subarray(0, end)
    let at = this.#bomSeen < BOM.length ? this.#skipBom(bytes, start, end) : start
    // Kept until passed: nearly no stream has a CR, and one of lone CRs has no LF.
    let nextCr = -1
    let nextLf = -1
    while (at < end) {
      if (this.#afterCr) {
        this.#afterCr = false
        if (bytes[at] === LF && ++at === end) return
      }
      if (nextCr < at) nextCr = indexOrEnd(bytes, CR, at)
      if (nextLf < at) nextLf = indexOrEnd(bytes, LF, at)
      const lineEnd = Math.min(nextCr, nextLf)
      this.#part(bytes, at, lineEnd)
      if (lineEnd === end) return
      this.#lineEnd()
      this.#afterCr = bytes[lineEnd] === CR
      at = lineEnd + 1
    }
  }

  /**
   * The stream ended: a last line without its end and a last event without its blank line still
   * count.
   */
  end(): void {
    if (this.#state !== LINE_START) this.#lineEnd()
    this.#dispatch()
  }

  #skipBom(bytes: Buffer, start: number, end: number): number {
    let at = start
    while (at < end && this.#bomSeen < BOM.length) {
      if (bytes[at] !== BOM[this.#bomSeen]) {
        // A split that only began like a BOM is part of a field no one knows.
        if (this.#bomSeen > 0) this.#state = IN_IGNORED
        this.#bomSeen = BOM.length
        return at
      }
      this.#bomSeen++
      at++
    }
    return at
  }

  /** A line, or as much of it as the chunk holds. */
  #part(bytes: Buffer, start: number, end: number): void {
    let at = start
    if (this.#state === LINE_START && at < end) at = this.#lineStart(bytes, at, end)
    if (this.#state === IN_FIELD && at < end) at = this.#fieldName(bytes, at, end)
    if (this.#state === BEFORE_VALUE && at < end) {
      if (bytes[at] === SPACE) at++
      this.#valueStart()
    }
    if (this.#state === IN_DATA && at < end) this.#sink.data(bytes, at, end)
  }

  #lineStart(bytes: Buffer, at: number, end: number): number {
    this.#field = ''
    this.#state = IN_FIELD
    // `data:` whole, which is nearly every line.
    if (
      end - at < 5 ||
      bytes[at] !== 0x64 ||
      bytes[at + 1] !== 0x61 ||
      bytes[at + 2] !== 0x74 ||
      bytes[at + 3] !== 0x61
    )
      return at
    if (bytes[at + 4] !== COLON) return at
    this.#field = DATA
    this.#state = BEFORE_VALUE
    return at + 5
  }

  #fieldName(bytes: Buffer, start: number, end: number): number {
    // One byte more than `data` has: the colon is not looked for beyond it.
    const nameEnd = Math.min(end, start + DATA.length + 1)
    let colon = start
    while (colon < nameEnd && bytes[colon] !== COLON) colon++
    this.#field += bytes.toString('latin1', start, colon)
    const isWhole = colon < nameEnd
    if (isWhole ? this.#field !== DATA : this.#field.length > DATA.length) {
      this.#state = IN_IGNORED
      return end
    }
    if (!isWhole) return end
    this.#state = BEFORE_VALUE
    return colon + 1
  }

  #valueStart(): void {
    if (this.#hasData) this.#sink.data(NEWLINE, 0, 1)
    this.#hasData = true
    this.#state = IN_DATA
  }

  #lineEnd(): void {
    const state = this.#state
    this.#state = LINE_START
    if (state === LINE_START) this.#dispatch()
    // A field without a colon has the empty value; after `data:` at the end of a line there was no
    // value yet.
    else if (state === BEFORE_VALUE || (state === IN_FIELD && this.#field === DATA)) {
      this.#valueStart()
      this.#state = LINE_START
    }
  }

  #dispatch(): void {
    if (!this.#hasData) return
    this.#hasData = false
    this.#sink.event()
  }
}

function indexOrEnd(bytes: Buffer, byte: number, start: number): number {
  const index = bytes.indexOf(byte, start)
  return index < 0 ? bytes.length : index
}
