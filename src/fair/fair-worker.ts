import { Worker } from 'node:worker_threads'
import { FairQueue } from './fair-queue.ts'

/** Work that would hold the event loop up, done in a thread of its own. */
export interface FairWorker<Request, Answer> {
  /**
   * Calls back once, with null where it failed, took too long, or would have to wait with too much
   * else.
   */
  ask(org: string, request: Request, done: (answer: Answer | null) => void): void
  /** What waits is answered with null. */
  close(): void
}

export interface FairWorkerOptions {
  /** The thread's program: it answers each message with one message, in their order. */
  readonly program: string
  /** Requests of one organisation that may wait for their turn. */
  readonly maxWaitingPerOrg: number
  /** How long one request may take, from its turn on. */
  readonly patienceMs: number
  readonly maxHeapMb: number
}

interface Job<Request, Answer> {
  readonly request: Request
  readonly done: (answer: Answer | null) => void
}

/**
 * A worker thread that starts with the first request. One request is worked on at a time, the
 * organisations take turns, and a request that takes too long ends its worker alone: the others go
 * to the next.
 */
export function createFairWorker<Request, Answer>(
  options: FairWorkerOptions,
): FairWorker<Request, Answer> {
  const { program, maxWaitingPerOrg, patienceMs, maxHeapMb } = options
  const queue = new FairQueue<Job<Request, Answer>>(maxWaitingPerOrg)
  let worker: Worker | null = null
  let current: { readonly job: Job<Request, Answer>; readonly timer: NodeJS.Timeout } | null = null
  let isClosed = false

  const settle = (answer: Answer | null) => {
    if (current === null) return
    const { job, timer } = current
    current = null
    clearTimeout(timer)
    job.done(answer)
  }
  const next = () => {
    if (current !== null || isClosed) return
    const job = queue.take()
    if (job === undefined) return
    current = { job, timer: setTimeout(giveUp, patienceMs) }
    ;(worker ?? start()).postMessage(job.request)
  }
  /** The worker died or takes too long: the request that it works on stays unanswered. */
  const giveUp = () => {
    const gone = worker
    worker = null
    void gone?.terminate()
    settle(null)
    next()
  }
  const start = (): Worker => {
    const started = new Worker(program, { resourceLimits: { maxOldGenerationSizeMb: maxHeapMb } })
    started.unref()
    started.on('message', (answer: Answer | null) => {
      if (worker !== started) return
      settle(answer)
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
    ask(org, request, done) {
      if (isClosed || !queue.add(org, { request, done })) done(null)
      else next()
    },
    close() {
      isClosed = true
      giveUp()
      for (const { done } of queue.takeAll()) done(null)
    },
  }
}
