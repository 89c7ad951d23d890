import { CLOSE_BRACE, CLOSE_BRACKET, OPEN_BRACE, OPEN_BRACKET, QUOTE } from './bytes.ts'
import { JsonStringScan } from './string-scan.ts'

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
