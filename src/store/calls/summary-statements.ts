import type { Parameter, StoreClient } from '../client/client.ts'
import { BOUNDED_READ } from './bounded-read.ts'
import type { Condition } from './call-filter.ts'
import { COST_OF_ROW, DEAREST_FIRST, groupId } from './summary-groups.ts'
import type { GroupColumn } from './summary-keys.ts'
import { unionOf } from './summary-rows.ts'
import type { SummarySources } from './summary-sources.ts'
import { type Measure, type SumRow, totalsSql } from './summary-totals.ts'

/** Where sums come from, and where the buckets of time begin that they are put into. */
export interface Buckets {
  readonly sources: SummarySources
  readonly beginsMs: readonly number[]
}

/** Statements over the rows of all sources that meet one condition, grouped by the same columns. */
export interface SumStatements {
  /** Up to `max` rows, each a group's sums of a bucket, with what `dearestGroups` needs. */
  ofGroups(buckets: Buckets, measures: readonly Measure[], max: number): Promise<readonly SumRow[]>
  /** Sums of each bucket; of all groups but these as one, whose id is empty. */
  ofNamed(
    buckets: Buckets,
    measures: readonly Measure[],
    ids: readonly string[],
  ): Promise<readonly SumRow[]>
  /** Values and ids of the groups that are named. */
  dearest(sources: SummarySources, limit: number): Promise<readonly SumRow[]>
}

interface SumStatementsOptions {
  readonly client: StoreClient
  readonly org: string
  readonly condition: Condition
  readonly groups: readonly GroupColumn[]
}

interface Statement {
  readonly sources: SummarySources
  /** What the sources are read for. */
  readonly measures: readonly Measure[]
  readonly select: string
  readonly tail: string
  readonly params: Readonly<Record<string, Parameter>>
}

/** Begin of the bucket that a row is in, milliseconds. */
const BUCKET = 'roundDown(toUnixTimestamp64Milli(at), {buckets:Array(Int64)}) AS bucket'

export function createSumStatements({
  client,
  org,
  condition,
  groups,
}: SumStatementsOptions): SumStatements {
  const rowsOf = async ({ sources, measures, select, tail, params }: Statement) => {
    const source = unionOf(sources, measures, condition, groups)
    return source === null
      ? []
      : client.rows({
          tag: 'summary:sums',
          sql: `SELECT ${select} FROM (${source.sql}) ${tail}`,
          params: { ...source.params, ...params, org },
          settings: BOUNDED_READ,
        })
  }
  const names = groups.map(({ column }) => column)
  const columns = names.map((column) => `${column}, `).join('')
  const id = groupId(names)

  return {
    ofGroups({ sources, beginsMs }, measures, max) {
      return rowsOf({
        sources,
        measures: [...new Set<Measure>([...measures, 'cost'])],
        select: `${columns}${id} AS group_id, ${BUCKET}, ${COST_OF_ROW}, ${totalsSql(measures)}`,
        tail: `GROUP BY ${columns}bucket LIMIT {max:UInt32}`,
        params: { buckets: beginsMs, max },
      })
    },

    ofNamed({ sources, beginsMs }, measures, ids) {
      return rowsOf({
        sources,
        measures,
        select: `if(has({ids:Array(String)}, ${id}), ${id}, '') AS group_id, ${BUCKET}, ${totalsSql(measures)}`,
        tail: 'GROUP BY group_id, bucket',
        params: { ids, buckets: beginsMs },
      })
    },

    dearest(sources, limit) {
      return rowsOf({
        sources,
        measures: ['cost'],
        select: `${columns}${id} AS group_id`,
        tail: `GROUP BY ${columns}group_id ${DEAREST_FIRST} LIMIT {limit:UInt32}`,
        params: { limit },
      })
    },
  }
}
