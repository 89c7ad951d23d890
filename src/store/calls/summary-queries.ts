import { DAY_MS } from '../../evidence/day.ts'
import type { StoreClient } from '../client/client.ts'
import { type CallFilter, filterCondition } from './call-filter.ts'
import { LATEST_MS } from './call-id.ts'
import { DIMENSIONS } from './rollup-columns.ts'
import { OTHER, SumGrid } from './summary-grid.ts'
import { dearestGroups } from './summary-groups.ts'
import { type GroupName, groupColumns } from './summary-keys.ts'
import { grainsFor } from './summary-rows.ts'
import { type Span, type SummarySources, summarySources } from './summary-sources.ts'
import { type Buckets, createSumStatements, type SumStatements } from './summary-statements.ts'
import type { Measure, SummaryTotals, SumRow } from './summary-totals.ts'

export interface SummaryQuery extends Span {
  readonly org: string
  /** Its `fromMs` and `toMs` are not looked at. */
  readonly filter: CallFilter
  readonly groupBy: readonly GroupName[]
  /** Where each bucket of time begins, ascending; the first one is `fromMs`. */
  readonly bucketsMs: readonly number[]
  readonly measures: readonly Measure[]
  /** A span to compare with, in totals only; it may not overlap. */
  readonly before: Span | null
  /** Groups to name, those of the highest cost (`before` included) first; the others are one. */
  readonly limit: number
}

export interface GroupSummary {
  readonly totals: SummaryTotals
  /** Null where nothing is compared. */
  readonly before: SummaryTotals | null
  /** One for each of `bucketsMs`. */
  readonly buckets: readonly SummaryTotals[]
}

export interface Summary extends GroupSummary {
  readonly dataUntilMs: number | null
  /** Calls created before are over their retention, and in no sum. */
  readonly keptSinceMs: number
  readonly groups: readonly (GroupSummary & {
    /** By the names of `groupBy`. */
    readonly key: Readonly<Record<string, string | number | boolean | null>>
  })[]
  /** Of all groups that are not named; null where all are. */
  readonly other: GroupSummary | null
}

export interface SummaryQueries {
  /**
   * Sums over the records of a range. Never a partial sum: what takes longer than five seconds
   * rejects with ClickHouse's TIMEOUT_EXCEEDED.
   */
  summary(query: SummaryQuery): Promise<Summary>
}

interface SummaryQueriesOptions {
  readonly client: StoreClient
  readonly retentionDaysOf: (org: string) => number
  readonly nowMs?: () => number
  /** Rows of sums that are ranked here; of more, the store names the groups first. */
  readonly maxRows?: number
}

/** Some 5 MB. */
const MAX_ROWS = 5_000

/**
 * Filters whose SQL speaks of columns that the sums have too. Any other, one that was added
 * later for instance, reads the records: slower, and right.
 */
const ROLLED_FILTERS: ReadonlySet<string> = new Set([
  'model',
  'recordModel',
  'failed',
  ...Object.keys(DIMENSIONS),
])

export function createSummaryQueries({
  client,
  retentionDaysOf,
  nowMs = Date.now,
  maxRows = MAX_ROWS,
}: SummaryQueriesOptions): SummaryQueries {
  return {
    async summary({ org, fromMs, toMs, filter, groupBy, bucketsMs, measures, before, limit }) {
      const keptSinceMs = nowMs() - retentionDaysOf(org) * DAY_MS
      const kept = (span: Span): Span => ({
        fromMs: Math.max(span.fromMs, Math.ceil(keptSinceMs), 0),
        toMs: Math.min(Math.max(span.toMs, 0), LATEST_MS),
      })
      const isRolled = Object.entries(filter).every(
        ([name, value]) =>
          value === undefined || name === 'fromMs' || name === 'toMs' || ROLLED_FILTERS.has(name),
      )
      const condition = filterCondition(filter)
      const keys = groupColumns(groupBy)
      const grains = isRolled ? grainsFor(condition, keys) : []
      const sourcesOf = (span: Span, cutsMs: readonly number[]) =>
        summarySources(client, { org, ...kept(span), cutsMs, grains })
      const [sources, earlier] = await Promise.all([
        sourcesOf({ fromMs, toMs }, bucketsMs),
        before === null ? null : sourcesOf(before, []),
      ])

      const statements = createSumStatements({
        client,
        org,
        condition,
        groups: keys,
      })
      const range = { sources, beginsMs: bucketsMs }
      const past =
        before === null || earlier === null ? null : { sources: earlier, beginsMs: [before.fromMs] }
      const { named, rows, pastRows } = await sumsOf(statements, range, past, {
        measures,
        maxRows,
        limit: keys.length === 0 ? 0 : limit,
      })
      const ids = named.map(({ group_id }) => String(group_id))
      const now = new SumGrid(rows, ids)
      const then = before === null ? null : new SumGrid(pastRows, ids)

      const summed = (group: string | typeof OTHER): GroupSummary => ({
        totals: now.totals(group),
        before: then === null ? null : then.totals(group),
        buckets: bucketsMs.map((beginMs) => now.bucket(group, beginMs)),
      })
      const isOther = keys.length > 0 && (now.has(OTHER) || then?.has(OTHER) === true)
      return {
        totals: now.totalsOfAll(),
        before: then === null ? null : then.totalsOfAll(),
        buckets: bucketsMs.map((beginMs) => now.bucketOfAll(beginMs)),
        dataUntilMs: sources.dataUntilMs,
        keptSinceMs,
        groups: named.map((row) => ({
          key: Object.fromEntries(keys.map(({ name, column }) => [name, keyValue(row[column])])),
          ...summed(String(row.group_id)),
        })),
        other: isOther ? summed(OTHER) : null,
      }
    },
  }
}

/**
 * One statement for each span, where the groups are few enough to be ranked here; else the store
 * ranks them first and then sums up all that are not named as one.
 */
async function sumsOf(
  statements: SumStatements,
  range: Buckets,
  past: Buckets | null,
  { measures, limit, maxRows }: Pick<SummaryQuery, 'measures' | 'limit'> & { maxRows: number },
): Promise<{ named: readonly SumRow[]; rows: readonly SumRow[]; pastRows: readonly SumRow[] }> {
  const ofBoth = (sums: (buckets: Buckets) => Promise<readonly SumRow[]>) =>
    Promise.all([sums(range), past === null ? [] : sums(past)])
  const [rows, pastRows] = await ofBoth((buckets) =>
    statements.ofGroups(buckets, measures, maxRows + 1),
  )
  // A group that was there before, and is gone, is worth its name as well.
  if (rows.length <= maxRows && pastRows.length <= maxRows)
    return { named: dearestGroups([...rows, ...pastRows], limit), rows, pastRows }
  const named = await statements.dearest(bothOf(range.sources, past?.sources ?? null), limit)
  const ids = named.map(({ group_id }) => String(group_id))
  const [sums, pastSums] = await ofBoth((buckets) => statements.ofNamed(buckets, measures, ids))
  return { named, rows: sums, pastRows: pastSums }
}

/** Disjoint, because what is compared with ends where the range begins. */
function bothOf(sources: SummarySources, earlier: SummarySources | null): SummarySources {
  if (earlier === null) return sources
  return {
    ...sources,
    rolled: sources.rolled.map(({ grain, spans }, n) => ({
      grain,
      spans: [...(earlier.rolled[n]?.spans ?? []), ...spans],
    })),
    records: [...earlier.records, ...sources.records],
  }
}

function keyValue(value: unknown): string | number | boolean | null {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : null
}
