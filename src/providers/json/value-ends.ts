import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  INFINITY_START,
  isNumberByte,
  LITERALS,
  MINUS,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
} from './bytes.ts'

/**
 * Finds the ends of JSON strings by `indexOf` (memchr), across chunks: only whether the next byte
 * is escaped need be known.
 */
export class JsonStringScan {
  #escaped = false

  reset(): void {
    this.#escaped = false
  }

  /** Where the string ends that `from` is inside of; -1 if not before `end`. */
  closingQuote(bytes: Buffer, from: number, end: number): number {
    let start = from
    if (this.#escaped) {
      this.#escaped = false
      start++
    }
    let search = start
    while (true) {
      let quote = bytes.indexOf(QUOTE, search)
      if (quote < 0 || quote > end) quote = end
      let backslashes = 0
      while (quote - backslashes > start && bytes[quote - backslashes - 1] === BACKSLASH)
        backslashes++
      const isEscaped = backslashes % 2 === 1
      if (quote === end) {
        this.#escaped = isEscaped
        return -1
      }
      if (!isEscaped) return quote
      search = quote + 1
    }
  }
}

/**
 * Crosses `true`, `false`, `null` and numbers, across chunks. Whether what looks like a number is
 * one is for its parser to say.
 */
export class JsonLiteralScan {
  /** The name being crossed; null within a number. */
  #name: Buffer | null = null
  #at = 0
  /** Only the sign of a number was read. */
  #isSign = false

  /** A number ends only where something else begins, or where the input ends. */
  get isNumber(): boolean {
    return this.#name === null
  }

  /** Its first byte was read; false where no literal begins so. */
  enter(byte: number): boolean {
    this.#name = LITERALS[byte] ?? null
    this.#at = 1
    this.#isSign = byte === MINUS
    return this.#name !== null || byte === MINUS || (byte >= 0x30 && byte <= 0x39)
  }

  /** Where it has ended; -1 if not before `end`, -2 where it is none. */
  cross(bytes: Buffer, from: number, end: number): number {
    if (this.#isSign && from < end) {
      this.#isSign = false
      if (bytes[from] === INFINITY_START) {
        this.#name = LITERALS[INFINITY_START] ?? null
        this.#at = 0
      }
    }
    const name = this.#name
    let at = from
    if (name === null) {
      while (at < end && isNumberByte(bytes[at] ?? 0)) at++
      return at < end ? at : -1
    }
    while (at < end && this.#at < name.length) {
      if (bytes[at] !== name[this.#at]) return -2
      this.#at++
      at++
    }
    return this.#at === name.length ? at : -1
  }
}

/** Crosses an object or array by counting depth, across chunks; what is inside is not looked at. */
export class JsonContainerScan {
  readonly #strings = new JsonStringScan()
  #depth = 0
  #inString = false

  /** Its opening bracket was read. */
  enter(): void {
    this.#depth = 1
    this.#inString = false
    this.#strings.reset()
  }

  /** Where it has ended; -1 if not before `end`. */
  cross(bytes: Buffer, from: number, end: number): number {
    let at = from
    if (this.#inString) {
      at = this.#strings.closingQuote(bytes, at, end) + 1
      if (at === 0) return -1
      this.#inString = false
    }
    while (at < end) {
      const byte = bytes[at++]
      if (byte === QUOTE) {
        at = at < end ? this.#strings.closingQuote(bytes, at, end) + 1 : 0
        if (at === 0) {
          this.#inString = true
          return -1
        }
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        this.#depth++
      } else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --this.#depth === 0) {
        return at
      }
    }
    return -1
  }
}
