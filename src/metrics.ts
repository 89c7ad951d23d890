import fs from 'node:fs'
import http from 'node:http'
import { Gauge, Registry } from 'prom-client'

/** A named number that is read only when somebody looks: hot paths count in plain objects. */
export interface Metric {
  /** `flint_<role>_<what>_<unit or total>` */
  readonly name: string
  readonly help: string
  readonly read: () => number
  readonly labels?: Readonly<Record<string, string>>
}

/** Numbers under one name, by names that turn up while running. */
export interface NamedMetric {
  readonly name: string
  readonly help: string
  readonly readEach: () => ReadonlyMap<string, number>
}

/**
 * Of the process itself, by the names that Prometheus' clients give them. Not prom-client's own collection: it watches the
 * event loop a hundred times a second, which is most of what a role at rest would take.
 */
const PROCESS_METRICS: readonly Metric[] = [
  {
    name: 'process_cpu_seconds_total',
    help: 'user and system CPU time',
    read: () => (process.cpuUsage().user + process.cpuUsage().system) / 1e6,
  },
  { name: 'process_resident_memory_bytes', help: 'resident memory', read: () => process.memoryUsage.rss() },
  { name: 'process_start_time_seconds', help: 'start, seconds since the epoch', read: () => Date.now() / 1_000 - process.uptime() },
  { name: 'nodejs_heap_size_used_bytes', help: 'heap in use', read: () => process.memoryUsage().heapUsed },
]

/** Serves Prometheus text on a Unix socket (0600): never on the public port. No key, no organisation, no id is a label. */
export async function serveMetrics(socketPath: string, all: readonly (Metric | NamedMetric)[]): Promise<{ close(): void }> {
  const registry = new Registry()
  const gauges = new Map<string, Gauge>()
  const metrics = [...PROCESS_METRICS, ...all.filter((metric): metric is Metric => 'read' in metric)]
  const named = all.filter((metric): metric is NamedMetric => 'readEach' in metric)
  for (const { name, help } of named) gauges.set(name, new Gauge({ name, help, labelNames: ['name'], registers: [registry] }))
  for (const { name, help, labels } of metrics) {
    if (!gauges.has(name)) gauges.set(name, new Gauge({ name, help, labelNames: Object.keys(labels ?? {}), registers: [registry] }))
  }
  const server = http.createServer((_request, response) => {
    for (const { name, read, labels } of metrics) gauges.get(name)?.set({ ...labels }, read())
    for (const { name, readEach } of named) for (const [value, count] of readEach()) gauges.get(name)?.set({ name: value }, count)
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

/** Every number of a counters object, one metric each: `{ tornTails: 2 }` → `flint_gate_torn_tails`. */
export function metricsOf(role: string, counters: object): (Metric | NamedMetric)[] {
  return Object.entries(counters).flatMap(([key, value]): (Metric | NamedMetric)[] => {
    const name = `flint_${role}_${key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`
    const read = (from: object, member: string) => () => Number(Object.entries(from).find(([candidate]) => candidate === member)?.[1] ?? 0)
    if (typeof value === 'number') return [{ name, help: `${key} of the ${role} since its start`, read: read(counters, key) }]
    if (value instanceof Map) return [{ name, help: `${key} of the ${role} since its start`, readEach: () => value }]
    if (typeof value !== 'object' || value === null) return []
    return Object.keys(value).map((code) => ({
      name,
      help: `${key} of the ${role} since its start`,
      read: read(value, code),
      labels: { code },
    }))
  })
}
