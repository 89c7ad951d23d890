import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { createAccessLogCounters } from '../delivery/access-log-tail.ts'
import { createConnectionDeliveryCounters } from '../delivery/connection-delivery.ts'
import { createContentCounters } from '../delivery/content-delivery.ts'
import { createLetterCounters } from '../delivery/dead-letters.ts'
import { createDeliveryCounters } from '../delivery/delivery.ts'
import { createQuarantineCounters } from '../delivery/quarantine.ts'
import { createRecordCounters } from '../delivery/record-writer.ts'
import { createRetentionCounters } from '../delivery/retention.ts'
import { createStoreBreaker } from '../delivery/store-breaker.ts'
import { createConnectionCounters } from '../extproc/connection-counters.ts'
import { createGateCounters } from '../extproc/gate.ts'
import { observeLatency } from '../extproc/latency-histogram.ts'
import { createObserverActivity } from '../extproc/observer-activity.ts'
import { createObserverCounters } from '../extproc/observer-counters.ts'
import { createFailureCounters } from '../identity/authentication-failures.ts'
import { createSpoolCounters } from '../spool/spool-counters.ts'
import { apiMetrics } from './api-metrics.ts'
import { deliveryMetrics } from './delivery-metrics.ts'
import { gateMetrics } from './gate-metrics.ts'
import type { Metric } from './metric.ts'
import { observerMetrics } from './observer-metrics.ts'
import { processMetrics } from './process-metrics.ts'
import { createRegistry } from './serve-metrics.ts'

const TABLE = path.resolve(import.meta.dirname, '../../docs/metrics.md')
const fresh = { staleMs: () => 0 }
const identity = () => ({
  authenticationFailed: createFailureCounters(),
  keys: fresh,
  settings: fresh,
})
const spools = () => ({ spool: createSpoolCounters(), contentSpool: createSpoolCounters() })

/** What each role registers when it starts, over counters that have counted nothing. */
const ROLES: Readonly<Record<string, readonly Metric[]>> = {
  gate: gateMetrics({
    counters: createGateCounters(),
    spool: createSpoolCounters(),
    loopLagMs: () => 0,
    certificateEnds: () => [],
    ...identity(),
  }),
  observer: observerMetrics({
    counters: createObserverCounters(),
    activity: createObserverActivity(),
    loopLagMs: () => 0,
    connections: createConnectionCounters(),
    connectionSpool: createSpoolCounters(),
    ...spools(),
  }),
  delivery: deliveryMetrics({
    counters: createDeliveryCounters(),
    delivery: { backlog: () => ({ bytes: 0, oldestAtMs: null }), breaker: createStoreBreaker() },
    records: createRecordCounters(),
    quarantine: createQuarantineCounters(),
    letters: createLetterCounters(),
    accessLog: createAccessLogCounters(),
    content: createContentCounters(),
    connections: createConnectionDeliveryCounters(),
    retention: createRetentionCounters(),
  }),
  api: apiMetrics({ ...identity(), ...spools() }),
  'every role': processMetrics(),
}

function tableOf(role: string, metrics: readonly Metric[]): string {
  const rows = metrics.map(
    ({ definition: { name, label, type, help } }) =>
      `| \`${name}${label === undefined ? '' : `{${label}}`}\` | ${type} | ${help} |`,
  )
  return [`## ${role}`, '| name | type | meaning |', '|---|---|---|', ...rows].join('\n')
}

test('docs/metrics.md is what the roles register; `npx vitest run --project unit src/metrics -u` writes it', async () => {
  const text = `# Metrics

Generated from \`src/metrics\`. \`npx flint metrics\` prints them; each role serves its own on \`run/<role>-m.sock\`, and
at \`/metrics\` of a port where one is set (\`metrics.gatePort\` and so on). Counters begin at 0 when their process starts. No label holds a key, an organisation or an id.

${Object.entries(ROLES)
  .map(([role, metrics]) => tableOf(role, metrics))
  .join('\n\n')}
`
  await expect(text).toMatchFileSnapshot(TABLE)
})

describe.each(Object.entries(ROLES))('the metrics of %s', (role, metrics) => {
  test('are exported with the type and help of their definition', async () => {
    const page = await createRegistry(metrics).metrics()
    const exported = [...page.matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)$/gm)].map(
      ([, name, help, type]) => ({ name, help, type }),
    )
    const defined = metrics.map(({ definition: { name, help, type } }) => ({
      name,
      help: help.replaceAll('\\', '\\\\'),
      type,
    }))
    expect(exported.toSorted(byName)).toEqual(defined.toSorted(byName))
  })

  test('are named as Prometheus wants it: counters in _total and nothing else, base units, a sentence as help', () => {
    for (const { definition } of metrics) {
      const { name, type, help } = definition
      expect(name).toMatch(role === 'every role' ? /^(process|nodejs)_[a-z_]+$/ : /^flint_[a-z_]+$/)
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter'])
      expect(name).not.toMatch(/_(ms|milliseconds|kb|mb|megabytes|minutes|hours|days)(_|$)/)
      expect(help).toMatch(/^[A-Z0-9].*\.$/)
    }
  })
})

test('a counter is the number itself: it does not add up from page to page', async () => {
  const counters = createGateCounters()
  const registry = createRegistry(
    gateMetrics({
      counters,
      spool: createSpoolCounters(),
      loopLagMs: () => 25,
      certificateEnds: () => [['tls.certFile', 1_800_000_000]],
      ...identity(),
    }),
  )
  counters.forwarded = 3
  observeLatency(counters.verdicts, 0.0002)
  observeLatency(counters.verdicts, 9)
  counters.refused.invalid_api_key = 2
  await registry.metrics()
  const page = await registry.metrics()
  expect(page).toContain('\nflint_gate_forwarded_total 3\n')
  expect(page).toContain('\nflint_gate_refused_total{code="invalid_api_key"} 2\n')
  expect(page).toContain('\nflint_gate_loop_lag_seconds 0.025\n')
  for (const line of ['bucket{le="0.0001"} 0', 'bucket{le="0.00025"} 1', 'bucket{le="2.5"} 1'])
    expect(page).toContain(`\nflint_gate_verdict_seconds_${line}\n`)
  expect(page).toContain('\nflint_gate_verdict_seconds_bucket{le="+Inf"} 2\n')
  expect(page).toContain(
    '\nflint_gate_verdict_seconds_sum 9.0002\nflint_gate_verdict_seconds_count 2\n',
  )
  expect(page).toContain(
    '\nflint_gate_certificate_end_timestamp_seconds{name="tls.certFile"} 1800000000\n',
  )
})

const byName = (
  one: { readonly name: string | undefined },
  other: { readonly name: string | undefined },
) => String(one.name).localeCompare(String(other.name))
