import { join } from 'node:path'
import { createFairWorker } from '../../fair/fair-worker.ts'
import type { ExchangeCounts } from './count-exchange.ts'
import type { UncountedExchange } from './retained-exchange.ts'

export interface TokenCounter {
  /** Calls back once, with null where it cannot be counted, or not in time. */
  count(
    org: string,
    exchange: UncountedExchange,
    done: (counts: ExchangeCounts | null) => void,
  ): void
  /** What waits is answered with null. */
  close(): void
}

export interface TokenCounterOptions {
  /** Folder of the compiled program. */
  readonly programDirectory: string
  /** Calls of one organisation that may wait for their turn. */
  readonly maxWaitingPerOrg?: number
  /** How long one call may be counted, from its turn on. */
  readonly patienceMs?: number
}

/** Counts in a worker thread, one call at a time, the organisations in turn. */
export function createTokenCounter({
  programDirectory,
  maxWaitingPerOrg = 32,
  patienceMs = 5_000,
}: TokenCounterOptions): TokenCounter {
  const program = join(programDirectory, 'src', 'providers', 'counting', 'token-worker.js')
  const worker = createFairWorker<UncountedExchange, ExchangeCounts>({
    program,
    maxWaitingPerOrg,
    patienceMs,
    maxHeapMb: 256,
  })
  return { count: worker.ask, close: worker.close }
}
