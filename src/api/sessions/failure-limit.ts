import { BoundedMap } from '../../bounded-map.ts'
import { FlintError } from '../../errors.ts'

const WINDOW_MS = 60_000
/** Of so many addresses at once the one that failed first is forgotten. */
const MAX_ADDRESSES = 10_000

/** Counts what fails by client address: so many in a minute, and no more is tried. */
export class FailureLimit {
  readonly #max: number
  readonly #nowMs: () => number
  readonly #failures = new BoundedMap<string, { count: number; readonly untilMs: number }>(
    MAX_ADDRESSES,
  )

  constructor(max: number, nowMs: () => number = Date.now) {
    this.#max = max
    this.#nowMs = nowMs
  }

  /**
   * Counts an attempt, before it is made, so that many at once are no way around; `succeeded` takes
   * it back. Throws `rate_limited` beyond the limit.
   */
  attempt(address: string): { succeeded(): void } {
    const nowMs = this.#nowMs()
    const known = this.#failures.get(address)
    const current =
      known !== undefined && known.untilMs > nowMs
        ? known
        : { count: 0, untilMs: nowMs + WINDOW_MS }
    if (current.count >= this.#max)
      throw new FlintError('rate_limited', 'Too many failures to sign in: retry in a minute.')
    current.count += 1
    this.#failures.set(address, current)
    return {
      succeeded() {
        current.count -= 1
      },
    }
  }
}
