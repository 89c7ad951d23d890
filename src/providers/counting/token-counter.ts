import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { FairQueue } from '../../fair-queue.ts'
import type { ExchangeCounts } from './count-exchange.ts'
import type { UncountedExchange } from './retained-exchange.ts'

export interface TokenCounter {
  /** Calls back once, with null where it cannot be counted, or not in time. */
  count(org: string, exchange: UncountedExchange, done: CountsDone): void
  /** What waits is answered with null. */
  close(): void
}

type CountsDone = (counts: ExchangeCounts | null) => void

export interface TokenCounterOptions {
  /** Folder of the compiled program. */
  readonly programDirectory: string
  /** Calls of one organisation that may wait for their turn. */
  readonly maxWaitingPerOrg?: number
  /** How long one call may be counted, from its turn on. */
  readonly patienceMs?: number
}

interface Job {
  readonly exchange: UncountedExchange
  readonly done: CountsDone
}

const WORKER = ['src', 'providers', 'counting', 'token-worker.js']
const MAX_HEAP_MB = 256

/**
 * Counts in a worker thread that starts with the first call. One call is counted at a time, the
 * organisations take turns, and a call that takes too long ends its worker alone: the others go to the next.
 */
export function createTokenCounter({ programDirectory, maxWaitingPerOrg = 32, patienceMs = 5_000 }: TokenCounterOptions): TokenCounter {
  const queue = new FairQueue<Job>(maxWaitingPerOrg)
  let worker: Worker | null = null
  let current: { readonly job: Job; readonly timer: NodeJS.Timeout } | null = null
  let isClosed = false

  const settle = (counts: ExchangeCounts | null) => {
    if (current === null) return
    const { job, timer } = current
    current = null
    clearTimeout(timer)
    job.done(counts)
  }
  const next = () => {
    if (current !== null || isClosed) return
    const job = queue.take()
    if (job === undefined) return
    current = { job, timer: setTimeout(giveUp, patienceMs) }
    ;(worker ?? start()).postMessage(job.exchange)
  }
  /** The worker died or takes too long: the call that it counts stays uncounted. */
  const giveUp = () => {
    const gone = worker
    worker = null
    void gone?.terminate()
    settle(null)
    next()
  }
  const start = (): Worker => {
    const resourceLimits = { maxOldGenerationSizeMb: MAX_HEAP_MB }
    const started = new Worker(join(programDirectory, ...WORKER), { resourceLimits })
    started.unref()
    started.on('message', (counts: ExchangeCounts | null) => {
      if (worker !== started) return
      settle(counts)
      next()
    })
    const lost = () => {
      if (worker === started) giveUp()
    }
    started.on('error', lost)
    started.on('exit', lost)
    worker = started
    return started
  }

  return {
    count(org, exchange, done) {
      if (isClosed || !queue.add(org, { exchange, done })) done(null)
      else next()
    },
    close() {
      isClosed = true
      giveUp()
      for (const { done } of queue.takeAll()) done(null)
    },
  }
}
