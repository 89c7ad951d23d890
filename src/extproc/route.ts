import type { Provider } from '../evidence/evidence.ts'
import { canonicalPath } from '../providers/path-rules.ts'
import { definitionOf, PROVIDER_DEFINITIONS } from '../providers/registry.ts'

/**
 * Where a public path leads: the routes that Envoy is given (envoy/provider.yaml), as a function.
 */
export interface Route {
  readonly provider: Provider
  /** Path as the provider sees it, without query; of a base URL with or without a version. */
  readonly endpoint: string
  /** Without the question mark; '' when there is none. Never stored. */
  readonly query: string
}

const PREFIX = '/v1/proxy/'

/**
 * null when the path belongs to no provider; Envoy's own route answers those before the gate is
 * asked.
 */
export function routeOf(path: string): Route | null {
  if (!path.startsWith(PREFIX)) return null
  const mark = path.indexOf('?')
  const pathname = mark < 0 ? path : path.slice(0, mark)
  const query = mark < 0 ? '' : path.slice(mark + 1)
  const rest = pathname.slice(PREFIX.length)
  for (const definition of PROVIDER_DEFINITIONS) {
    const { name } = definition
    if (!rest.startsWith(`${name}/`)) continue
    return { provider: name, endpoint: canonicalPath(definition, rest.slice(name.length)), query }
  }
  return null
}

/**
 * The first step of a resumable upload, or a later one: what they go on at must lead here again.
 */
export function isUpload({ provider, endpoint }: Route): boolean {
  const { uploads } = definitionOf(provider)
  return uploads !== null && endpoint.startsWith(uploads.pathPrefix)
}

/**
 * An encoded slash or backslash beside dot segments means something else to Envoy than to the
 * provider (RFC 3986 §6.2.2): such a path could leave its prefix after Envoy has matched it.
 */
export function isAmbiguousPath(pathname: string): boolean {
  return (
    /%2f|%5c|\\/i.test(pathname) &&
    /(^|\/|%2f|%5c|\\)(\.|%2e){1,2}(\/|%2f|%5c|\\|$)/i.test(pathname)
  )
}
