import http from 'node:http'

export interface Target {
  readonly url: string
  readonly headers: http.OutgoingHttpHeaders
}

export interface Latencies {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly firstByteP50Ms: number
  readonly callsPerSecond: number
  readonly failures: number
}

const REQUEST = JSON.stringify({
  model: 'gpt-4o',
  messages: [{ role: 'user', content: 'Summarise this contract in three bullets. '.repeat(10) }],
})

/**
 * `calls` calls by `callers` closed-loop callers over kept-alive connections; a latency ends with
 * the last byte.
 */
export async function load(target: Target, callers: number, calls: number): Promise<Latencies> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: callers })
  const lastByteMs: number[] = []
  const firstByteMs: number[] = []
  let failures = 0
  let left = calls
  const startedAt = performance.now()
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (left-- > 0) {
        const { status, firstMs, lastMs } = await call(target, agent)
        if (status !== 200) failures += 1
        firstByteMs.push(firstMs)
        lastByteMs.push(lastMs)
      }
    }),
  )
  agent.destroy()
  return latenciesOf({
    lastByteMs,
    firstByteMs,
    failures,
    calls,
    tookMs: performance.now() - startedAt,
  })
}

/**
 * Calls that begin on time, `callsPerSecond` of them, whatever became of those before (open loop):
 * a latency begins when the call was due, so callers that had to wait are not left out.
 */
export async function pacedLoad(
  target: Target,
  callsPerSecond: number,
  calls: number,
): Promise<Latencies> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 512 })
  const lastByteMs: number[] = []
  const firstByteMs: number[] = []
  const running: Promise<void>[] = []
  let failures = 0
  const startedAt = performance.now()
  for (let number = 0; number < calls; number++) {
    const dueAt = startedAt + (number * 1000) / callsPerSecond
    if (dueAt > performance.now())
      await new Promise((resolve) => setTimeout(resolve, dueAt - performance.now()))
    const lateMs = performance.now() - dueAt
    running.push(
      call(target, agent)
        .then(({ status, firstMs, lastMs }) => {
          if (status !== 200) failures += 1
          firstByteMs.push(firstMs + lateMs)
          lastByteMs.push(lastMs + lateMs)
        })
        .catch(() => {
          failures += 1
        }),
    )
  }
  await Promise.all(running)
  agent.destroy()
  return latenciesOf({
    lastByteMs,
    firstByteMs,
    failures,
    calls,
    tookMs: performance.now() - startedAt,
  })
}

function call(
  target: Target,
  agent: http.Agent,
): Promise<{ status: number; firstMs: number; lastMs: number }> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now()
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(REQUEST),
      ...target.headers,
    }
    const request = http.request(target.url, { method: 'POST', agent, headers }, (response) => {
      let firstMs = 0
      response.on('data', () => {
        firstMs ||= performance.now() - startedAt
      })
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          firstMs,
          lastMs: performance.now() - startedAt,
        }),
      )
      response.on('error', reject)
    })
    request.on('error', reject)
    request.end(REQUEST)
  })
}

function latenciesOf(run: {
  readonly lastByteMs: readonly number[]
  readonly firstByteMs: readonly number[]
  readonly failures: number
  readonly calls: number
  readonly tookMs: number
}): Latencies {
  return {
    p50Ms: percentile(run.lastByteMs, 50),
    p99Ms: percentile(run.lastByteMs, 99),
    firstByteP50Ms: percentile(run.firstByteMs, 50),
    callsPerSecond: run.calls / (run.tookMs / 1000),
    failures: run.failures,
  }
}

/**
 * Opens `count` streams and resolves once each has its first byte; they stay open until `close`.
 */
export async function openStreams(target: Target, count: number): Promise<{ close(): void }> {
  const agent = new http.Agent({ maxSockets: count })
  await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<void>((resolve, reject) => {
          const headers = {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(REQUEST),
            ...target.headers,
          }
          const request = http.request(
            target.url,
            { method: 'POST', agent, headers },
            (response) => {
              response.once('data', () => resolve())
              response.on('error', () => {})
              response.resume()
            },
          )
          request.on('error', reject)
          request.end(REQUEST)
        }),
    ),
  )
  return { close: () => agent.destroy() }
}

export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * p) / 100))] ?? Number.NaN
}
