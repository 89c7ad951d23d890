import { DAY_MS } from '../../evidence/day.ts'
import type { Parameter, StoreClient } from '../client/client.ts'
import { type CallFilter, filterCondition } from './call-filter.ts'
import { LATEST_MS } from './call-id.ts'
import { DIMENSIONS, type DimensionName } from './quarter-columns.ts'
import { unionOf } from './summary-rows.ts'
import { type Span, type SummarySources, summarySources } from './summary-sources.ts'
import { addUp, type Measure, type SummaryTotals, totalsSql } from './summary-totals.ts'

export interface SummaryQuery extends Span {
  readonly org: string
  /** Its `fromMs` and `toMs` are not looked at. */
  readonly filter: CallFilter
  readonly groupBy: readonly DimensionName[]
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
    readonly key: Readonly<Partial<Record<DimensionName, string | number | boolean | null>>>
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
}

/** One statement over the rows of both sources. */
interface Statement {
  readonly sources: SummarySources
  readonly measures: readonly Measure[]
  readonly select: string
  readonly tail: string
  readonly params: Readonly<Record<string, Parameter>>
}

const SETTINGS = {
  max_execution_time: 5,
  do_not_merge_across_partitions_select_final: 1,
} as const

/**
 * Filters whose SQL speaks of columns that `calls_quarter` has too. Any other, one that was added
 * later for instance, reads the records: slower, and right.
 */
const ROLLED_FILTERS: ReadonlySet<string> = new Set(['model', ...Object.keys(DIMENSIONS)])

export function createSummaryQueries({
  client,
  retentionDaysOf,
  nowMs = Date.now,
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
      const sourcesOf = (span: Span, cutsMs: readonly number[]) =>
        summarySources(client, { org, ...kept(span), cutsMs, isRolled }, SETTINGS)
      const [sources, earlier] = await Promise.all([
        sourcesOf({ fromMs, toMs }, bucketsMs),
        before === null ? null : sourcesOf(before, []),
      ])

      const keys = groupBy.map((name) => DIMENSIONS[name].column)
      const rowsOf = async ({ sources, measures, select, tail, params }: Statement) => {
        const source = unionOf(sources, measures, condition, keys)
        return source === null
          ? []
          : client.rows({
              tag: 'summary:sums',
              sql: `SELECT ${select} FROM (${source.sql}) ${tail}`,
              params: { ...source.params, ...params, org },
              settings: SETTINGS,
            })
      }
      const named =
        keys.length === 0
          ? []
          : await rowsOf({
              // A group that was there before, and is gone, is worth its name as well.
              sources: bothOf(sources, earlier),
              measures: ['cost'],
              select: `${keys.join(', ')}, ${groupId(keys)} AS group_id`,
              tail: `GROUP BY ${keys.join(', ')} ORDER BY sum(cost_usd) DESC, sum(calls) DESC, group_id LIMIT {limit:UInt32}`,
              params: { limit },
            })
      const ids = named.map(({ group_id }) => String(group_id))
      const group = {
        sql: keys.length === 0 ? '0' : `indexOf({ids:Array(String)}, ${groupId(keys)})`,
        params: keys.length === 0 ? {} : { ids },
      }
      const sums = async (from: SummarySources, beginsMs: readonly number[]) =>
        new SumRows(
          await rowsOf({
            sources: from,
            measures,
            select: `${group.sql} AS group_number, ${BUCKET} AS bucket, ${totalsSql(measures)}`,
            tail: 'GROUP BY group_number, bucket',
            params: { ...group.params, buckets: beginsMs },
          }),
        )
      const [now, then] = await Promise.all([
        sums(sources, bucketsMs),
        earlier === null || before === null ? null : sums(earlier, [before.fromMs]),
      ])

      const summed = (group: number | null): GroupSummary => ({
        totals: now.totals(group),
        before: then === null ? null : then.totals(group),
        buckets: bucketsMs.map((beginMs) => now.bucket(group, beginMs)),
      })
      const isOther = keys.length > 0 && (now.has(0) || then?.has(0) === true)
      return {
        ...summed(null),
        dataUntilMs: sources.dataUntilMs,
        keptSinceMs,
        groups: named.map((row, n) => ({
          key: Object.fromEntries(
            groupBy.map((name) => [name, keyValue(row[DIMENSIONS[name].column])]),
          ),
          ...summed(n + 1),
        })),
        other: isOther ? summed(0) : null,
      }
    },
  }
}

/** Disjoint, because what is compared with ends where the range begins. */
function bothOf(sources: SummarySources, earlier: SummarySources | null): SummarySources {
  if (earlier === null) return sources
  return {
    ...sources,
    rolled: [...earlier.rolled, ...sources.rolled],
    records: [...earlier.records, ...sources.records],
  }
}

/** Begin of the bucket that a row is in, milliseconds. */
const BUCKET = 'roundDown(toUnixTimestamp64Milli(at), {buckets:Array(Int64)})'

/** The same text for the same group, whatever its values hold. */
function groupId(columns: readonly string[]): string {
  return `hex(sipHash128(${columns.map((column) => `isNull(${column}), ifNull(toString(${column}), '')`).join(', ')}))`
}

function keyValue(value: unknown): string | number | boolean | null {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : null
}

/** Rows of sums by their group and the begin of their bucket. */
class SumRows {
  readonly #rows = new Map<number, Map<number, Record<string, unknown>[]>>()

  constructor(rows: readonly Record<string, unknown>[]) {
    for (const row of rows) {
      const group = Number(row.group_number)
      const buckets = this.#rows.get(group) ?? new Map<number, Record<string, unknown>[]>()
      this.#rows.set(group, buckets)
      const bucket = Number(row.bucket)
      buckets.set(bucket, [...(buckets.get(bucket) ?? []), row])
    }
  }

  has(group: number): boolean {
    return this.#rows.has(group)
  }

  /** Null: of all groups. */
  totals(group: number | null): SummaryTotals {
    return addUp(this.#groups(group).flatMap((buckets) => [...buckets.values()].flat()))
  }

  bucket(group: number | null, beginMs: number): SummaryTotals {
    return addUp(this.#groups(group).flatMap((buckets) => buckets.get(beginMs) ?? []))
  }

  #groups(group: number | null): readonly Map<number, Record<string, unknown>[]>[] {
    if (group === null) return [...this.#rows.values()]
    const buckets = this.#rows.get(group)
    return buckets === undefined ? [] : [buckets]
  }
}
