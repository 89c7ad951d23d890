/** How often something took how long; read by the metrics page. */
export interface LatencyHistogram {
  /** Upper bounds, seconds, ascending. */
  readonly boundsSeconds: readonly number[]
  /** By bound, each on its own; one more at the end for what took longer than all. */
  readonly counts: number[]
  sumSeconds: number
}

/** Fine where an answer from memory lies, coarse where something is wrong. */
const BOUNDS_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5]

export function createLatencyHistogram(
  boundsSeconds: readonly number[] = BOUNDS_SECONDS,
): LatencyHistogram {
  const counts = [...boundsSeconds, Number.POSITIVE_INFINITY].map(() => 0)
  return { boundsSeconds, counts, sumSeconds: 0 }
}

/** Adds one that took so long. */
export function observeLatency(histogram: LatencyHistogram, seconds: number): void {
  const at = histogram.boundsSeconds.findIndex((bound) => seconds <= bound)
  const bucket = at === -1 ? histogram.boundsSeconds.length : at
  histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1
  histogram.sumSeconds += seconds
}
