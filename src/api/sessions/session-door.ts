import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { FlintError } from '../../errors.ts'
import type { AuthenticationFailures } from '../../identity/authentication-failures.ts'
import type { Authentication, Principal } from '../../identity/principal.ts'
import {
  isActive,
  type SessionDirectory,
  type SessionStanding,
} from '../../identity/session-directory.ts'
import { type Door, scopeNames } from '../authentication.ts'
import type { SessionCookie } from './session-cookie.ts'

interface SessionDoorOptions {
  readonly directory: SessionDirectory
  readonly cookie: SessionCookie
  readonly failures: Pick<AuthenticationFailures, 'note'>
  /** Called for every request that was let in. */
  readonly used: (principal: Principal) => void
  /** Makes this API's own directory know what is stored. */
  readonly refreshDirectory: () => Promise<void>
}

const UNAVAILABLE: Authentication = { refused: 'unavailable', principal: null }
const UNKNOWN: Authentication = { refused: 'unknown', principal: null }

/** The door of `/ui/v1`: the session of a signed-in person, and nothing else. */
export function sessionDoor(options: SessionDoorOptions): Door {
  const { directory, cookie, failures, used } = options
  const standingOf = (request: FastifyRequest): SessionStanding => {
    const token = cookie.read(request)
    return token === null ? 'unknown' : directory.standingOf(token)
  }
  return {
    identify(request) {
      const standing = standingOf(request)
      if (isActive(standing)) return standing.principal
      return standing === 'unavailable' ? UNAVAILABLE : UNKNOWN
    },
    refuse({ refused }, request) {
      if (refused === 'unavailable')
        return new FlintError(
          'audit_unavailable',
          'Sessions cannot be checked right now. Retry later.',
        )
      const standing = standingOf(request)
      const reason = typeof standing === 'object' && 'ended' in standing ? standing.ended : null
      return new FlintError('not_signed_in', undefined, reason === null ? {} : { reason })
    },
    forbid(principal, anyOf) {
      failures.note('forbidden', principal)
      return new FlintError('forbidden', `Your role does not have the scope ${scopeNames(anyOf)}.`)
    },
    admitted(principal, request) {
      used(principal)
      const standing = standingOf(request)
      if (isActive(standing) && !asksByItself(request)) directory.used(standing)
    },
    isOperator: () => false,
    prepare: learnSession(options),
  }
}

/** What the page asks without anyone doing anything: it keeps no session from becoming idle. */
function asksByItself({ routeOptions, headers }: FastifyRequest): boolean {
  return routeOptions.url === '/ui/v1/audit/live' || headers['x-flint-ui'] === 'poll'
}

/**
 * For a token that is not known here, one look at what is stored: another API may have given it out
 * a moment ago. A cookie that is not known then either is taken back.
 */
function learnSession({
  directory,
  cookie,
  refreshDirectory,
}: SessionDoorOptions): onRequestAsyncHookHandler {
  return async (request, reply) => {
    const token = cookie.read(request)
    if (token === null || directory.standingOf(token) !== 'unknown') return
    // While the store does not answer no one can say that the token is wrong.
    const isRefreshed = await refreshDirectory().then(
      () => true,
      () => false,
    )
    if (isRefreshed && directory.standingOf(token) === 'unknown') cookie.clear(request, reply)
  }
}
