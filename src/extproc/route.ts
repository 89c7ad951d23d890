import type { ActiveProvider, ActiveProviders } from '../providers/active-providers.ts'
import { canonicalPath } from '../providers/path-rules.ts'
import type { ProviderOfHost } from '../providers/provider-of-host.ts'

/**
 * Where a public path leads: the routes that Envoy is given (envoy/provider.yaml), as a function.
 */
export interface Route {
  readonly provider: ActiveProvider
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
export function routeOf(path: string, providers: Pick<ActiveProviders, 'named'>): Route | null {
  if (!path.startsWith(PREFIX)) return null
  const mark = path.indexOf('?')
  const pathname = mark < 0 ? path : path.slice(0, mark)
  const query = mark < 0 ? '' : path.slice(mark + 1)
  const rest = pathname.slice(PREFIX.length)
  const slash = rest.indexOf('/')
  const provider = slash < 0 ? undefined : providers.named(rest.slice(0, slash))
  if (provider === undefined) return null
  return { provider, endpoint: canonicalPath(provider, rest.slice(slash)), query }
}

/**
 * The same on the routes of a mesh, where the caller names the provider's own host and path; null
 * where no provider is known by that host.
 */
export function routeOfHost(
  authority: string,
  path: string,
  providerOfHost: ProviderOfHost,
): Route | null {
  const provider = providerOfHost(authority)
  return provider === undefined ? null : plainRoute(path, provider)
}

/** A path as the provider sees it already. */
export function plainRoute(path: string, provider: ActiveProvider): Route {
  const mark = path.indexOf('?')
  return {
    provider,
    endpoint: mark < 0 ? path : path.slice(0, mark),
    query: mark < 0 ? '' : path.slice(mark + 1),
  }
}

/**
 * The first step of a resumable upload, or a later one: what they go on at must lead here again.
 */
export function isUpload({ provider: { uploads }, endpoint }: Route): boolean {
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
