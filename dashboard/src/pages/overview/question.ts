import type { Query } from '../../api/request.ts'
import type { Range } from '../../state/range.ts'
import { rangeQuery } from '../../state/range.ts'
import { type Bucket, bucketOf } from './bucket.ts'

/** By what the page groups, as the API names it. */
export const GROUPS = {
  model: 'Model',
  provider: 'Provider',
  keyId: 'Key',
  endpoint: 'Endpoint',
} as const
export type Group = keyof typeof GROUPS

/** Parameters of the URL that are the page's own or the range's: all others are filters of calls. */
const NO_FILTERS = ['last', 'from', 'to', 'tz', 'group', 'compare', 'bucket', 'top']

/** What a URL of the overview asks. */
export interface Question {
  readonly range: Range
  readonly timeZone: string
  readonly group: Group
  readonly isCompared: boolean
  readonly bucket: Bucket
  /** Filters of calls, as the API takes them. */
  readonly filters: URLSearchParams
}

export function questionOf(query: URLSearchParams, range: Range, timeZone: string): Question {
  const group = query.get('group') ?? 'model'
  const filters = new URLSearchParams(query)
  for (const name of NO_FILTERS) filters.delete(name)
  return {
    range,
    timeZone,
    group: Object.hasOwn(GROUPS, group) ? (group as Group) : 'model',
    bucket: bucketOf(query.get('bucket'), range),
    isCompared: query.get('compare') !== 'off',
    filters,
  }
}

/** Range, zone and filters with more parameters: the query of a sum or list. */
export function apiQuery(
  { range, timeZone, filters }: Question,
  more: Readonly<Record<string, string>>,
): URLSearchParams & Query {
  const query = new URLSearchParams(filters)
  for (const [name, value] of Object.entries({ ...rangeQuery(range), timeZone, ...more }))
    query.set(name, value)
  return query
}
