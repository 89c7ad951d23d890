import type { Losses } from '../../api/answers.ts'
import type { Bucket } from '../../parts/chart/chart-data.ts'

/** Lost calls of each bucket: an hour of the ledger counts in the bucket in which it begins. */
export function lossTicks(
  buckets: readonly Bucket[],
  windows: Losses['windows'],
): readonly number[] {
  const ticks = buckets.map(() => 0)
  for (const { from, lost } of windows) {
    const atMs = Math.max(Date.parse(from), buckets[0]?.fromMs ?? 0)
    const index = buckets.findIndex(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs)
    if (index >= 0) ticks[index] = (ticks[index] ?? 0) + lost
  }
  return ticks
}
