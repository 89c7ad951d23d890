import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  SPACE,
} from './bytes.ts'
import { JsonKeyScan } from './key-scan.ts'
import { JsonNesting } from './nesting.ts'
import type { JsonPathScannerOptions, JsonPathSink, JsonState } from './path-sink.ts'
import type { JsonPaths, PathNode } from './paths.ts'
import { JsonValueScan } from './value-scan.ts'

// What the scanner stands before or within (RFC 8259 §2).
const AT_VALUE = 0
const AT_VALUE_OR_END = 1
const AT_KEY = 2
const AT_KEY_OR_END = 3
const AT_COLON = 4
const AFTER_VALUE = 5
const AFTER_ROOT = 6
const IN_KEY = 7
/** Within a value in which nothing deeper is wanted. */
const IN_VALUE = 8
const MALFORMED = 9

/**
 * Incremental JSON scanner over bytes: reports the values at the wanted paths and walks over
 * everything else without building it. Chunks may split anything. What is reported is checked by
 * who parses it.
 *
 * With `elements`, a root array (Gemini's stream without `alt=sse`) is a sequence of documents
 * rather than one.
 */
export class JsonPathScanner {
  readonly #root: PathNode
  readonly #sink: JsonPathSink
  readonly #elements: boolean
  readonly #keys = new JsonKeyScan()
  readonly #values: JsonValueScan
  readonly #open = new JsonNesting()
  #state = AT_VALUE
  /** What is wanted of the value that comes next; null for nothing. */
  #node: PathNode | null
  /** The root is an array whose elements are the documents. */
  #inSequence = false

  constructor(
    paths: JsonPaths,
    sink: JsonPathSink,
    { elements = false, maxValueBytes }: JsonPathScannerOptions = {},
  ) {
    this.#elements = elements
    // The root array of a sequence is opened like a wanted array whose items are the documents.
    this.#root = this.#elements ? { ...paths.root, items: paths.root } : paths.root
    this.#node = this.#root
    this.#sink = sink
    this.#values = new JsonValueScan(paths.slots, sink, maxValueBytes)
  }

  /**
   * Begins a new document; values seen repeatedly stay known, so that they need not be decoded
   * again.
   */
  reset(): void {
    this.#state = AT_VALUE
    this.#node = this.#root
    this.#inSequence = false
    this.#open.reset()
    this.#keys.reset()
    this.#values.cancel()
  }

  write(chunk: Buffer, start = 0, end = chunk.length): void {
    // Nothing beyond the end may be searched: one line of many would else cost what all of them
    // hold.
    const bytes = end === chunk.length ? chunk : chunk.subarray(0, end)
    this.#values.continueAt(start)
    let at = start
    while (at < end) {
      switch (this.#state) {
        case IN_VALUE:
          at = this.#valuePiece(bytes, at, end)
          break
        case IN_KEY:
          at = this.#keyPiece(bytes, at, end)
          break
        case MALFORMED:
          return
        default:
          at = this.#token(bytes, at, end)
      }
    }
    this.#values.keep(bytes, end)
  }

  /** The state at the end of the input; a number at the root ends only here. */
  end(): JsonState {
    if (this.#state === IN_VALUE && this.#open.depth === 0 && this.#values.endNumber())
      this.#ended()
    if (this.#state === MALFORMED) return 'malformed'
    if (this.#state === AFTER_ROOT) return 'complete'
    return this.#state === AT_VALUE && this.#open.depth === 0 ? 'empty' : 'truncated'
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
        if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET)
          return this.#close(byte === CLOSE_BRACKET, at + 1)
        return this.#fail(end)
      default:
        return this.#fail(end)
    }
  }

  #value(bytes: Buffer, at: number, end: number): number {
    const byte = bytes[at]
    if (byte === undefined) return end
    const node = this.#node
    if (
      node !== null &&
      node.slot < 0 &&
      (byte === OPEN_BRACE ? node.members.length > 0 : byte === OPEN_BRACKET && node.items !== null)
    ) {
      this.#openContainer(node, byte === OPEN_BRACKET)
      return at + 1
    }
    if (!this.#values.enter(byte, node, at)) return this.#fail(end)
    this.#state = IN_VALUE
    return at + 1 < end ? this.#valuePiece(bytes, at + 1, end) : end
  }

  #valuePiece(bytes: Buffer, at: number, end: number): number {
    const after = this.#values.cross(bytes, at, end)
    if (after >= 0) {
      this.#ended()
      return after
    }
    return after === -1 ? end : this.#fail(end)
  }

  #openContainer(node: PathNode, isArray: boolean): void {
    if (this.#elements && isArray && this.#open.depth === 0) this.#inSequence = true
    this.#open.open(node, isArray)
    if (node.group >= 0 && !isArray) this.#sink.enter?.(node.group)
    this.#node = isArray ? node.items : null
    this.#state = isArray ? AT_VALUE_OR_END : AT_KEY_OR_END
  }

  #keyStart(bytes: Buffer, at: number, end: number): number {
    this.#state = IN_KEY
    const after = at < end ? this.#keyPiece(bytes, at, end) : end
    // Nearly always colon and value follow at once: saves rounds through the loop.
    if (this.#state !== AT_COLON || after + 1 >= end || bytes[after] !== COLON) return after
    this.#state = AT_VALUE
    return (bytes[after + 1] ?? 0) > SPACE ? this.#value(bytes, after + 1, end) : after + 1
  }

  #keyPiece(bytes: Buffer, at: number, end: number): number {
    const quote = this.#keys.cross(bytes, at, end, this.#open.node)
    if (quote < 0) return end
    this.#node = this.#keys.node
    this.#state = AT_COLON
    return quote + 1
  }

  #next(bytes: Buffer, at: number, end: number): number {
    if (this.#open.isArray) {
      this.#node = this.#open.node?.items ?? null
      this.#state = AT_VALUE
      return at
    }
    this.#node = null
    this.#state = AT_KEY
    return at < end && bytes[at] === QUOTE ? this.#keyStart(bytes, at + 1, end) : at
  }

  #close(isArray: boolean, at: number): number {
    const closed = this.#open.close(isArray)
    if (closed === undefined) return this.#fail(at)
    if (closed.group >= 0 && !isArray) this.#sink.leave?.(closed.group)
    this.#ended()
    return at
  }

  #ended(): void {
    const { depth } = this.#open
    this.#state = depth === 0 ? AFTER_ROOT : AFTER_VALUE
    if (depth === (this.#inSequence ? 1 : 0)) this.#sink.document()
  }

  #fail(at: number): number {
    this.#state = MALFORMED
    this.#values.cancel()
    return at
  }
}
