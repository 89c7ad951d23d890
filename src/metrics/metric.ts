import type { LatencyHistogram } from '../extproc/latency-histogram.ts'

/**
 * How a number appears to Prometheus (https://prometheus.io/docs/practices/naming/): base units,
 * counters end in `_total`.
 */
interface MetricDefinition {
  /** `flint_<role>_<what>[_<unit>][_total]` */
  readonly name: string
  /** A counter only grows while its process lives; a gauge is a state. */
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** One sentence: what is counted, and what it means when it moves. */
  readonly help: string
  /**
   * The one label, where the number has one. Never a key, an organisation or an
   * id.
   */
  readonly label?: string
}

/**
 * A definition and where its numbers are: read only when somebody asks, so that hot paths count in
 * plain objects.
 */
export type Metric = NumberMetric | HistogramMetric

interface HistogramMetric {
  readonly definition: MetricDefinition & { readonly type: 'histogram' }
  readonly histogram: LatencyHistogram
}

export interface NumberMetric {
  readonly definition: MetricDefinition & { readonly type: 'counter' | 'gauge' }
  /** By label value; of a metric without a label one number under ''. */
  readonly read: () => Iterable<readonly [labelValue: string, number]>
}

/**
 * What a member of a counters object may hold: one number, or numbers by the values of one label.
 */
type Counted = number | ReadonlyMap<string, number> | Readonly<Record<string, number>>

/** A definition for every member: one that is forgotten does not compile. */
export type Definitions<Counters> = {
  readonly [Member in keyof Counters]: NumberMetric['definition']
}

/** Every member of a counters object under its definition. */
export function metricsOf<Counters extends { readonly [Member in keyof Counters]: Counted }>(
  definitions: Definitions<Counters>,
  counters: Counters,
): Metric[] {
  const members = Object.keys(definitions) as (keyof Counters)[]
  return members.map((member) => ({
    definition: definitions[member],
    read: () => valuesOf(counters[member]),
  }))
}

export function gauge(name: string, help: string, read: () => number): Metric {
  return { definition: { name, type: 'gauge', help }, read: () => [['', read()]] }
}

function valuesOf(counted: Counted): Iterable<readonly [string, number]> {
  if (typeof counted === 'number') return [['', counted]]
  // A record has no iterator, a map has.
  return Symbol.iterator in counted
    ? (counted as ReadonlyMap<string, number>)
    : Object.entries(counted)
}

export const counter = (
  name: string,
  help: string,
  label?: string,
): NumberMetric['definition'] => ({
  name,
  type: 'counter',
  help,
  ...(label === undefined ? {} : { label }),
})

export const state = (name: string, help: string): NumberMetric['definition'] => ({
  name,
  type: 'gauge',
  help,
})
