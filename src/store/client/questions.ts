import { AsyncLocalStorage } from 'node:async_hooks'
import type { FairSlots } from '../../fair/fair-slots.ts'
import type { StoreClient } from './client.ts'

/** Who waits for the answer to a request. */
export interface Asker {
  /** Null until the key is known. */
  org: string | null
  /**
   * Aborted when the asker has left: then the answer is of no use, and its statements are ended.
   */
  readonly signal: AbortSignal
}

/**
 * The statements of requests: a few at a time per organisation, and ended with their asker.
 * Statements of the process itself (refreshing the keys, say) have no asker, and wait for nobody.
 */
export class Questions {
  readonly client: StoreClient
  readonly #slots: FairSlots
  readonly #asker = new AsyncLocalStorage<Asker>()

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

  /** What runs within, and what it starts, is asked by `asker`. */
  within<T>(asker: Asker, work: () => T): T {
    return this.#asker.run(asker, work)
  }

  /** The key of the request that runs now is known. */
  askedBy(org: string): void {
    const asker = this.#asker.getStore()
    if (asker !== undefined) asker.org = org
  }

  async #asked<T>(ask: (signal: AbortSignal | undefined) => Promise<T>): Promise<T> {
    const asker = this.#asker.getStore()
    if (asker === undefined || asker.org === null) return ask(undefined)
    const giveBack = await this.#slots.take(asker.org, asker.signal)
    try {
      return await ask(asker.signal)
    } finally {
      giveBack()
    }
  }
}
