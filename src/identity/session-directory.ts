import type { SessionUse, UsedSession } from '../store/identity/session-log.ts'
import {
  isRefused,
  type KeyHolders,
  maySignIn,
  type Principal,
  type UserRights,
} from './principal.ts'
import { hashToken, type SessionCache } from './session-cache.ts'

/**
 * Why a session is over: not used for long, its whole time is up, its key was revoked or has
 * expired or its user has no role any more, or it was ended.
 */
export type SessionEnd = 'idle' | 'expired' | 'revoked' | 'signed_out'

export interface ActiveSession {
  readonly session: UsedSession
  /** What its key or user may do at this moment. */
  readonly principal: Principal
  readonly lastUsedAtMs: number
  /** When it ends unless it is used. */
  readonly idleEndsAtMs: number
  readonly endsAtMs: number
}

/** `unavailable`: there is no list of sessions or keys to look in. */
export type SessionStanding =
  | ActiveSession
  | { readonly ended: SessionEnd }
  | 'unknown'
  | 'unavailable'

export function isActive(standing: SessionStanding): standing is ActiveSession {
  return typeof standing === 'object' && 'principal' in standing
}

interface SessionDirectoryOptions {
  readonly cache: Pick<SessionCache, 'find' | 'sessionsOf' | 'loaded'>
  readonly keys: KeyHolders
  readonly users: UserRights
  /** Under which tokens are hashed. */
  readonly secret: Buffer
  readonly idleMs: number
  /** Writes uses down. */
  readonly noteUses: (uses: readonly SessionUse[]) => Promise<void>
  readonly nowMs?: () => number
}

/**
 * Who is signed in, as of this moment. A session holds no right of its own: each time the standing
 * of its key or user is looked up.
 */
export class SessionDirectory {
  readonly #options: Required<SessionDirectoryOptions>
  /** Uses that this process saw, by session. */
  readonly #uses = new Map<string, SessionUse>()
  #unwritten = new Map<string, SessionUse>()
  readonly #endedHere = new Set<string>()

  constructor({ nowMs = Date.now, ...options }: SessionDirectoryOptions) {
    this.#options = { ...options, nowMs }
  }

  /** `token` as the person's browser holds it. */
  standingOf(token: string): SessionStanding {
    const { cache, secret } = this.#options
    if (!cache.loaded) return 'unavailable'
    const session = cache.find(hashToken(secret, token))
    return session === null ? 'unknown' : this.#standingOf(session)
  }

  activeOf(org: string): readonly ActiveSession[] {
    return this.#options.cache
      .sessionsOf(org)
      .map((session) => this.#standingOf(session))
      .filter(isActive)
  }

  used({ session }: ActiveSession): void {
    const { org, id: sessionId } = session
    const use = { org, sessionId, usedAtMs: this.#options.nowMs() }
    this.#uses.set(sessionId, use)
    this.#unwritten.set(sessionId, use)
  }

  /** Ends a session for this process, where its end could not be stored. */
  endHere({ session }: ActiveSession): void {
    this.#endedHere.add(session.id)
  }

  /** Writes what was used; what the store does not take is kept for the next time. */
  async flush(): Promise<void> {
    const writing = this.#unwritten
    this.#unwritten = new Map()
    try {
      await this.#options.noteUses([...writing.values()])
    } catch (error) {
      this.#unwritten = new Map([...writing, ...this.#unwritten])
      throw error
    }
    const oldMs = this.#options.nowMs() - DAY_MS
    for (const [id, { usedAtMs }] of this.#uses) if (usedAtMs < oldMs) this.#uses.delete(id)
  }

  #standingOf(session: UsedSession): SessionStanding {
    const { idleMs, nowMs } = this.#options
    if (session.endedAt !== null || this.#endedHere.has(session.id)) return { ended: 'signed_out' }
    const endsAtMs = Date.parse(session.endsAt)
    if (endsAtMs <= nowMs()) return { ended: 'expired' }
    const lastUsedAtMs = Math.max(
      Date.parse(session.lastUsedAt ?? session.startedAt),
      this.#uses.get(session.id)?.usedAtMs ?? 0,
    )
    const idleEndsAtMs = Math.min(lastUsedAtMs + idleMs, endsAtMs)
    if (idleEndsAtMs <= nowMs()) return { ended: 'idle' }
    const principal = this.#principalOf(session, endsAtMs)
    if (principal === 'unavailable') return principal
    if (principal === null || !maySignIn(principal.scopes)) return { ended: 'revoked' }
    return { session, principal, lastUsedAtMs, idleEndsAtMs, endsAtMs }
  }

  /** Null: there is none any more. */
  #principalOf(session: UsedSession, endsAtMs: number): Principal | 'unavailable' | null {
    const { keys, users } = this.#options
    const { org, keyId, user } = session
    const ofSession = { session: { id: session.id, endsAtMs } }
    if (user !== null) return { org, user, scopes: users.rightsOf(org, user), ...ofSession }
    if (keyId === null) return null
    const holder = keys.holderOf(keyId)
    if (isRefused(holder)) return holder.refused === 'unavailable' ? 'unavailable' : null
    return holder.org === org ? { ...holder, ...ofSession } : null
  }
}

/** Longer than any session lasts. */
const DAY_MS = 86_400_000
