import type { Acted } from './events.ts'

/**
 * What a Flint key may do. A key made without naming scopes has the first four; the bootstrap key
 * has all. `admin` includes `events`.
 */
export const SCOPES = ['proxy', 'report', 'read', 'prompts', 'events', 'admin'] as const
export type Scope = (typeof SCOPES)[number]
export const DEFAULT_SCOPES: readonly Scope[] = ['proxy', 'report', 'read', 'prompts']

/** Who is calling. The organisation comes from the key only, never from the request. */
export interface Principal {
  readonly org: string
  readonly keyId: string
  readonly scopes: readonly Scope[]
  /** Where a person is signed in and it is not the key itself that asks. */
  readonly session?: { readonly id: string; readonly endsAtMs: number }
}

/** What the events of a change say of who made it. */
export function actedBy({ keyId, session }: Principal): Acted {
  return { actor: keyId, ...(session === undefined ? {} : { sessionId: session.id }) }
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

/** Whether a key may be signed in with. */
export function maySignIn(scopes: readonly Scope[]): boolean {
  return roleOf(scopes) !== null
}

/**
 * Why a key is not let in. `unavailable`: there is no directory to look in (none yet, or too old),
 * and a good key must not be called wrong. `missing`: there was no Flint key at all.
 */
export type Refusal = 'unavailable' | 'missing' | 'unknown' | 'expired' | 'revoked'

/** A key that ended still says whose it was: for the event, never for an answer. */
export type Authentication =
  | Principal
  | { readonly refused: Refusal; readonly principal: Principal | null }

/**
 * Answers from memory: a dead ClickHouse refuses no valid key, and an unknown key never causes a
 * query.
 */
export interface Authenticator {
  /** `key` is the whole presented key, `flnt_live_...`. */
  authenticate(key: string): Authentication
}

/** Who holds a key that was checked before, by the key's id: it may have ended since. */
export interface KeyHolders {
  holderOf(keyId: string): Authentication
}

export function isRefused(
  authentication: Authentication,
): authentication is Exclude<Authentication, Principal> {
  return 'refused' in authentication
}
