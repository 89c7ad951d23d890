import fs from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'
import { packageRoot } from '../../src/config/package-root.ts'

/** Where rules, their tests and the configuration that scrapes lie. */
export const PROMETHEUS_FOLDER = path.join(packageRoot(), 'deploy/prometheus')

export interface Alert {
  readonly alert: string
  readonly expr: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string; readonly runbook: string }
}

interface Panel {
  readonly type: string
  readonly title: string
  readonly datasource?: { readonly uid: string }
  readonly targets?: ReadonlyArray<{
    readonly expr: string
    readonly datasource: { readonly uid: string }
  }>
}

export interface Board {
  readonly schemaVersion: number
  readonly templating: {
    readonly list: ReadonlyArray<{ readonly name: string; readonly type: string }>
  }
  readonly panels: readonly Panel[]
}

const read = (file: string) => fs.readFileSync(path.join(packageRoot(), file), 'utf8')

/** Every alert of the rules, in their order. */
export function readAlerts(): Alert[] {
  const { groups } = parse(read('deploy/prometheus/flint.rules.yml')) as {
    groups: ReadonlyArray<{ readonly rules: readonly Alert[] }>
  }
  return groups.flatMap(({ rules }) => rules)
}

/** Names of alerts by whether a test of the rules expects them to fire, or to be quiet. */
export function readTestedAlerts(): { fires: Set<string>; isQuiet: Set<string> } {
  const { tests } = parse(read('deploy/prometheus/flint.rules.test.yml')) as {
    tests: ReadonlyArray<{
      readonly alert_rule_test: ReadonlyArray<{
        readonly alertname: string
        readonly exp_alerts: readonly unknown[]
      }>
    }>
  }
  const fires = new Set<string>()
  const isQuiet = new Set<string>()
  for (const { alertname, exp_alerts } of tests.flatMap((one) => one.alert_rule_test))
    (exp_alerts.length > 0 ? fires : isQuiet).add(alertname)
  return { fires, isQuiet }
}

export function readBoard(): Board {
  return JSON.parse(read('deploy/grafana/flint.json')) as Board
}

/** Queries of all panels. */
export function queriesOf({ panels }: Board): string[] {
  return panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
}

/** Names of metrics that docs/metrics.md lists, with the label of each where it has one. */
export function readKnownMetrics(): Map<string, string | null> {
  const rows = read('docs/metrics.md').matchAll(/^\| `(\w+)(?:\{(\w+)\})?` \| (\w+) \|/gm)
  return new Map(
    [...rows].flatMap(
      ([, name = '', label = null, type]): Array<[string, string | null]> =>
        type === 'histogram'
          ? [
              [`${name}_bucket`, 'le'],
              [`${name}_sum`, null],
              [`${name}_count`, null],
            ]
          : [[name, label]],
    ),
  )
}

/** The line of docs/operations.md that an alert's runbook points to; null where there is none. */
export function runbookLine({ alert, annotations }: Alert): string | null {
  const [file = '', anchor] = annotations.runbook.split('#')
  const start = `| <a id="${anchor}"></a>\`${alert}\` |`
  return (
    read(file)
      .split('\n')
      .find((line) => line.startsWith(start)) ?? null
  )
}
