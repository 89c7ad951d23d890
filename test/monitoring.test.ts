import { describe, expect, test } from 'vitest'
import {
  queriesOf,
  readAlerts,
  readBoard,
  readKnownMetrics,
  readTestedAlerts,
  runbookLine,
} from './support/monitoring-files.ts'

const known = readKnownMetrics()
const alerts = readAlerts()
const board = readBoard()
/** What Prometheus itself puts on every series of the job that scrapes Flint. */
const OF_EVERY_SERIES = ['job', 'instance', 'part']

/** Metrics that a query names, each with the labels by which it chooses. */
function metricsIn(query: string): Array<{ name: string; labels: string[] }> {
  const found = query.matchAll(/\b((?:flint|process|nodejs)_\w+)(?:\{([^}]*)\})?/g)
  return [...found].map(([, name = '', chosen = '']) => ({
    name,
    labels: [...chosen.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
  }))
}

/** What is wrong with the metrics of a query. */
function unknownIn(query: string): string[] {
  return metricsIn(query).flatMap(({ name, labels }) => {
    const label = known.get(name)
    if (label === undefined) return [name]
    const strange = labels.filter((one) => one !== label && !OF_EVERY_SERIES.includes(one))
    return strange.map((one) => `${name}{${one}}`)
  })
}

test('a metric or label that Flint does not have is found in a query', () => {
  expect(unknownIn('rate(flint_gate_refused_total{code="x", part="gate"}[5m])')).toEqual([])
  expect(unknownIn('sum by (le) (rate(flint_gate_verdict_seconds_bucket[5m]))')).toEqual([])
  expect(unknownIn('flint_gate_verdict_seconds + flint_gate_refused_total{name="x"}')).toEqual([
    'flint_gate_verdict_seconds',
    'flint_gate_refused_total{name}',
  ])
})

describe.each(alerts.map((one) => [one.alert, one] as const))('the alert %s', (name, alert) => {
  test('asks for metrics that Flint has', () => {
    expect(unknownIn(alert.expr)).toEqual([])
    expect(alert.expr).toMatch(/\b(flint|process|nodejs)_|^up\{job="flint"\}/)
  })

  test('has a line in docs/operations.md that says what it means and what to do', () => {
    const cells = runbookLine(alert)?.split(' | ') ?? []
    expect(cells.map((cell) => cell.length > 20)).toEqual([true, true, true])
    expect(alert.annotations.runbook).toMatch(`#${name.toLowerCase()}`)
    expect(['critical', 'warning', 'info']).toContain(alert.labels.severity)
  })

  test('has a test that makes it fire and one that leaves it quiet', () => {
    const { fires, isQuiet } = readTestedAlerts()
    expect([fires.has(name), isQuiet.has(name)]).toEqual([true, true])
  })
})

test('the alerts have names of their own', () => {
  expect(alerts.length).toBeGreaterThan(11)
  expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length)
})

test('the dashboard asks for metrics that Flint has, and each panel for one at least', () => {
  expect(queriesOf(board).flatMap(unknownIn)).toEqual([])
  const empty = board.panels.filter(
    ({ type, targets = [] }) => type !== 'row' && targets.length === 0,
  )
  expect(empty).toEqual([])
})

test('the dashboard can be imported beside any data source: none is named in it', () => {
  const { schemaVersion, templating, panels } = board
  expect(schemaVersion).toBeGreaterThan(36)
  expect(templating.list[0]).toMatchObject({ name: 'datasource', type: 'datasource' })
  const sources = panels.flatMap(({ datasource, targets = [] }) => [
    ...(datasource ? [datasource.uid] : []),
    ...targets.map((target) => target.datasource.uid),
  ])
  expect(sources.length).toBeGreaterThan(20)
  for (const uid of sources) expect(uid).toMatch(/^\$\{datasource\}$/)
})

test('the dashboard chooses by variables that it has', () => {
  const names = board.templating.list.map(({ name }) => name)
  const used = queriesOf(board).flatMap((query) => [...query.matchAll(/"\$(\w+)"/g)])
  expect(used.length).toBeGreaterThan(40)
  expect(used.filter(([, name = '']) => !names.includes(name))).toEqual([])
})
