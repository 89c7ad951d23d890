import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { FlintError } from '../errors.ts'
import {
  type Authentication,
  actorOf,
  isRefused,
  type Principal,
  type Scope,
} from '../identity/principal.ts'

type Refused = Exclude<Authentication, Principal>

/**
 * One way into the API: how a request says whom it is from. There are two, and neither looks at what
 * the other takes: `key-door.ts` for `/v1`, `sessions/session-door.ts` for `/ui/v1`.
 */
export interface Door {
  /** From memory, as often as wanted. */
  identify(request: FastifyRequest): Authentication
  /** What one that is not let in is answered; noted where it is to be. */
  refuse(refused: Refused, request: FastifyRequest): FlintError
  /** The same for one who is known and lacks every one of these scopes. */
  forbid(principal: Principal, anyOf: readonly Scope[]): FlintError
  /** Called for every request that was let in. */
  admitted(principal: Principal, request: FastifyRequest): void
  /** Whether it is the operator's, who has no organisation. */
  isOperator(request: FastifyRequest): boolean
  /** Before a request is identified for its answer, within the limit of its rate. */
  readonly prepare?: onRequestAsyncHookHandler
}

/** What routes ask who may use them. */
export interface Access {
  readonly door: Door
}

/**
 * The header in which Envoy names the client to the API; a caller's own is overwritten by Envoy
 * (envoy/bootstrap.yaml).
 */
const CLIENT_ADDRESS = 'x-flint-client-address'

export function clientAddress({ headers }: FastifyRequest): string {
  return String(headers[CLIENT_ADDRESS] ?? '')
}

/** Lets a request in when the door knows it and it has the scope, or one of them. */
export function requireScope(
  { door }: Access,
  ...anyOf: readonly Scope[]
): {
  onRequest: onRequestAsyncHookHandler
  principalOf: (request: FastifyRequest) => Principal
  /** For an answer that lasts: whom the request stands for now, null where it may no more. */
  stillAllowed: (request: FastifyRequest) => Principal | null
} {
  // Per request and unreachable from elsewhere; a decorator would be a field that any route could
  // read unchecked.
  const principals = new WeakMap<FastifyRequest, Principal>()
  const isAllowed = ({ scopes }: Principal) => anyOf.some((scope) => scopes.includes(scope))
  return {
    async onRequest(request) {
      const known = door.identify(request)
      if (isRefused(known)) throw door.refuse(known, request)
      if (!isAllowed(known)) throw door.forbid(known, anyOf)
      door.admitted(known, request)
      principals.set(request, known)
    },
    principalOf(request) {
      const principal = principals.get(request)
      if (principal === undefined) throw new FlintError('invalid_api_key')
      return principal
    },
    stillAllowed(request) {
      const known = door.identify(request)
      return !isRefused(known) && isAllowed(known) ? known : null
    },
  }
}

/**
 * Who is counted for a request's rate: the key or user, by their id, or the client's address where no one is
 * known. So no spelling of a header gets a key more than its share, and no guess a bucket of its
 * own.
 */
export function limitedAs(
  { door }: Access,
  request: FastifyRequest,
): { readonly name: string; readonly isKnown: boolean } {
  const known = door.identify(request)
  if (!isRefused(known))
    return { name: `${'keyId' in known ? 'key' : 'user'} ${actorOf(known)}`, isKnown: true }
  if (door.isOperator(request)) return { name: 'operator', isKnown: true }
  return { name: `address ${clientAddress(request)}`, isKnown: false }
}

/** `"read" or "admin"`, for people. */
export function scopeNames(anyOf: readonly Scope[]): string {
  return anyOf.map((scope) => `"${scope}"`).join(' or ')
}
