import { INFINITY_START, isNumberByte, LITERALS, MINUS } from './bytes.ts'

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
