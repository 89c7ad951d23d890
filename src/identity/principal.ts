import type { SessionUser } from '../store/identity/session-log.ts'
import type { Acted } from './events.ts'
import { userId } from './user.ts'

/**
 * What a Flint key may do. A key made without naming scopes has the first four; the bootstrap key
 * has all. `admin` includes `events`.
 */
export const SCOPES = ['proxy', 'report', 'read', 'prompts', 'events', 'admin'] as const
export type Scope = (typeof SCOPES)[number]
export const DEFAULT_SCOPES: readonly Scope[] = ['proxy', 'report', 'read', 'prompts']

interface SessionOfPrincipal {
  readonly id: string
  readonly endsAtMs: number
}

/** A key, or a person who signed in with one. */
export interface KeyPrincipal {
  readonly org: string
  readonly keyId: string
  readonly scopes: readonly Scope[]
  /** Where a person is signed in and it is not the key itself that asks. */
  readonly session?: SessionOfPrincipal
}

/** A person whom an identity provider knows; there is no key. */
interface UserPrincipal {
  readonly org: string
  readonly user: SessionUser
  readonly scopes: readonly Scope[]
  readonly session: SessionOfPrincipal
}

/**
 * Who is calling. The organisation comes from the key or from the settings of the identity
 * provider, never from the request.
 */
export type Principal = KeyPrincipal | UserPrincipal

/** What names a principal, with or without what it may do. */
export type Named = Pick<KeyPrincipal, 'keyId'> | Pick<UserPrincipal, 'user'>

/** As events name them: `key_…`, or issuer and subject of a user. */
export function actorOf(named: Named): string {
  return 'keyId' in named ? named.keyId : userId(named.user)
}

/** What the events of a change say of who made it. */
export function actedBy(principal: Principal): Acted {
  const { session } = principal
  return { actor: actorOf(principal), ...(session === undefined ? {} : { sessionId: session.id }) }
}

export const ROLES = ['viewer', 'prompt_reader', 'auditor', 'admin'] as const
/** What people call a set of scopes. */
export type Role = (typeof ROLES)[number]

/** Null for keys of programs, which look at nothing. */
export function roleOf(scopes: readonly Scope[]): Role | null {
  if (scopes.includes('admin')) return 'admin'
  if (!scopes.includes('read')) return null
  if (scopes.includes('events')) return 'auditor'
  return scopes.includes('prompts') ? 'prompt_reader' : 'viewer'
}

/** Whether one may sign in with these scopes. */
export function maySignIn(scopes: readonly Scope[]): boolean {
  return roleOf(scopes) !== null
}

/**
 * Why a key is not let in. `unavailable`: there is no directory to look in (none yet, or too old),
 * and a good key must not be called wrong. `missing`: there was no Flint key at all.
 */
export type Refusal = 'unavailable' | 'missing' | 'unknown' | 'expired' | 'revoked'

/** A key that ended still says whose it was: for the event, never for an answer. */
interface Refused {
  readonly refused: Refusal
  readonly principal: KeyPrincipal | null
}
export type KeyAuthentication = KeyPrincipal | Refused
export type Authentication = Principal | Refused

/**
 * Answers from memory: a dead ClickHouse refuses no valid key, and an unknown key never causes a
 * query.
 */
export interface Authenticator {
  /** `key` is the whole presented key, `flnt_live_...`. */
  authenticate(key: string): KeyAuthentication
}

/** Who holds a key that was checked before, by the key's id: it may have ended since. */
export interface KeyHolders {
  holderOf(keyId: string): KeyAuthentication
}

/** What a user's roles give them now: nothing where the settings give them none any more. */
export interface UserRights {
  rightsOf(org: string, user: SessionUser): readonly Scope[]
}

export function isRefused(authentication: Authentication): authentication is Refused {
  return 'refused' in authentication
}
