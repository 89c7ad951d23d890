import { span } from '../../state/times.ts'
import { type Bucket, type ChartData, stackOf } from './chart-data.ts'

export interface ChartWording {
  readonly title: string
  readonly format: (value: number | null) => string
  readonly timeZone: string
}

/** When a bucket is: both ends. */
export function bucketName({ fromMs, toMs }: Bucket, timeZone: string): string {
  return span(fromMs, toMs, timeZone)
}

/** One sentence for people who do not see the chart. */
export function chartSentence(data: ChartData, { title, format, timeZone }: ChartWording): string {
  const first = data.buckets[0]
  const last = data.buckets.at(-1)
  if (first === undefined || last === undefined) return `${title}: no data.`
  const range = span(first.fromMs, last.toMs, timeZone)
  const parts =
    data.kind === 'bars'
      ? [{ label: '', values: data.buckets.map((_, index) => stackOf(data, index)) }]
      : data.series
  const said = parts.map(({ label, values }) => {
    const known = values.map((value) => value ?? -1)
    const top = known.indexOf(Math.max(...known))
    const bucket = data.buckets[top]
    const highest = values[top] ?? null
    if (bucket === undefined || highest === null) return `${label} not known`.trim()
    return `${label} highest ${format(highest)} at ${bucketName(bucket, timeZone)}`.trim()
  })
  const total =
    data.kind === 'bars'
      ? `${format(data.buckets.reduce((sum, _, index) => sum + (stackOf(data, index) ?? 0), 0))}, `
      : ''
  const lost = data.losses?.reduce((sum, one) => sum + one, 0) ?? 0
  const losses = lost === 0 ? '' : ` ${lost} calls were not wholly observed.`
  return `${title}, ${range}: ${total}${said.join('; ')}.${losses}`
}

/** What one bucket holds. */
export function bucketSentence(
  data: ChartData,
  index: number,
  { format, timeZone }: ChartWording,
): string {
  const bucket = data.buckets[index]
  if (bucket === undefined) return ''
  const total = data.kind === 'bars' && data.series.length > 1 ? [format(stackOf(data, index))] : []
  const parts = data.series.flatMap(({ label, values }) => {
    const value = values[index] ?? null
    return data.kind === 'bars' && (value === null || value === 0)
      ? []
      : [`${label} ${format(value)}`]
  })
  const lost = data.losses?.[index] ?? 0
  return [
    bucketName(bucket, timeZone),
    ...total,
    ...parts,
    ...(lost === 0 ? [] : [`${lost} not wholly observed`]),
    ...(data.isLastOpen && index === data.buckets.length - 1 ? ['still filling'] : []),
  ].join(' · ')
}
