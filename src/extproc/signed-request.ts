import type { CallerRequest } from './caller-request.ts'

/** A request that is signed, with a key that stays with its owner, instead of carrying one. */
interface SignedRequest {
  /** The id of the key: no secret. */
  readonly keyId: string
  /** Why the provider would refuse the signature once Flint has forwarded it; null where it holds. */
  readonly problem: string | null
}

/**
 * How a request is signed; null where it is not, or not in a way that its provider takes. A
 * signature covers the host, the path and the headers that the provider sees. So it holds where the
 * caller has signed for the provider's own host and names that host in what it sends here; where it
 * has signed for Flint's, no one but the caller can mend it. `byHost`: the caller has named the
 * provider's host, or there would be no route.
 */
export function signatureOf(request: CallerRequest, byHost: boolean): SignedRequest | null {
  const { route, keys, authority, strip } = request
  const signature = route?.provider.signature?.(keys.authorization) ?? null
  if (route === null || signature === null) return null
  const { keyId, headers } = signature
  const { host } = new URL(route.provider.upstream)
  if (!byHost && ![host, `${host}:443`].includes(authority.toLowerCase()))
    return {
      keyId,
      problem: `authorization holds a signature for the host ${authority.slice(0, 256)}, which ${host} would refuse: use an API key of the provider, or sign for ${host} and its own path, and send that host as Host`,
    }
  // Providers are called over HTTP/1.1 (docs/decisions/007), which has no pseudo-headers.
  const lost = headers.find((name) => name.startsWith(':') || strip.includes(name))
  return {
    keyId,
    problem:
      lost === undefined
        ? null
        : `the signature in authorization covers ${lost.slice(0, 64)}, which does not reach the provider: add headers for Flint once the request is signed, and sign for HTTP/1.1`,
  }
}
