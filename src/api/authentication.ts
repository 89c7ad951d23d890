import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { FlintError } from '../errors.ts'
import { type AuthenticationFailures, failureOf } from '../identity/authentication-failures.ts'
import {
  type Authentication,
  type Authenticator,
  isRefused,
  type Principal,
  type Scope,
} from '../identity/principal.ts'

/** Who may ask, and who hears of those who may not. */
export interface Access {
  readonly authenticator: Authenticator
  readonly failures: Pick<AuthenticationFailures, 'note'>
  /** Called for every request that was let in. */
  readonly used: (principal: Principal) => void
  /** Of the operator; undefined where there is none. */
  readonly operatorKey?: string | undefined
}

/**
 * The header in which Envoy names the client to the API; a caller's own is overwritten by Envoy
 * (envoy/bootstrap.yaml).
 */
const CLIENT_ADDRESS = 'x-flint-client-address'

const MISSING: Authentication = { refused: 'missing', principal: null }

/**
 * Lets a request in when its Flint key is known and has the scope, or one of them. The key stands
 * in `Authorization: Bearer` only: what the proxy accepts besides (x-api-key and others) is there
 * for SDKs, which do not call this API.
 */
export function requireScope(
  { authenticator, failures, used }: Access,
  ...anyOf: readonly Scope[]
): {
  onRequest: onRequestAsyncHookHandler
  principalOf: (request: FastifyRequest) => Principal
  /** For an answer that lasts: whom the request's key stands for now, null where it may no more. */
  stillAllowed: (request: FastifyRequest) => Principal | null
} {
  // Per request and unreachable from elsewhere; a decorator would be a field that any route could
  // read unchecked.
  const principals = new WeakMap<FastifyRequest, Principal>()
  return {
    async onRequest(request) {
      const key = bearerOf(request)
      const known = key.startsWith('flnt_') ? authenticator.authenticate(key) : MISSING
      if (isRefused(known)) {
        const failure = failureOf(known)
        if (failure === null)
          throw new FlintError(
            'audit_unavailable',
            'Keys cannot be checked right now. Retry later.',
          )
        failures.note(...failure)
        throw new FlintError('invalid_api_key')
      }
      if (!anyOf.some((scope) => known.scopes.includes(scope))) {
        failures.note('forbidden', known)
        throw new FlintError(
          'forbidden',
          `This Flint key does not have the scope ${anyOf.map((scope) => `"${scope}"`).join(' or ')}.`,
        )
      }
      used(known)
      principals.set(request, known)
    },
    principalOf(request) {
      const principal = principals.get(request)
      if (principal === undefined) throw new FlintError('invalid_api_key')
      return principal
    },
    stillAllowed(request) {
      const known = authenticator.authenticate(bearerOf(request))
      if (isRefused(known)) return null
      return anyOf.some((scope) => known.scopes.includes(scope)) ? known : null
    },
  }
}

/** Lets in the holder of the operator's key. No organisation's key ever does. */
export function requireOperator({ operatorKey, failures }: Access): onRequestAsyncHookHandler {
  return async (request) => {
    if (operatorKey === undefined)
      throw new FlintError(
        'forbidden',
        'There is no operator key: set operatorKey (FLINT_OPERATOR_KEY), or use `npx flint orgs` on the machine.',
      )
    const key = bearerOf(request)
    if (isSameKey(key, operatorKey)) return
    failures.note(key === '' ? 'missing' : 'unknown', null)
    throw new FlintError(
      'invalid_api_key',
      'This is for the operator: send `Authorization: Bearer` with the operator key.',
    )
  }
}

/**
 * Who is counted for a request's rate: the key, by its id, or the client's address where there is
 * no good key. So no spelling of a header gets a key more than its share, and no guess a bucket of
 * its own.
 */
export function limitedAs(
  { authenticator, operatorKey }: Access,
  request: FastifyRequest,
): { readonly name: string; readonly isKnown: boolean } {
  const key = bearerOf(request)
  const known = key.startsWith('flnt_') ? authenticator.authenticate(key) : MISSING
  if (!isRefused(known)) return { name: `key ${known.keyId}`, isKnown: true }
  if (operatorKey !== undefined && isSameKey(key, operatorKey))
    return { name: 'operator', isKnown: true }
  return { name: `address ${String(request.headers[CLIENT_ADDRESS] ?? '')}`, isKnown: false }
}

const COMPARING_SECRET = randomBytes(32)

/**
 * Compared as MACs of one length under a secret of this process: neither length nor content shows
 * in the time it takes.
 */
function isSameKey(key: string, expected: string): boolean {
  const mac = (text: string) => createHmac('sha256', COMPARING_SECRET).update(text).digest()
  return timingSafeEqual(mac(key), mac(expected))
}

/** What follows `Bearer` in `Authorization`; '' where there is none. */
function bearerOf(request: FastifyRequest): string {
  return (
    /^Bearer {1,64}([\x21-\x7e]{1,512}) {0,64}$/i.exec(request.headers.authorization ?? '')?.[1] ??
    ''
  )
}
