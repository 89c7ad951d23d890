import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { FlintError } from '../errors.ts'
import type { Authenticator, Principal, Scope } from '../identity/principal.ts'

/**
 * Lets a request in when its Flint key is known and has the scope, or one of them. The key stands in `Authorization: Bearer` only: what
 * the proxy accepts besides (x-api-key and others) is there for SDKs, which do not call this API.
 */
export function requireScope(
  authenticator: Authenticator,
  ...anyOf: readonly Scope[]
): { onRequest: onRequestAsyncHookHandler; principalOf: (request: FastifyRequest) => Principal } {
  // Per request and unreachable from elsewhere; a decorator would be a field that any route could read unchecked.
  const principals = new WeakMap<FastifyRequest, Principal>()
  return {
    async onRequest(request) {
      const key = /^Bearer +(flnt_[\x21-\x7e]+) *$/i.exec(request.headers.authorization ?? '')?.[1]
      const principal = key === undefined ? null : authenticator.authenticate(key)
      if (principal === 'unavailable') throw new FlintError('audit_unavailable', 'Keys cannot be checked right now. Retry later.')
      if (principal === null) throw new FlintError('invalid_api_key')
      if (!anyOf.some((scope) => principal.scopes.includes(scope)))
        throw new FlintError('forbidden', `This Flint key does not have the scope ${anyOf.map((scope) => `"${scope}"`).join(' or ')}.`)
      principals.set(request, principal)
    },
    principalOf(request) {
      const principal = principals.get(request)
      if (principal === undefined) throw new FlintError('invalid_api_key')
      return principal
    },
  }
}
