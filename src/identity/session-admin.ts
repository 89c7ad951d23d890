import { randomBytes, randomUUID } from 'node:crypto'
import type { IdentityEvent } from '../store/identity/identity-event.ts'
import type { IdentityLog } from '../store/identity/identity-log.ts'
import type { SessionLog, SessionRow, SignInLinkRow } from '../store/identity/session-log.ts'
import type { Acted, EventAction } from './events.ts'
import { actorOf, type KeyPrincipal, type Named } from './principal.ts'
import { hashToken } from './session-cache.ts'

/** The longest a session lasts, however much it is used. */
const SESSION_MS = 12 * 3_600_000
const LINK_MS = 10 * 60_000

export interface StartedSession {
  /** For the person's browser alone: stored nowhere. */
  readonly token: string
  readonly session: SessionRow
}

interface StartSession {
  readonly principal: Named & Pick<KeyPrincipal, 'org'>
  /** By which it is started; null: by key or user themselves. */
  readonly link: SignInLinkRow | null
  /** The session of the same browser before, which ends with this. */
  readonly replaces: SessionRow | null
}

interface MadeLink {
  /** For one person: stored nowhere. */
  readonly token: string
  /** ISO 8601. */
  readonly expiresAt: string
}

/** Starts and ends sessions. Each is an event, durable before it is in force. */
export interface SessionAdmin {
  /** `used`: another session was started by this link first. */
  start(wish: StartSession): Promise<StartedSession | 'used'>
  end(wish: Acted & { readonly session: SessionRow }): Promise<void>
  makeLink(wish: Acted & { readonly org: string; readonly keyId: string }): Promise<MadeLink>
  /** Null for a link that is unknown, used or too old. */
  findLink(token: string): Promise<SignInLinkRow | null>
}

export function createSessionAdmin({
  log,
  sessions,
  secret,
  nowMs = Date.now,
}: {
  readonly log: Pick<IdentityLog, 'append'>
  readonly sessions: Pick<SessionLog, 'findLink' | 'firstSessionOf'>
  /** Under which tokens are hashed. */
  readonly secret: Buffer
  readonly nowMs?: () => number
}): SessionAdmin {
  const iso = (atMs: number) => new Date(atMs).toISOString()

  return {
    async start({ principal, link, replaces }) {
      const token = newToken()
      const atMs = nowMs()
      const session: SessionRow = {
        org: principal.org,
        id: `ses_${randomUUID().replaceAll('-', '').slice(0, 16)}`,
        tokenHash: hashToken(secret, token),
        ...('keyId' in principal
          ? { keyId: principal.keyId, user: null }
          : { keyId: null, user: principal.user }),
        linkId: link?.id ?? null,
        startedAt: iso(atMs),
        endsAt: iso(atMs + SESSION_MS),
        endedAt: null,
      }
      const by = { actor: actorOf(principal), sessionId: session.id }
      const ended = replaces === null ? [] : [endOf(replaces, by, iso(atMs))]
      await log.append([sessionEvent('session.started', by, session), ...ended])
      // Two browsers may have opened the link at once: the earlier event is in force.
      if (link === null || (await sessions.firstSessionOf(link.id)) === session.id)
        return { token, session }
      await log.append([endOf(session, by, iso(nowMs()))])
      return 'used'
    },

    async end({ session, ...by }) {
      if (session.endedAt !== null) return
      await log.append([endOf(session, by, iso(nowMs()))])
    },

    async makeLink({ org, keyId, ...by }) {
      const token = newToken()
      const expiresAt = iso(nowMs() + LINK_MS)
      const link: SignInLinkRow = {
        org,
        id: `lnk_${randomUUID().replaceAll('-', '').slice(0, 16)}`,
        tokenHash: hashToken(secret, token),
        keyId,
        expiresAt,
      }
      const action: EventAction = 'session.link_made'
      await log.append([
        {
          ...{ subjectKind: 'sign_in_link', org, ...by, action, subject: link.id },
          ...{ reason: null, old: null, new: { keyId, expiresAt }, state: link },
        },
      ])
      return { token, expiresAt }
    },

    async findLink(token) {
      const link = await sessions.findLink(hashToken(secret, token))
      if (link === null || Date.parse(link.expiresAt) <= nowMs()) return null
      return (await sessions.firstSessionOf(link.id)) === null ? link : null
    },
  }
}

/** 256 random bits, as they may stand in a cookie and behind `#`. */
function newToken(): string {
  return randomBytes(32).toString('base64url')
}

function endOf(session: SessionRow, by: Acted, endedAt: string): IdentityEvent {
  return sessionEvent('session.ended', by, { ...session, endedAt })
}

function sessionEvent(action: EventAction, by: Acted, session: SessionRow): IdentityEvent {
  const { org, id, keyId, user, endsAt } = session
  const whose = user === null ? { keyId } : { user }
  const started = { ...whose, by: startedBy(session), endsAt }
  return {
    ...{ subjectKind: 'session', org, ...by, action, subject: id, reason: null, old: null },
    new: action === 'session.started' ? started : whose,
    state: rowOf(session),
  }
}

/** What a person showed to sign in. */
export function startedBy({
  user,
  linkId,
}: Pick<SessionRow, 'user' | 'linkId'>): 'key' | 'link' | 'oidc' {
  if (user !== null) return 'oidc'
  return linkId === null ? 'key' : 'link'
}

/** By name: what a session in memory has besides does not go into its event. */
function rowOf(session: SessionRow): SessionRow {
  const { org, id, tokenHash, keyId, user, linkId, startedAt, endsAt, endedAt } = session
  return { org, id, tokenHash, keyId, user, linkId, startedAt, endsAt, endedAt }
}
