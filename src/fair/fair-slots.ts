import { FlintError } from '../errors.ts'
import { FairQueue } from './fair-queue.ts'

export interface FairSlotsOptions {
  /** Work of all organisations at once. */
  readonly max: number
  readonly maxPerOrg: number
  /** What of one organisation may wait; beyond it requests are refused, to come back later. */
  readonly maxWaitingPerOrg: number
}

/**
 * A few slots for costly work: each organisation has some of them at the most, and those that wait
 * take turns.
 */
export class FairSlots {
  readonly #max: number
  readonly #maxPerOrg: number
  readonly #running = new Map<string, number>()
  readonly #waiting: FairQueue<() => void>
  #total = 0

  constructor({ max, maxPerOrg, maxWaitingPerOrg }: FairSlotsOptions) {
    this.#max = max
    this.#maxPerOrg = maxPerOrg
    this.#waiting = new FairQueue(maxWaitingPerOrg)
  }

  /**
   * Resolves with the way to give the slot back, which may be called again to no effect. Rejects
   * with FlintError `rate_limited` where too much waits, and with the signal's reason where the
   * requester has left.
   */
  async take(org: string, signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted()
    if (this.#mayRun(org)) this.#count(org, 1)
    else await this.#turn(org, signal)
    let isGivenBack = false
    return () => {
      if (isGivenBack) return
      isGivenBack = true
      this.#count(org, -1)
      this.#waiting.take((other) => this.#mayRun(other))?.()
    }
  }

  #mayRun(org: string): boolean {
    return this.#total < this.#max && (this.#running.get(org) ?? 0) < this.#maxPerOrg
  }

  #turn(org: string, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.remove(org, start)
        reject(signal?.reason)
      }
      const start = () => {
        signal?.removeEventListener('abort', leave)
        // Before anybody else can ask: the slot that became free is this one's.
        this.#count(org, 1)
        resolve()
      }
      if (!this.#waiting.add(org, start)) {
        reject(
          new FlintError(
            'rate_limited',
            'Too many questions of this organisation wait for their turn. Retry later.',
          ),
        )
        return
      }
      signal?.addEventListener('abort', leave, { once: true })
    })
  }

  #count(org: string, change: number): void {
    this.#total += change
    const running = (this.#running.get(org) ?? 0) + change
    if (running > 0) this.#running.set(org, running)
    else this.#running.delete(org)
  }
}
