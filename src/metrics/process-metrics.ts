import { counter, gauge, type Metric } from './metric.ts'

/**
 * Of the process itself, by the names that Prometheus' clients give them. Not prom-client's own
 * collection: it watches the event loop a hundred times a second, which is most of what a role at
 * rest would take.
 */
export function processMetrics(): Metric[] {
  const cpuSeconds = () => (process.cpuUsage().user + process.cpuUsage().system) / 1e6
  return [
    {
      definition: counter('process_cpu_seconds_total', 'User and system CPU time of the process.'),
      read: () => [['', cpuSeconds()]],
    },
    {
      definition: counter(
        'nodejs_eventloop_active_seconds_total',
        'Time that the event loop was at work; near one second a second, everything waits for it.',
      ),
      read: () => [['', performance.eventLoopUtilization().active / 1_000]],
    },
    gauge('process_resident_memory_bytes', 'Resident memory of the process.', () =>
      process.memoryUsage.rss(),
    ),
    gauge(
      'process_start_time_seconds',
      'When the process started, seconds since the epoch.',
      () => Date.now() / 1_000 - process.uptime(),
    ),
    gauge(
      'nodejs_heap_size_used_bytes',
      'JavaScript heap in use.',
      () => process.memoryUsage().heapUsed,
    ),
  ]
}
