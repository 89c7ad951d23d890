import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { FlintError } from '../errors.ts'
import { type AuthenticationFailures, failureOf } from '../identity/authentication-failures.ts'
import { type Authentication, type Authenticator, isRefused, type Principal, type Scope } from '../identity/principal.ts'

/** Who may ask, and who is told of those who may not. */
export interface Access {
  readonly authenticator: Authenticator
  readonly failures: Pick<AuthenticationFailures, 'note'>
  /** Told of every request that was let in. */
  readonly used: (principal: Principal) => void
  /** Of the operator; undefined where there is none. */
  readonly operatorKey?: string | undefined
}

const MISSING: Authentication = { refused: 'missing', principal: null }

/**
 * Lets a request in when its Flint key is known and has the scope, or one of them. The key stands in `Authorization: Bearer` only: what
 * the proxy accepts besides (x-api-key and others) is there for SDKs, which do not call this API.
 */
export function requireScope(
  { authenticator, failures, used }: Access,
  ...anyOf: readonly Scope[]
): { onRequest: onRequestAsyncHookHandler; principalOf: (request: FastifyRequest) => Principal } {
  // Per request and unreachable from elsewhere; a decorator would be a field that any route could read unchecked.
  const principals = new WeakMap<FastifyRequest, Principal>()
  return {
    async onRequest(request) {
      const key = /^Bearer +(flnt_[\x21-\x7e]+) *$/i.exec(request.headers.authorization ?? '')?.[1]
      const known = key === undefined ? MISSING : authenticator.authenticate(key)
      if (isRefused(known)) {
        const failure = failureOf(known)
        if (failure === null) throw new FlintError('audit_unavailable', 'Keys cannot be checked right now. Retry later.')
        failures.note(...failure)
        throw new FlintError('invalid_api_key')
      }
      if (!anyOf.some((scope) => known.scopes.includes(scope))) {
        failures.note('forbidden', known)
        throw new FlintError('forbidden', `This Flint key does not have the scope ${anyOf.map((scope) => `"${scope}"`).join(' or ')}.`)
      }
      used(known)
      principals.set(request, known)
    },
    principalOf(request) {
      const principal = principals.get(request)
      if (principal === undefined) throw new FlintError('invalid_api_key')
      return principal
    },
  }
}

/** Lets in whoever holds the operator's key. No organisation's key ever does. */
export function requireOperator({ operatorKey, failures }: Access): onRequestAsyncHookHandler {
  // Compared as MACs of one length under a secret of this process: neither length nor content shows in the time it takes.
  const secret = randomBytes(32)
  const mac = (text: string) => createHmac('sha256', secret).update(text).digest()
  const expected = operatorKey === undefined ? null : mac(operatorKey)
  return async (request) => {
    if (expected === null)
      throw new FlintError(
        'forbidden',
        'There is no operator key: set operatorKey (FLINT_OPERATOR_KEY), or use `flint orgs` on the machine.',
      )
    const key = /^Bearer +([\x21-\x7e]+) *$/i.exec(request.headers.authorization ?? '')?.[1]
    if (key !== undefined && timingSafeEqual(mac(key), expected)) return
    failures.note(key === undefined ? 'missing' : 'unknown', null)
    throw new FlintError('invalid_api_key', 'This is for the operator: send `Authorization: Bearer` with the operator key.')
  }
}
