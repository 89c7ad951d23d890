import { Transform } from 'node:stream'
import { FlintError } from '../../errors.ts'

export interface BodyBudgetOptions {
  /** Of all organisations together. */
  readonly maxBytes: number
  readonly maxBytesPerOrg: number
}

/**
 * The bytes of bodies that are here and not worked off, per organisation: what was announced and
 * has not come counts nothing.
 */
export class BodyBudget {
  readonly #maxBytes: number
  readonly #maxBytesPerOrg: number
  readonly #byOrg = new Map<string, number>()
  #bytes = 0

  constructor({ maxBytes, maxBytesPerOrg }: BodyBudgetOptions) {
    this.#maxBytes = maxBytes
    this.#maxBytesPerOrg = maxBytesPerOrg
  }

  /**
   * The body as it comes, counted; fails with `rate_limited` where it does not fit any more. `free`
   * is to be called once it is worked off.
   */
  count(org: string): { readonly through: Transform; readonly free: () => void } {
    let counted = 0
    const take = (bytes: number): boolean => {
      const ofOrg = this.#byOrg.get(org) ?? 0
      if (ofOrg + bytes > this.#maxBytesPerOrg || this.#bytes + bytes > this.#maxBytes) return false
      this.#byOrg.set(org, ofOrg + bytes)
      this.#bytes += bytes
      counted += bytes
      return true
    }
    const through = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        if (take(chunk.length)) done(null, chunk)
        else
          done(
            new FlintError(
              'rate_limited',
              'Too many reports of this organisation are on their way at once. Retry later.',
            ),
          )
      },
    })
    const free = () => {
      const left = (this.#byOrg.get(org) ?? 0) - counted
      if (left > 0) this.#byOrg.set(org, left)
      else this.#byOrg.delete(org)
      this.#bytes -= counted
      counted = 0
    }
    return { through, free }
  }
}
