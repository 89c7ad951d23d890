import { type Range, rangeQuery } from '../../state/range.ts'
import { faultOf } from './filter-fields.ts'
import { type Filter, filtersOf } from './filter-text.ts'

/** The filters of the URL that the API takes; others are shown as errors and narrow nothing. */
export function soundFilters(query: URLSearchParams): readonly Filter[] {
  return filtersOf(query).filter(([parameter, value]) => faultOf(parameter, value) === null)
}

/** Filters as the API takes them, without a range: of the live stream. */
export function filterQuery(filters: readonly Filter[], timeZone: string): URLSearchParams {
  const query = new URLSearchParams(filters.map(([name, value]) => [name, value]))
  if (timeZone !== 'UTC') query.set('timeZone', timeZone)
  return query
}

/** Filters and a range with both ends. */
export function rangedQuery(
  filters: readonly Filter[],
  range: Pick<Range, 'fromMs' | 'toMs'>,
  timeZone: string,
): URLSearchParams {
  const query = filterQuery(filters, timeZone)
  for (const [name, value] of Object.entries(rangeQuery(range))) query.set(name, value)
  return query
}

/** The same with more parameters. */
export function withParameters(
  query: URLSearchParams,
  more: Readonly<Record<string, string>>,
): URLSearchParams {
  const result = new URLSearchParams(query)
  for (const [name, value] of Object.entries(more)) result.set(name, value)
  return result
}

/** Changes of the URL that put `filters` in place of all that are there. */
export function filterChanges(
  query: URLSearchParams,
  filters: readonly Filter[],
): Record<string, readonly string[] | null> {
  const changes: Record<string, readonly string[] | null> = { around: null, call: null }
  for (const [name] of filtersOf(query)) changes[name] = null
  for (const [name, value] of filters) changes[name] = [...(changes[name] ?? []), value]
  return changes
}
