import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { ExchangeCounts } from './count-exchange.ts'
import type { UncountedExchange } from './retained-exchange.ts'

export interface TokenCounter {
  /** Calls back once, with null where it cannot be counted, or not in time. */
  count(exchange: UncountedExchange, done: (counts: ExchangeCounts | null) => void): void
  /** What waits is answered with null. */
  close(): void
}

export interface TokenCounterOptions {
  /** Folder of the compiled program. */
  readonly programDirectory: string
  readonly maxWaiting?: number
  readonly patienceMs?: number
}

interface Waiting {
  readonly done: (counts: ExchangeCounts | null) => void
  readonly timer: NodeJS.Timeout
}

const WORKER = ['src', 'providers', 'counting', 'token-worker.js']
const MAX_HEAP_MB = 256

/** Counts in a worker thread that starts with the first call and never holds a record up for long. */
export function createTokenCounter({ programDirectory, maxWaiting = 64, patienceMs = 5_000 }: TokenCounterOptions): TokenCounter {
  const waiting = new Map<number, Waiting>()
  let worker: Worker | null = null
  let lastId = 0
  let isClosed = false

  const settle = (id: number, counts: ExchangeCounts | null) => {
    const call = waiting.get(id)
    if (call === undefined) return
    waiting.delete(id)
    clearTimeout(call.timer)
    call.done(counts)
  }
  /** A worker that died or hangs: nothing it was asked will come. */
  const giveUp = () => {
    const gone = worker
    worker = null
    void gone?.terminate()
    for (const id of [...waiting.keys()]) settle(id, null)
  }
  const start = (): Worker => {
    const started = new Worker(join(programDirectory, ...WORKER), { resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB } })
    started.unref()
    started.on('message', ({ id, counts }: { readonly id: number; readonly counts: ExchangeCounts | null }) => settle(id, counts))
    const lost = () => {
      if (worker === started) giveUp()
    }
    started.on('error', lost)
    started.on('exit', lost)
    worker = started
    return started
  }

  return {
    count(exchange, done) {
      if (isClosed || waiting.size >= maxWaiting) return done(null)
      const id = ++lastId
      waiting.set(id, { done, timer: setTimeout(giveUp, patienceMs) })
      ;(worker ?? start()).postMessage({ id, exchange })
    },
    close() {
      isClosed = true
      giveUp()
    },
  }
}
