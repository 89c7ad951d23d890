import { pageUrl } from '../../state/url.ts'

/** Parameters of a call's page that are no filter of the list it came from. */
const OF_PAGE = ['call', 'cols', 'group', 'measure', 'compare', 'live', 'around', 'tz']

/** The page of a call, with the list that it is looked at from. */
export function callHref(id: string, query = new URLSearchParams()): string {
  return pageUrl(`/ui/audit/${encodeURIComponent(id)}`, query)
}

export function promptHref(id: string, query: URLSearchParams): string {
  return pageUrl(`/ui/audit/${encodeURIComponent(id)}/prompt`, query)
}

/** The list, at the call. */
export function listHref(id: string, query: URLSearchParams): string {
  const at = new URLSearchParams(query)
  at.delete('call')
  at.set('around', id)
  return pageUrl('/ui/audit', at)
}

/** All calls of the last 30 days that have this value, exactly. */
export function callsWith(filter: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams({ last: '30d' })
  for (const [name, value] of Object.entries(filter)) query.set(name, exactly(value))
  return pageUrl('/ui/audit', query)
}

/** Filters and order of the list that a URL is of, as the API takes them; the range is left out. */
export function listFilters(query: URLSearchParams): URLSearchParams {
  const filters = new URLSearchParams(query)
  for (const name of [...OF_PAGE, 'last', 'from', 'to']) filters.delete(name)
  return filters
}

/** A filter's value may begin with `!` or end in `*`, which mean something there. */
function exactly(value: string): string {
  return value.replace(/^!/, '\\!').replace(/\*$/, '\\*')
}
