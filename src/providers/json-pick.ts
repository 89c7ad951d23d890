import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  isNumberByte,
  LITERALS,
  MINUS,
  NULL_START,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  SPACE,
} from './json-bytes.ts'
import { JsonContainerScan } from './json-container-scan.ts'
import { type JsonPaths, MAX_KEY_BYTES, type PathNode, wantedMember } from './json-paths.ts'
import type { JsonPickOptions, JsonPickSink, JsonState } from './json-pick-sink.ts'
import { JsonStringScan } from './json-string-scan.ts'
import { JsonStringText } from './json-string-text.ts'
import { JsonValueCapture } from './json-value-capture.ts'

// What the scanner stands before or within (RFC 8259 §2).
const AT_VALUE = 0
const AT_VALUE_OR_END = 1
const AT_KEY = 2
const AT_KEY_OR_END = 3
const AT_COLON = 4
const AFTER_VALUE = 5
const AFTER_ROOT = 6
const IN_STRING = 7
const IN_KEY = 8
const IN_LITERAL = 9
/** Within a container that is skipped, or captured whole. */
const IN_CONTAINER = 10
/** Within a string whose text is wanted. */
const IN_TEXT = 11
const MALFORMED = 12

const NOTHING = Buffer.alloc(0)

/**
 * Incremental JSON scanner over bytes: reports the values at the wanted paths and walks over everything else without
 * building it. Chunks may split anything. Strings are crossed by `indexOf` (memchr), containers in which nothing is
 * wanted by counting depth; so what is skipped is checked for balance only, what is reported is checked by who parses it.
 *
 * With `elements`, a root array (Gemini's stream without `alt=sse`) is a sequence of documents rather than one.
 */
export class JsonPick {
  readonly #root: PathNode
  readonly #sink: JsonPickSink
  readonly #elements: boolean
  readonly #capture: JsonValueCapture
  readonly #strings = new JsonStringScan()
  readonly #container = new JsonContainerScan()
  #state = AT_VALUE
  /** What is wanted of the value that comes next; null for nothing. */
  #node: PathNode | null
  /** Open containers on the way to wanted values: never deeper than the paths. */
  readonly #open: PathNode[] = []
  readonly #openIsArray: boolean[] = []
  #key: Buffer = NOTHING
  /** Rest of true, false or null; null within a number. */
  #literal: Buffer | null = null
  #literalAt = 0
  /** The root is an array whose elements are the documents. */
  #inSequence = false
  /** The wanted text within whose string the scanner stands; its decoder is made when the first one comes. */
  #text = -1
  #textOf: JsonStringText | null = null

  constructor(paths: JsonPaths, sink: JsonPickSink, { elements = false, maxValueBytes }: JsonPickOptions = {}) {
    this.#elements = elements
    // The root array of a sequence is opened like a wanted array whose items are the documents.
    this.#root = this.#elements ? { ...paths.root, items: paths.root } : paths.root
    this.#node = this.#root
    this.#sink = sink
    this.#capture = new JsonValueCapture(paths.slots, maxValueBytes)
  }

  /** Begins a new document; values seen repeatedly stay known, so that they need not be decoded again. */
  reset(): void {
    if (this.#state === IN_TEXT) this.#textOf?.reset()
    this.#state = AT_VALUE
    this.#node = this.#root
    this.#open.length = 0
    this.#openIsArray.length = 0
    this.#inSequence = false
    this.#strings.reset()
    this.#key = NOTHING
    this.#capture.cancel()
  }

  write(bytes: Buffer, start = 0, end = bytes.length): void {
    this.#capture.continueAt(start)
    let at = start
    while (at < end) {
      switch (this.#state) {
        case IN_CONTAINER:
          at = this.#skip(bytes, at, end)
          break
        case IN_STRING:
          at = this.#string(bytes, at, end)
          break
        case IN_TEXT:
          at = this.#textPiece(bytes, at, end)
          break
        case IN_KEY:
          at = this.#keyRest(bytes, at, end)
          break
        case IN_LITERAL:
          at = this.#literalRest(bytes, at, end)
          break
        case MALFORMED:
          return
        default:
          at = this.#token(bytes, at, end)
      }
    }
    this.#capture.keep(bytes, end)
  }

  /** The state at the end of the input; a number at the root ends only here. */
  end(): JsonState {
    if (this.#state === IN_LITERAL && this.#literal === null && this.#open.length === 0) this.#valueEnd(NOTHING, 0)
    if (this.#state === MALFORMED) return 'malformed'
    if (this.#state === AFTER_ROOT) return 'complete'
    return this.#state === AT_VALUE && this.#open.length === 0 ? 'empty' : 'truncated'
  }

  #token(bytes: Buffer, from: number, end: number): number {
    let at = from
    let byte = bytes[at]
    while (byte === SPACE || byte === 0x0a || byte === 0x0d || byte === 0x09) {
      if (++at === end) return end
      byte = bytes[at]
    }
    switch (this.#state) {
      case AT_VALUE_OR_END:
        if (byte === CLOSE_BRACKET) return this.#close(true, at + 1)
        return this.#value(bytes, at, end)
      case AT_VALUE:
        return this.#value(bytes, at, end)
      case AT_KEY_OR_END:
        if (byte === CLOSE_BRACE) return this.#close(false, at + 1)
        return byte === QUOTE ? this.#keyStart(bytes, at + 1, end) : this.#fail(end)
      case AT_KEY:
        return byte === QUOTE ? this.#keyStart(bytes, at + 1, end) : this.#fail(end)
      case AT_COLON:
        if (byte !== COLON) return this.#fail(end)
        this.#state = AT_VALUE
        return at + 1
      case AFTER_VALUE:
        if (byte === COMMA) return this.#next(bytes, at + 1, end)
        if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) return this.#close(byte === CLOSE_BRACKET, at + 1)
        return this.#fail(end)
      default:
        return this.#fail(end)
    }
  }

  #value(bytes: Buffer, at: number, end: number): number {
    const byte = bytes[at]
    const node = this.#node
    const slot = node === null ? -1 : node.slot
    if (byte === QUOTE) {
      if (slot >= 0) this.#capture.start(slot, at)
      else if (node !== null && node.text >= 0) return this.#textStart(node.text, at)
      this.#state = IN_STRING
      return at + 1 < end ? this.#string(bytes, at + 1, end) : end
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      const isArray = byte === OPEN_BRACKET
      if (slot < 0 && node !== null && (isArray ? node.items !== null : node.members.length > 0)) {
        if (this.#elements && isArray && this.#open.length === 0) this.#inSequence = true
        this.#open.push(node)
        this.#openIsArray.push(isArray)
        if (node.group >= 0 && !isArray) this.#sink.enter?.(node.group)
        this.#node = isArray ? node.items : null
        this.#state = isArray ? AT_VALUE_OR_END : AT_KEY_OR_END
        return at + 1
      }
      if (slot >= 0) this.#capture.start(slot, at)
      this.#container.enter()
      this.#state = IN_CONTAINER
      return at + 1 < end ? this.#skip(bytes, at + 1, end) : end
    }
    if (byte === undefined) return end
    const literal = LITERALS[byte]
    if (literal === undefined && byte !== MINUS && (byte < 0x30 || byte > 0x39)) return this.#fail(end)
    if (slot >= 0 && byte !== NULL_START) this.#capture.start(slot, at)
    this.#literal = literal ?? null
    this.#literalAt = 1
    this.#state = IN_LITERAL
    return this.#literalRest(bytes, at + 1, end)
  }

  #literalRest(bytes: Buffer, from: number, end: number): number {
    const literal = this.#literal
    let at = from
    if (literal !== null) {
      while (at < end && this.#literalAt < literal.length) {
        if (bytes[at] !== literal[this.#literalAt]) return this.#fail(end)
        this.#literalAt++
        at++
      }
      if (this.#literalAt === literal.length) this.#valueEnd(bytes, at)
      return at
    }
    for (; at < end; at++) {
      if (!isNumberByte(bytes[at] ?? 0)) {
        this.#valueEnd(bytes, at)
        return at
      }
    }
    return at
  }

  #string(bytes: Buffer, at: number, end: number): number {
    const quote = this.#strings.closingQuote(bytes, at, end)
    if (quote < 0) return end
    this.#valueEnd(bytes, quote + 1)
    return quote + 1
  }

  #textStart(text: number, at: number): number {
    this.#text = text
    this.#textOf ??= new JsonStringText()
    this.#state = IN_TEXT
    return at + 1
  }

  #textPiece(bytes: Buffer, at: number, end: number): number {
    const quote = this.#strings.closingQuote(bytes, at, end)
    const last = quote >= 0
    this.#sink.text?.(this.#text, this.#textOf?.write(bytes, at, last ? quote : end, last) ?? '', last)
    if (!last) return end
    this.#valueEnd(bytes, quote + 1)
    return quote + 1
  }

  #skip(bytes: Buffer, at: number, end: number): number {
    const after = this.#container.cross(bytes, at, end)
    if (after < 0) return end
    this.#valueEnd(bytes, after)
    return after
  }

  #keyStart(bytes: Buffer, at: number, end: number): number {
    this.#state = IN_KEY
    const quote = at < end ? this.#strings.closingQuote(bytes, at, end) : -1
    if (quote >= 0) {
      this.#keyEnd(bytes, at, quote)
      // Nearly always colon and value follow at once: saves rounds through the loop.
      if (quote + 2 >= end || bytes[quote + 1] !== COLON) return quote + 1
      this.#state = AT_VALUE
      return (bytes[quote + 2] ?? 0) > SPACE ? this.#value(bytes, quote + 2, end) : quote + 2
    }
    this.#key = Buffer.from(bytes.subarray(at, Math.min(end, at + MAX_KEY_BYTES + 1)))
    return end
  }

  #keyRest(bytes: Buffer, at: number, end: number): number {
    const quote = this.#strings.closingQuote(bytes, at, end)
    if (this.#key.length <= MAX_KEY_BYTES) this.#key = Buffer.concat([this.#key, bytes.subarray(at, quote < 0 ? end : quote)])
    if (quote < 0) return end
    this.#keyEnd(this.#key, 0, this.#key.length)
    this.#key = NOTHING
    return quote + 1
  }

  #keyEnd(bytes: Buffer, start: number, end: number): void {
    const holder = this.#open[this.#open.length - 1]
    this.#node = holder === undefined ? null : wantedMember(holder, bytes, start, end)
    this.#state = AT_COLON
  }

  #next(bytes: Buffer, at: number, end: number): number {
    const depth = this.#open.length - 1
    if (this.#openIsArray[depth] === true) {
      this.#node = this.#open[depth]?.items ?? null
      this.#state = AT_VALUE
      return at
    }
    this.#node = null
    this.#state = AT_KEY
    return at < end && bytes[at] === QUOTE ? this.#keyStart(bytes, at + 1, end) : at
  }

  #close(isArray: boolean, at: number): number {
    if (this.#openIsArray.pop() !== isArray) return this.#fail(at)
    const closed = this.#open.pop()
    if (closed !== undefined && closed.group >= 0 && !isArray) this.#sink.leave?.(closed.group)
    this.#ended()
    return at
  }

  #valueEnd(bytes: Buffer, end: number): void {
    if (this.#capture.slot >= 0) {
      const slot = this.#capture.slot
      this.#sink.value(slot, this.#capture.finish(bytes, end))
    }
    this.#ended()
  }

  #ended(): void {
    const depth = this.#open.length
    this.#state = depth === 0 ? AFTER_ROOT : AFTER_VALUE
    if (depth === (this.#inSequence ? 1 : 0)) this.#sink.document()
  }

  #fail(at: number): number {
    this.#state = MALFORMED
    this.#capture.cancel()
    return at
  }
}
