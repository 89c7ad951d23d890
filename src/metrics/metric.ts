/**
 * How a number appears to Prometheus (https://prometheus.io/docs/practices/naming/): base units,
 * counters end in `_total`.
 */
export interface MetricDefinition {
  /** `flint_<role>_<what>[_<unit>][_total]` */
  readonly name: string
  /** A counter only grows while its process lives; a gauge is a state. */
  readonly type: 'counter' | 'gauge'
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
export interface Metric {
  readonly definition: MetricDefinition
  /** By label value; of a metric without a label one number under ''. */
  readonly read: () => Iterable<readonly [labelValue: string, number]>
}

/**
 * What a member of a counters object may hold: one number, or numbers by the values of one label.
 */
type Counted = number | ReadonlyMap<string, number> | Readonly<Record<string, number>>

/** A definition for every member: one that is forgotten does not compile. */
export type Definitions<Counters> = { readonly [Member in keyof Counters]: MetricDefinition }

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

export const counter = (name: string, help: string, label?: string): MetricDefinition => ({
  name,
  type: 'counter',
  help,
  ...(label === undefined ? {} : { label }),
})

export const state = (name: string, help: string): MetricDefinition => ({
  name,
  type: 'gauge',
  help,
})
