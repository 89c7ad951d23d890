/** A stretch of time of which a chart shows one bar or point. */
export interface Bucket {
  /** Inclusive. */
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
}

/** What a chart shows of one key; as many values as there are buckets. */
export interface ChartSeries {
  readonly key: string
  readonly label: string
  /** Name of a custom property: `--series-1`. */
  readonly colour: string
  /** null: not known, a gap. */
  readonly values: readonly (number | null)[]
  /** The part of each value that is estimated. */
  readonly estimated?: readonly number[]
}

/** `bars` are stacked sums; `lines` stand for themselves. */
export interface ChartData {
  readonly kind: 'bars' | 'lines'
  readonly buckets: readonly Bucket[]
  readonly series: readonly ChartSeries[]
  /** Of the last bucket: it still fills. */
  readonly isLastOpen: boolean
  /** Calls of each bucket that were not wholly observed. */
  readonly losses?: readonly number[]
}

/** Sum of the series in a bucket; null where no value is known. */
export function stackOf({ series }: Pick<ChartData, 'series'>, index: number): number | null {
  const known = series.flatMap(({ values }) => values[index] ?? [])
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
}

/** The highest point of a chart: of a stack, or of a line. */
export function highest(data: ChartData): number {
  const tops =
    data.kind === 'bars'
      ? data.buckets.map((_, index) => stackOf(data, index) ?? 0)
      : data.series.flatMap(({ values }) => values.map((value) => value ?? 0))
  return Math.max(0, ...tops)
}

const QUARTERED = [1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 12]

/** The next number not below `value` of which the quarters are short. */
export function niceMaximum(value: number): number {
  if (value <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  const step = QUARTERED.find((factor) => value <= factor * power * 1.000001)
  return (step ?? 12) * power
}
