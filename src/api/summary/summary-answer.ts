import type { Static } from 'typebox'
import type { GroupSummary, Summary } from '../../store/calls/summary-queries.ts'
import type { SummaryRequest } from './summary-query.ts'
import { type SummarySchema, toPublicTotals } from './summary-schema.ts'

const iso = (ms: number) => new Date(ms).toISOString()

/** What the API answers of the store's sums. */
export function summaryAnswer(
  found: Summary,
  { query, bucket, timeZone }: SummaryRequest,
): Static<typeof SummarySchema> {
  const { fromMs, toMs, bucketsMs, measures, before } = query
  const shown = (group: GroupSummary) => ({
    totals: toPublicTotals(group.totals, measures, true),
    ...(group.before === null ? {} : { before: toPublicTotals(group.before, measures, true) }),
    buckets:
      bucket === 'none'
        ? []
        : group.buckets.map((sums, n) => ({
            from: iso(bucketsMs[n] ?? fromMs),
            to: iso(bucketsMs[n + 1] ?? toMs),
            totals: toPublicTotals(sums, measures, false),
          })),
  })
  return {
    range: {
      from: iso(fromMs),
      to: iso(toMs),
      timeZone,
      keptSince: iso(found.keptSinceMs),
    },
    ...(before === null
      ? {}
      : { comparedWith: { from: iso(before.fromMs), to: iso(before.toMs) } }),
    bucket,
    dataUntil: found.dataUntilMs === null ? null : iso(found.dataUntilMs),
    ...shown(found),
    groups: found.groups.map(({ key, ...group }) => ({ key, ...shown(group) })),
    ...(found.other === null ? {} : { other: shown(found.other) }),
  }
}
