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
type NamedGroup = keyof typeof GROUPS
/** Also by the values of any tag of the calls. */
export type Group = NamedGroup | `tag:${string}`

/** The tag that is grouped by; null: by something else. */
export function tagOf(group: string): string | null {
  return group.startsWith('tag:') ? group.slice('tag:'.length) : null
}

/** How the page calls that by which it groups. */
export function groupTitle(group: Group): string {
  return isNamed(group) ? GROUPS[group] : `Tag ${tagOf(group)}`
}

/** `by model` */
export function byGroup(group: Group): string {
  const tag = tagOf(group)
  return tag === null ? `by ${groupTitle(group).toLowerCase()}` : `by tag ${tag}`
}

/** What a group of sums has for it; null: not known, or a tag that its calls do not carry. */
export function groupValue(group: Group, key: Readonly<Record<string, unknown>>): string | null {
  const value = key[group] ?? null
  return value === null ? null : String(value)
}

function isNamed(group: string): group is NamedGroup {
  return Object.hasOwn(GROUPS, group)
}

function groupOf(asked: string | null): Group {
  if (asked !== null && (isNamed(asked) || (tagOf(asked) ?? '') !== '')) return asked as Group
  return 'model'
}

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
  const filters = new URLSearchParams(query)
  for (const name of NO_FILTERS) filters.delete(name)
  return {
    range,
    timeZone,
    group: groupOf(query.get('group')),
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
