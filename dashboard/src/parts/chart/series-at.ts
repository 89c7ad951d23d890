import type { ChartData } from './chart-data.ts'

/** The series whose part of the stack is at `value`; null above and below it. */
export function seriesAt(
  { series }: Pick<ChartData, 'series'>,
  index: number,
  value: number,
): string | null {
  let sum = 0
  if (value < 0) return null
  for (const { key, values } of series) {
    sum += values[index] ?? 0
    if (value < sum) return key
  }
  return null
}
