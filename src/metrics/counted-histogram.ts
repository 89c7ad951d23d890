import { Histogram } from 'prom-client'
import type { LatencyHistogram } from '../extproc/latency-histogram.ts'

/** Shows a histogram that was counted elsewhere: hot paths count in plain objects. */
export class CountedHistogram extends Histogram {
  readonly #definition: { readonly name: string; readonly help: string }
  readonly #counted: LatencyHistogram

  constructor(
    definition: { readonly name: string; readonly help: string },
    counted: LatencyHistogram,
  ) {
    super({ ...definition, buckets: [...counted.boundsSeconds], registers: [] })
    this.#definition = definition
    this.#counted = counted
  }

  /** By this method, which prom-client's types leave out, the text of a page is made. */
  getForPromString() {
    return this.get()
  }

  override async get() {
    const { name, help } = this.#definition
    const { boundsSeconds, counts, sumSeconds } = this.#counted
    let total = 0
    const buckets = [...boundsSeconds, '+Inf'].map((le, at) => {
      total += counts[at] ?? 0
      return { labels: { le }, value: total, metricName: `${name}_bucket` }
    })
    return {
      // prom-client's type names an enum that it exports to the compiler alone.
      ...{ name, help, type: 'histogram' as never, aggregator: 'sum' as const, collect: () => {} },
      values: [
        ...buckets,
        { labels: {}, value: sumSeconds, metricName: `${name}_sum` },
        { labels: {}, value: total, metricName: `${name}_count` },
      ],
    }
  }
}
