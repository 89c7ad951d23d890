import type { Query } from '../../api/request.ts'
import type { Range } from '../../state/range.ts'
import { rangeQuery } from '../../state/range.ts'

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

export const BUCKET_NAMES = {
  '15m': 'per 15 min',
  '1h': 'per hour',
  '1d': 'per day',
  '1w': 'per week',
  '1mo': 'per month',
} as const

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** What a URL of the overview asks. */
export interface Question {
  readonly range: Range
  readonly timeZone: string
  readonly group: Group
  readonly isCompared: boolean
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
    isCompared: query.get('compare') !== 'off',
    filters,
  }
}

/** How long a bar is: short enough to see a day's shape, long enough to have one. */
export function bucketFor({ fromMs, toMs }: Pick<Range, 'fromMs' | 'toMs'>): string {
  const lengthMs = toMs - fromMs
  if (lengthMs <= 12 * HOUR_MS) return '15m'
  if (lengthMs <= 4 * DAY_MS) return '1h'
  if (lengthMs <= 92 * DAY_MS) return '1d'
  return lengthMs <= 400 * DAY_MS ? '1w' : '1mo'
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
