import { AsyncLocalStorage } from 'node:async_hooks'
import type { FairSlots } from '../../fair/fair-slots.ts'
import type { StoreClient } from './client.ts'

/** Who waits for the answer to a request. */
export interface Requester {
  /** Null until the key is known. */
  org: string | null
  /**
   * Aborted when the requester has left: then the answer is of no use, and its statements are
   * ended.
   */
  readonly signal: AbortSignal
}

/**
 * The statements of requests: a few at a time per organisation, and ended with their requester.
 * Statements of the process itself (refreshing the keys, say) have no requester, and wait for no
 * one.
 */
export class Questions {
  readonly client: StoreClient
  readonly #slots: FairSlots
  readonly #requester = new AsyncLocalStorage<Requester>()

  constructor(client: StoreClient, slots: FairSlots) {
    this.#slots = slots
    this.client = {
      ...client,
      rows: (statement) =>
        this.#asked((signal) =>
          client.rows(signal === undefined ? statement : { ...statement, signal }),
        ),
      // What writes is not ended half way.
      run: (statement) => this.#asked(() => client.run(statement)),
    }
  }

  /** What runs within, and what it starts, is asked by `requester`. */
  within<T>(requester: Requester, work: () => T): T {
    return this.#requester.run(requester, work)
  }

  /** The key of the request that runs now is known. */
  askedBy(org: string): void {
    const requester = this.#requester.getStore()
    if (requester !== undefined) requester.org = org
  }

  async #asked<T>(ask: (signal: AbortSignal | undefined) => Promise<T>): Promise<T> {
    const requester = this.#requester.getStore()
    if (requester === undefined || requester.org === null) return ask(undefined)
    const giveBack = await this.#slots.take(requester.org, requester.signal)
    try {
      return await ask(requester.signal)
    } finally {
      giveBack()
    }
  }
}
