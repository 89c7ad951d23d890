import { type Range, rangeChanges } from './range.ts'
import { changed, pageUrl } from './url.ts'
import { zoneOf } from './zone.ts'

/** Link to a page as it is now: both ends of its range and its zone, whoever opens it and when. */
export function exactLinkTo(path: string, query: URLSearchParams, range: Range): string {
  const ends = { ...rangeChanges({ ...range, last: null }), tz: zoneOf(query) }
  return new URL(pageUrl(path, changed(query, ends)), location.href).href
}
