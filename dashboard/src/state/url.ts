import { useMemo } from 'preact/hooks'
import { useLocation } from 'preact-iso'

/** New values of parameters: a list is repeated, null takes the parameter away. */
export type Changes = Readonly<Record<string, string | readonly string[] | null>>

/** The query of the page's URL, which is the only place where a view is kept. */
export function useQuery(): {
  readonly query: URLSearchParams
  /** A decision of the reader: Back undoes it. */
  readonly push: (changes: Changes) => void
  /** Refines the last decision: Back does not see it. */
  readonly replace: (changes: Changes) => void
  /** URL of this page after the changes, for a link. */
  readonly href: (changes: Changes) => string
} {
  const { path, url, route } = useLocation()
  return useMemo(() => {
    const query = new URLSearchParams(url.split('?')[1] ?? '')
    const href = (changes: Changes) => pageUrl(path, changed(query, changes))
    return {
      query,
      push: (changes) => route(href(changes)),
      replace: (changes) => route(href(changes), true),
      href,
    }
  }, [path, url, route])
}

/** A path with its query, written so that people can read it. */
export function pageUrl(path: string, query: URLSearchParams): string {
  const text = query.toString().replace(/%(3A|2C|2F|21)/g, decodeURIComponent)
  return text === '' ? path : `${path}?${text}`
}

/** A copy with the changes; parameters stay where they were. */
export function changed(query: URLSearchParams, changes: Changes): URLSearchParams {
  const result = new URLSearchParams(query)
  for (const [name, value] of Object.entries(changes)) {
    result.delete(name)
    for (const one of value === null ? [] : typeof value === 'string' ? [value] : value)
      result.append(name, one)
  }
  return result
}
