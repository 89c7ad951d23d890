import type { Provider } from '../evidence/evidence.ts'

/** Where a public path leads: the routes of envoy/bootstrap.yaml, as a function. */
export interface Route {
  readonly provider: Provider
  /** Path as the provider sees it, without query. */
  readonly endpoint: string
  /** Without the question mark; '' when there is none. Never stored. */
  readonly query: string
}

const PREFIX = '/v1/proxy/'

/** null when the path belongs to no provider; Envoy's own route answers those before the gate is asked. */
export function routeOf(path: string): Route | null {
  if (!path.startsWith(PREFIX)) return null
  const mark = path.indexOf('?')
  const pathname = mark < 0 ? path : path.slice(0, mark)
  const query = mark < 0 ? '' : path.slice(mark + 1)
  const rest = pathname.slice(PREFIX.length)
  // OpenAI SDKs take a base URL with /v1, so users give ours without; with it, it must not be doubled.
  if (rest.startsWith('openai/v1/')) return { provider: 'openai', endpoint: rest.slice('openai'.length), query }
  if (rest.startsWith('openai/')) return { provider: 'openai', endpoint: `/v1${rest.slice('openai'.length)}`, query }
  if (rest.startsWith('anthropic/')) return { provider: 'anthropic', endpoint: rest.slice('anthropic'.length), query }
  if (rest.startsWith('gemini/')) return { provider: 'gemini', endpoint: rest.slice('gemini'.length), query }
  return null
}

/** Gemini's resumable uploads: what they go on at must lead here again. */
export function isUpload({ provider, endpoint }: Route): boolean {
  return provider === 'gemini' && endpoint.startsWith('/upload/')
}

/**
 * An encoded slash or backslash beside dot segments means something else to Envoy than to the provider (RFC 3986 §6.2.2):
 * such a path could leave its prefix after Envoy has matched it.
 */
export function isAmbiguousPath(pathname: string): boolean {
  return /%2f|%5c|\\/i.test(pathname) && /(^|\/|%2f|%5c|\\)(\.|%2e){1,2}(\/|%2f|%5c|\\|$)/i.test(pathname)
}
