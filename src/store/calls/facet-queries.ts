import type { StoreClient } from '../client/client.ts'
import { BOUNDED_READ } from './bounded-read.ts'
import { allOf, type CallFilter, filterCondition, pageCondition } from './call-filter.ts'
import { DIMENSIONS } from './rollup-columns.ts'

/** Fields of which the values can be counted, as expressions over the view `calls`. */
const FACETS = {
  ...DIMENSIONS,
  method: 'method',
  costReason: 'cost_reason',
  finishReason: 'finish_reason',
  serviceTier: 'service_tier',
  streamError: 'stream_error',
  errorCode: 'error_code',
  captureGap: 'capture_gap',
  keyHint: 'key_hint',
  sessionId: 'session_id',
  userAgent: 'user_agent',
  // As the filter `tag` takes it.
  tag: `arrayJoin(arrayMap((name, value) -> concat(name, ':', value), mapKeys(tags), mapValues(tags)))`,
} as const

export type FacetField = keyof typeof FACETS
const isFacet = (name: string): name is FacetField => Object.hasOwn(FACETS, name)
export const FACET_FIELDS: readonly FacetField[] = Object.keys(FACETS).filter(isFacet)

interface FacetQuery {
  readonly org: string
  readonly field: FacetField
  /** Only values that begin with this, in whatever case; then null is not counted. */
  readonly prefix?: string | undefined
  readonly filter: CallFilter & { readonly fromMs: number; readonly toMs: number }
}

interface Facets {
  /** Most frequent first, at most MAX_VALUES; null: records without the field. */
  readonly values: ReadonlyArray<{ readonly value: string | null; readonly count: number }>
  /** There are further values. */
  readonly more: boolean
}

export interface FacetQueries {
  /** Rejects with StoreError code 159 where it takes longer than 5 s: never a part of the counts. */
  facets(query: FacetQuery): Promise<Facets>
}

export const MAX_VALUES = 100

export function createFacetQueries(client: Pick<StoreClient, 'rows'>): FacetQueries {
  return {
    async facets({ org, field, prefix, filter }) {
      const condition = allOf([
        { sql: 'org = {org:String}', params: { org } },
        pageCondition(filter),
        filterCondition(filter),
      ])
      const rows = await client.rows({
        tag: `facets:${field}`,
        sql: `SELECT value, count() AS count FROM (SELECT toString(${FACETS[field]}) AS value FROM calls WHERE ${condition.sql})
          ${prefix === undefined ? '' : 'WHERE startsWith(lowerUTF8(value), lowerUTF8({prefix:String}))'}
          GROUP BY value ORDER BY count DESC, value LIMIT ${MAX_VALUES + 1}`,
        params: { ...condition.params, ...(prefix === undefined ? {} : { prefix }) },
        settings: BOUNDED_READ,
      })
      const values = rows.map(({ value, count }) => ({
        value: value === null ? null : String(value),
        count: Number(count),
      }))
      return { values: values.slice(0, MAX_VALUES), more: values.length > MAX_VALUES }
    },
  }
}
