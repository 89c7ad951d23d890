import { MAX_KEY_BYTES, type PathNode, wantedMember } from './paths.ts'
import { JsonStringScan } from './value-ends.ts'

const NOTHING = Buffer.alloc(0)

/**
 * Crosses the name of a member and finds what is wanted of it, across chunks. Only a name that a
 * chunk splits is copied, as far as it can matter.
 */
export class JsonKeyScan {
  readonly #strings = new JsonStringScan()
  #kept: Buffer = NOTHING
  /** What is wanted of the member whose name was crossed last; null for nothing. */
  node: PathNode | null = null

  reset(): void {
    this.#strings.reset()
    this.#kept = NOTHING
  }

  /**
   * Where its closing quote stands; -1 if not before `end`. `holder`: what is wanted of the object.
   */
  cross(bytes: Buffer, at: number, end: number, holder: PathNode | undefined): number {
    const quote = this.#strings.closingQuote(bytes, at, end)
    if (quote >= 0 && this.#kept.length === 0) {
      this.node = holder === undefined ? null : wantedMember(holder, bytes, at, quote)
      return quote
    }
    const seen = quote < 0 ? end : quote
    // One byte more than any wanted name has: then it is none, however long it goes on.
    if (this.#kept.length <= MAX_KEY_BYTES)
      this.#kept = Buffer.concat([
        this.#kept,
        bytes.subarray(at, Math.min(seen, at + MAX_KEY_BYTES + 1)),
      ])
    if (quote < 0) return -1
    this.node = holder === undefined ? null : wantedMember(holder, this.#kept, 0, this.#kept.length)
    this.#kept = NOTHING
    return quote
  }
}
