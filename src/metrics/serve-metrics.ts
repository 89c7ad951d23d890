import fs from 'node:fs'
import http from 'node:http'
import { Counter, Gauge, Registry } from 'prom-client'
import type { Metric } from './metric.ts'
import { processMetrics } from './process-metrics.ts'

/** Serves Prometheus text on a Unix socket (0600): never on the public port. */
export async function serveMetrics(
  socketPath: string,
  metrics: readonly Metric[],
): Promise<{ close(): void }> {
  const registry = createRegistry([...processMetrics(), ...metrics])
  const server = http.createServer((_request, response) => {
    registry.metrics().then(
      (text) => response.setHeader('content-type', registry.contentType).end(text),
      () => response.writeHead(500).end(),
    )
  })
  fs.rmSync(socketPath, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socketPath, resolve)
  })
  fs.chmodSync(socketPath, 0o600)
  server.unref()
  return { close: () => void server.close() }
}

/**
 * Every metric is read anew for each page: what is exported is the number itself, not a copy kept
 * beside it.
 */
export function createRegistry(metrics: readonly Metric[]): Registry {
  const registry = new Registry()
  for (const { definition, read } of metrics) {
    const { name, help, label } = definition
    const common = {
      name,
      help,
      labelNames: label === undefined ? [] : [label],
      registers: [registry],
    }
    const labels = (value: string) => (label === undefined ? {} : { [label]: value })
    if (definition.type === 'counter')
      new Counter({
        ...common,
        collect() {
          this.reset()
          for (const [value, count] of read()) this.inc(labels(value), count)
        },
      })
    else
      new Gauge({
        ...common,
        collect() {
          this.reset()
          for (const [value, number] of read()) this.set(labels(value), number)
        },
      })
  }
  return registry
}
