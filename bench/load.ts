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

/** `calls` calls by `callers` closed-loop callers over kept-alive connections; a latency ends with the last byte. */
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
  const seconds = (performance.now() - startedAt) / 1000
  agent.destroy()
  return {
    p50Ms: percentile(lastByteMs, 50),
    p99Ms: percentile(lastByteMs, 99),
    firstByteP50Ms: percentile(firstByteMs, 50),
    callsPerSecond: calls / seconds,
    failures,
  }
}

function call(target: Target, agent: http.Agent): Promise<{ status: number; firstMs: number; lastMs: number }> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now()
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(REQUEST), ...target.headers }
    const request = http.request(target.url, { method: 'POST', agent, headers }, (response) => {
      let firstMs = 0
      response.on('data', () => {
        firstMs ||= performance.now() - startedAt
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, firstMs, lastMs: performance.now() - startedAt }))
      response.on('error', reject)
    })
    request.on('error', reject)
    request.end(REQUEST)
  })
}

/** Opens `count` streams and resolves once each has its first byte; they stay open until `close`. */
export async function openStreams(target: Target, count: number): Promise<{ close(): void }> {
  const agent = new http.Agent({ maxSockets: count })
  await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<void>((resolve, reject) => {
          const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(REQUEST), ...target.headers }
          const request = http.request(target.url, { method: 'POST', agent, headers }, (response) => {
            response.once('data', () => resolve())
            response.on('error', () => {})
            response.resume()
          })
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
