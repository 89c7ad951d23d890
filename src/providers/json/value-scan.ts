import { NULL_START, OPEN_BRACE, OPEN_BRACKET, QUOTE } from './bytes.ts'
import type { JsonPathSink } from './path-sink.ts'
import type { PathNode } from './paths.ts'
import { JsonStringText } from './string-text.ts'
import { JsonValueCapture } from './value-capture.ts'
import { JsonContainerScan, JsonLiteralScan, JsonStringScan } from './value-ends.ts'

const NOTHING = Buffer.alloc(0)

// The kind of value that is being crossed.
const STRING = 0
const LITERAL = 1
/** An object or array that is skipped, or captured whole. */
const CONTAINER = 2
/** A string whose text is wanted. */
const TEXT = 3

/**
 * Crosses one value after the other, across chunks, and hands out those that are wanted whole, or
 * as text. Strings are crossed by `indexOf` (memchr), containers by counting depth; so what is
 * skipped is checked for balance only.
 */
export class JsonValueScan {
  readonly #sink: JsonPathSink
  readonly #capture: JsonValueCapture
  readonly #strings = new JsonStringScan()
  readonly #container = new JsonContainerScan()
  readonly #literal = new JsonLiteralScan()
  #kind = STRING
  /** Number of the wanted text, and its decoder, which is made when the first one comes. */
  #text = -1
  #decoder: JsonStringText | null = null

  constructor(slots: number, sink: JsonPathSink, maxValueBytes: number | undefined) {
    this.#sink = sink
    this.#capture = new JsonValueCapture(slots, maxValueBytes)
  }

  /** What is under way is given up. */
  cancel(): void {
    if (this.#kind === TEXT) this.#decoder?.reset()
    this.#strings.reset()
    this.#capture.cancel()
  }

  /** A new chunk begins: the value under way goes on at its first byte. */
  continueAt(at: number): void {
    this.#capture.continueAt(at)
  }

  /** The chunk ends. */
  keep(bytes: Buffer, end: number): void {
    this.#capture.keep(bytes, end)
  }

  /**
   * The first byte of a value, `byte`, stands at `at`; `node` is what is wanted of it. False where
   * no value begins so.
   */
  enter(byte: number, node: PathNode | null, at: number): boolean {
    const slot = node === null ? -1 : node.slot
    if (byte === QUOTE) {
      this.#kind = STRING
      if (slot < 0 && node !== null && node.text >= 0) {
        this.#kind = TEXT
        this.#text = node.text
      }
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      this.#kind = CONTAINER
      this.#container.enter()
    } else {
      this.#kind = LITERAL
      if (!this.#literal.enter(byte)) return false
      if (byte === NULL_START) return true
    }
    if (slot >= 0) this.#capture.start(slot, at)
    return true
  }

  /** Where the value has ended; -1 if not before `end`, -2 where it is none. */
  cross(bytes: Buffer, at: number, end: number): number {
    let after: number
    if (this.#kind === CONTAINER) after = this.#container.cross(bytes, at, end)
    else if (this.#kind === LITERAL) after = this.#literal.cross(bytes, at, end)
    else {
      const quote = this.#strings.closingQuote(bytes, at, end)
      if (this.#kind === TEXT) this.#textPiece(bytes, at, quote < 0 ? end : quote, quote >= 0)
      after = quote < 0 ? -1 : quote + 1
    }
    if (after >= 0) this.#ended(bytes, after)
    return after
  }

  /** The input has ended; false where that ends no value. A number at the root ends only so. */
  endNumber(): boolean {
    if (this.#kind !== LITERAL || !this.#literal.isNumber) return false
    this.#ended(NOTHING, 0)
    return true
  }

  #textPiece(bytes: Buffer, at: number, end: number, last: boolean): void {
    this.#decoder ??= new JsonStringText()
    this.#sink.text?.(this.#text, this.#decoder.write(bytes, at, end, last), last)
  }

  #ended(bytes: Buffer, end: number): void {
    const { slot } = this.#capture
    if (slot >= 0) this.#sink.value(slot, this.#capture.finish(bytes, end))
  }
}
