import { BACKSLASH, QUOTE } from './bytes.ts'

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
