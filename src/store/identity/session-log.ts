import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { isoTime } from '../calls/call-row.ts'
import type { StoreClient } from '../client/client.ts'
import { noteUses } from './note-uses.ts'

/** A person as their identity provider described them when they signed in. */
export const SessionUserSchema = Type.Object({
  issuer: Type.String(),
  subject: Type.String(),
  name: Type.Union([Type.String(), Type.Null()]),
  email: Type.Union([Type.String(), Type.Null()]),
  /** Whether the provider says that the address is theirs. */
  emailVerified: Type.Boolean(),
  /** Values of the role claim that gave them a role; the others are not kept. */
  roleValues: Type.Array(Type.String()),
})
export type SessionUser = Readonly<Type.Static<typeof SessionUserSchema>>

/** A signed-in person. What they may do is looked up at each request: it is not in here. */
export const SessionRowSchema = Type.Object({
  org: Type.String(),
  id: Type.String(),
  /** HMAC-SHA-256 of the token, hex: the token itself is never stored. */
  tokenHash: Type.String(),
  /** Key that the session stands for; null: it is a user's. */
  keyId: Type.Union([Type.String(), Type.Null()]),
  /** Of an identity provider; null: the session stands for a key. */
  user: Type.Union([SessionUserSchema, Type.Null()]),
  /** The one-time link it was started by; null: by key or user themselves. */
  linkId: Type.Union([Type.String(), Type.Null()]),
  /** ISO 8601. */
  startedAt: Type.String(),
  endsAt: Type.String(),
  endedAt: Type.Union([Type.String(), Type.Null()]),
})
export type SessionRow = Readonly<Type.Static<typeof SessionRowSchema>>

/** A link by which a person may sign in once, in place of a key. */
const SignInLinkRowSchema = Type.Object({
  org: Type.String(),
  id: Type.String(),
  tokenHash: Type.String(),
  keyId: Type.String(),
  /** ISO 8601. */
  expiresAt: Type.String(),
})
export type SignInLinkRow = Readonly<Type.Static<typeof SignInLinkRowSchema>>

/** ISO 8601; null: not since it was started. */
export type UsedSession = SessionRow & { readonly lastUsedAt: string | null }

export interface SessionUse {
  readonly org: string
  readonly sessionId: string
  readonly usedAtMs: number
}

/** Sessions as the fold of their events, and when they were used. */
export interface SessionLog {
  /** Of all organisations: those that any event of the last day is about, ended ones too. */
  listSessions(): Promise<readonly UsedSession[]>
  /** Changes with every event of a session and with every use that was noted. */
  revision(): Promise<string>
  noteUses(uses: readonly SessionUse[]): Promise<void>
  findLink(tokenHash: string): Promise<SignInLinkRow | null>
  /** Id of the session that was started first by this link. */
  firstSessionOf(linkId: string): Promise<string | null>
}

/** Longer than any session lasts. */
const RECENT = `at > now64(6, 'UTC') - INTERVAL 1 DAY`
const SESSIONS = `FROM identity_events WHERE subject_kind = 'session' AND state != '' AND ${RECENT}`
const LINKS = `FROM identity_events WHERE subject_kind = 'sign_in_link' AND state != '' AND ${RECENT}`

export function createSessionLog(client: Pick<StoreClient, 'rows' | 'run'>): SessionLog {
  return {
    async listSessions() {
      const [sessions, uses] = await Promise.all([
        client.rows({
          tag: 'sessions:list',
          // An end stands, whatever another replica made of an older state meanwhile.
          sql: `SELECT argMax(state, (at, toString(id))) AS latest,
            minIf(JSONExtractString(state, 'endedAt'), JSONExtractString(state, 'endedAt') != '') AS ended
            ${SESSIONS} GROUP BY org, subject`,
        }),
        client.rows({
          tag: 'sessions:uses',
          sql: `SELECT session_id, max(used_at) AS used FROM session_uses
            WHERE used_at > now64(3, 'UTC') - INTERVAL 1 DAY GROUP BY session_id`,
        }),
      ])
      const usedAt = new Map(uses.map((row) => [String(row.session_id), isoTime(String(row.used))]))
      return sessions.map(({ latest, ended }) => {
        const session = sessionOf(String(latest))
        const endedAt = String(ended) === '' ? null : String(ended)
        return { ...session, endedAt, lastUsedAt: usedAt.get(session.id) ?? null }
      })
    },

    async revision() {
      const [row] = await client.rows({
        tag: 'sessions:revision',
        sql: `SELECT (SELECT count() FROM identity_events WHERE subject_kind = 'session') AS events,
          (SELECT max(used_at) FROM session_uses) AS used`,
      })
      return `${String(row?.events)} ${String(row?.used)}`
    },

    noteUses: (uses) =>
      noteUses(
        client,
        { tag: 'sessions:note-uses', table: 'session_uses', idColumn: 'session_id' },
        uses.map(({ sessionId, ...use }) => ({ ...use, id: sessionId })),
      ),

    async findLink(tokenHash) {
      const [row] = await client.rows({
        tag: 'sessions:find-link',
        sql: `SELECT state ${LINKS} AND JSONExtractString(state, 'tokenHash') = {hash:String} LIMIT 1`,
        params: { hash: tokenHash },
      })
      return row === undefined ? null : linkOf(String(row.state))
    },

    async firstSessionOf(linkId) {
      const [row] = await client.rows({
        tag: 'sessions:of-link',
        sql: `SELECT subject ${SESSIONS} AND JSONExtractString(state, 'linkId') = {link:String}
          ORDER BY at, toString(id) LIMIT 1`,
        params: { link: linkId },
      })
      return row === undefined ? null : String(row.subject)
    },
  }
}

const SESSION = Compile(SessionRowSchema)
const LINK = Compile(SignInLinkRowSchema)

function sessionOf(state: string): SessionRow {
  // Sessions of before there were users do not say that they are no user's.
  return SESSION.Parse({ user: null, ...JSON.parse(state) })
}

function linkOf(state: string): SignInLinkRow {
  return LINK.Parse(JSON.parse(state))
}
