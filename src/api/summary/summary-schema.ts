import { type Static, Type } from 'typebox'
import { OUTCOMES, USAGE_SOURCES } from '../../store/calls/call-values.ts'
import { DIMENSION_NAMES, TOKEN_NAMES } from '../../store/calls/rollup-columns.ts'
import type { SummaryTotals } from '../../store/calls/summary-totals.ts'
import { countOf, percentile, stepBounds, type TimeSteps } from '../../store/calls/time-steps.ts'
import { BUCKETS } from './time-buckets.ts'

const count = (description?: string) =>
  Type.Integer(description === undefined ? {} : { description })
const milliseconds = Type.Unsafe<number | null>({ type: ['integer', 'null'] })
const counts = <K extends string>(names: readonly K[], description: string) =>
  Type.Unsafe<Readonly<Record<K, number>>>(
    Type.Object(Object.fromEntries(names.map((name) => [name, Type.Integer()])), { description }),
  )
const priced = Type.Object({
  calls: Type.Integer(),
  usd: Type.Number({ description: 'US dollars.' }),
})

const TimesSchema = Type.Object(
  {
    calls: count('Calls whose time is known.'),
    p50Ms: milliseconds,
    p90Ms: milliseconds,
    p99Ms: milliseconds,
    histogram: Type.Optional(
      Type.Array(
        Type.Object({
          fromMs: Type.Number({ description: 'Inclusive.' }),
          toMs: Type.Number({ description: 'Exclusive.' }),
          calls: Type.Integer(),
        }),
        { description: 'Steps of 5 % that have calls; not of buckets.' },
      ),
    ),
  },
  {
    description:
      'Of `complete` calls through Envoy (`source` `proxy` or `mesh`), websockets not among them. Percentiles are off by 2.5 % at most; null without calls.',
  },
)

/** Registered once, referenced by each sum of an answer. */
export const SummaryTotalsSchema = Type.Object(
  {
    calls: count('Records.'),
    outcomes: counts(OUTCOMES, 'Calls by outcome.'),
    failed: count(
      'Forwarded calls that ended with a status of 400 or more, or an outcome `upstream_*`.',
    ),
    usageSources: counts(USAGE_SOURCES, 'Calls by who said the token numbers.'),
    tokens: Type.Optional(
      counts(
        TOKEN_NAMES,
        'Sums over calls that are on a bill or may be (`billable` is not false). `input` holds cachedInput, cacheWrite and audioInput; `output` holds reasoning and audioOutput.',
      ),
    ),
    cost: Type.Optional(
      Type.Object(
        {
          exact: priced,
          estimated: priced,
          unpriced: Type.Object({
            calls: count('Without a price: as soon as there is one, the cost is at least the sum.'),
          }),
        },
        { description: 'By costStatus.' },
      ),
    ),
    latency: Type.Optional(TimesSchema),
    firstByte: Type.Optional(TimesSchema),
  },
  {
    $id: 'SummaryTotals',
    description: 'Sums over records. What `measures` did not ask for is left out.',
  },
)
export type PublicTotals = Static<typeof SummaryTotalsSchema>

const TotalsRef = Type.Unsafe<PublicTotals>({ $ref: 'SummaryTotals#' })
const KEY_TYPES: Readonly<Record<string, string>> = {
  status: 'integer',
  stream: 'boolean',
  billable: 'boolean',
}
type GroupKey = Readonly<Record<string, string | number | boolean | null>>
const KeySchema = Type.Unsafe<GroupKey>(
  Type.Object(
    Object.fromEntries(
      DIMENSION_NAMES.map((name) => [
        name,
        Type.Optional(Type.Unsafe({ type: [KEY_TYPES[name] ?? 'string', 'null'] })),
      ]),
    ),
    {
      description:
        'The names of `groupBy` and their values; unknown is null, and so is a tag that a call does not carry.',
      // Tags.
      additionalProperties: true,
    },
  ),
)
const before = Type.Optional(
  Type.Unsafe<PublicTotals>({
    $ref: 'SummaryTotals#',
  }),
)
const buckets = Type.Array(
  Type.Object({ from: Type.String(), to: Type.String(), totals: TotalsRef }),
  { description: 'Without a gap, oldest first; empty for `bucket=none`.' },
)
const group = { totals: TotalsRef, before, buckets }

export const SummarySchema = Type.Object({
  range: Type.Object({
    from: Type.String({ description: 'Inclusive.' }),
    to: Type.String({ description: 'Exclusive.' }),
    timeZone: Type.String(),
    keptSince: Type.String({
      description: 'Calls created before are over their retention, and in no sum.',
    }),
  }),
  comparedWith: Type.Optional(
    Type.Object(
      { from: Type.String(), to: Type.String() },
      { description: 'The span that each `before` is of; left out without `compare`.' },
    ),
  ),
  bucket: Type.Unsafe<(typeof BUCKETS)[number] | 'none'>({
    type: 'string',
    enum: [...BUCKETS, 'none'],
  }),
  dataUntil: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    description:
      'All that was stored before is in these sums; null before the first record. What waits in a spool is in none.',
  }),
  ...group,
  groups: Type.Array(Type.Object({ key: KeySchema, ...group }), {
    description: 'Highest cost first, at most `limit`; empty without `groupBy`.',
  }),
  other: Type.Optional(
    Type.Object(group, { description: 'All groups that are not named; left out where all are.' }),
  ),
})

/** `withHistogram`: too much for every bucket of time. */
export function toPublicTotals(
  { cost, tokens, latency, firstByte, ...counted }: SummaryTotals,
  measures: readonly string[],
  withHistogram: boolean,
): PublicTotals {
  const times = (steps: TimeSteps) => ({
    calls: countOf(steps),
    p50Ms: percentile(steps, 0.5),
    p90Ms: percentile(steps, 0.9),
    p99Ms: percentile(steps, 0.99),
    ...(withHistogram
      ? {
          histogram: [...steps]
            .sort(([a], [b]) => a - b)
            .map(([step, calls]) => ({ ...rounded(stepBounds(step)), calls })),
        }
      : {}),
  })
  return {
    ...counted,
    ...(measures.includes('tokens') ? { tokens } : {}),
    ...(measures.includes('cost')
      ? {
          cost: {
            exact: { calls: cost.exactCalls, usd: Number(cost.exactUsd) },
            estimated: { calls: cost.estimatedCalls, usd: Number(cost.estimatedUsd) },
            unpriced: { calls: cost.unpricedCalls },
          },
        }
      : {}),
    ...(measures.includes('latency') ? { latency: times(latency) } : {}),
    ...(measures.includes('firstByte') ? { firstByte: times(firstByte) } : {}),
  }
}

function rounded({ fromMs, toMs }: { fromMs: number; toMs: number }) {
  const places = (ms: number) => Math.round(ms * 100) / 100
  return { fromMs: places(fromMs), toMs: places(toMs) }
}
