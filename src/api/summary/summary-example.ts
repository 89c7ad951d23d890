import type { GroupSummary, Summary } from '../../store/calls/summary-queries.ts'
import type { SummaryTotals } from '../../store/calls/summary-totals.ts'

/** Two days in May by model, as the store gives it. */
export const SUMMARY_OF_EXAMPLE: Summary = exampleSummary()

function totals(calls: number, usd: string): SummaryTotals {
  return {
    calls,
    outcomes: {
      complete: calls - 1,
      client_aborted: 1,
      upstream_reset: 0,
      upstream_timeout: 0,
      upstream_error: 0,
      rejected: 0,
      capture_lost: 0,
      unknown: 0,
    },
    failed: 0,
    usageSources: { provider: calls - 1, estimated: 0, partial: 1, none: 0 },
    tokens: {
      ...{ input: calls * 512, output: calls * 128, total: calls * 640, cachedInput: 0 },
      ...{ cacheWrite: 0, cacheWrite5m: 0, cacheWrite1h: 0 },
      ...{ reasoning: 0, audioInput: 0, audioOutput: 0 },
    },
    cost: {
      ...{ exactCalls: calls - 1, exactUsd: usd },
      ...{ estimatedCalls: 1, estimatedUsd: '0.00128', unpricedCalls: 0 },
    },
    latency: new Map([[138, calls - 1]]),
    firstByte: new Map(),
  }
}

function exampleSummary(): Summary {
  const days: GroupSummary = {
    totals: totals(12, '0.02816'),
    before: totals(6, '0.0128'),
    buckets: [totals(8, '0.01792'), totals(4, '0.01024')],
  }
  return {
    ...days,
    dataUntilMs: Date.parse('2025-05-05T14:22:07.000Z'),
    keptSinceMs: Date.parse('2025-02-04T14:22:07.500Z'),
    groups: [{ key: { model: 'gpt-4o-2024-08-06' }, ...days }],
    other: null,
  }
}
