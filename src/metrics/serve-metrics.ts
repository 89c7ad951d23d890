import fs from 'node:fs'
import http from 'node:http'
import { Counter, Gauge, Registry } from 'prom-client'
import { CountedHistogram } from './counted-histogram.ts'
import type { Metric } from './metric.ts'
import { processMetrics } from './process-metrics.ts'

/**
 * Serves Prometheus text on a Unix socket (0600), and on a port where one is named: never on the
 * public one.
 */
export async function serveMetrics(
  socketPath: string,
  port: MetricsPort | null,
  metrics: readonly Metric[],
): Promise<{ close(): void }> {
  const registry = createRegistry([...processMetrics(), ...metrics])
  const answer = (response: http.ServerResponse) => {
    registry.metrics().then(
      (text) => response.setHeader('content-type', registry.contentType).end(text),
      () => response.writeHead(500).end(),
    )
  }
  const servers = [http.createServer((_request, response) => answer(response))]
  fs.rmSync(socketPath, { force: true })
  await listening(servers[0], { path: socketPath })
  fs.chmodSync(socketPath, 0o600)
  if (port !== null) {
    const options = { requestTimeout: PATIENCE_MS, headersTimeout: PATIENCE_MS }
    const server = http.createServer(options, ({ url, method }, response) => {
      if (method === 'GET' && url?.split('?')[0] === '/metrics') answer(response)
      else response.writeHead(404).end()
    })
    // Of those who scrape there are few.
    server.maxConnections = 64
    await listening(server, port).catch((error: Error) => {
      throw new Error(`${port.setting} cannot be opened: ${error.message}`, { cause: error })
    })
    servers.push(server)
  }
  return {
    close() {
      for (const server of servers) server.close()
    },
  }
}

/** A scraper's request is one line. */
const PATIENCE_MS = 10_000

/** Where a role serves its metrics over HTTP; `setting` names the port to people. */
export interface MetricsPort {
  readonly host: string
  readonly port: number
  readonly setting: string
}

async function listening(
  server: http.Server | undefined,
  where: { readonly path: string } | { readonly host: string; readonly port: number },
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server?.once('error', reject)
    server?.listen(where, resolve)
  })
  server?.unref()
}

/**
 * Every metric is read anew for each page: what is exported is the number itself, not a copy kept
 * beside it.
 */
export function createRegistry(metrics: readonly Metric[]): Registry {
  const registry = new Registry()
  for (const metric of metrics) {
    const { name, help, label } = metric.definition
    if ('histogram' in metric) {
      registry.registerMetric(new CountedHistogram({ name, help }, metric.histogram))
      continue
    }
    const { definition, read } = metric
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
