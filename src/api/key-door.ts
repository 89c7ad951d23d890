import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { FlintError } from '../errors.ts'
import { type AuthenticationFailures, failureOf } from '../identity/authentication-failures.ts'
import type { Authentication, Authenticator, Principal } from '../identity/principal.ts'
import { type Door, scopeNames } from './authentication.ts'

/** Whose keys are good, and who hears of those that are not. */
export interface KeyAccess {
  readonly authenticator: Authenticator
  readonly failures: Pick<AuthenticationFailures, 'note'>
  /** Called for every request that was let in. */
  readonly used: (principal: Principal) => void
  /** Of the operator; undefined where there is none. */
  readonly operatorKey?: string | undefined
}

const MISSING: Authentication = { refused: 'missing', principal: null }

/**
 * The door of `/v1`: a Flint key in `Authorization: Bearer`, and nothing else. What the proxy
 * accepts besides (x-api-key and others) is there for SDKs, which do not call this API; cookies are
 * not looked at, so no page can make a browser ask here.
 */
export function keyDoor({ authenticator, failures, used, operatorKey }: KeyAccess): Door {
  return {
    identify(request) {
      const key = bearerOf(request)
      return key.startsWith('flnt_') ? authenticator.authenticate(key) : MISSING
    },
    refuse(refused) {
      const failure = failureOf(refused)
      if (failure === null)
        return new FlintError('audit_unavailable', 'Keys cannot be checked right now. Retry later.')
      failures.note(...failure)
      return new FlintError('invalid_api_key')
    },
    forbid(principal, anyOf) {
      failures.note('forbidden', principal)
      return new FlintError(
        'forbidden',
        `This Flint key does not have the scope ${scopeNames(anyOf)}.`,
      )
    },
    admitted: used,
    isOperator: (request) => operatorKey !== undefined && isSameKey(bearerOf(request), operatorKey),
  }
}

/** Lets in the holder of the operator's key. No organisation's key ever does. */
export function requireOperator({
  operatorKey,
  failures,
}: Pick<KeyAccess, 'operatorKey' | 'failures'>): onRequestAsyncHookHandler {
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
