import type { Me } from '../../../api/answers.ts'
import { change, get } from '../../../api/request.ts'

/** Someone who is signed in to the dashboard. */
export interface ListedSession {
  readonly id: string
  /** Null: the session is a user's. */
  readonly keyId: string | null
  readonly user: Me['user']
  /** Of the key or user that asks. */
  readonly isOwn: boolean
  /** The session that asks. */
  readonly isCurrent: boolean
  readonly startedAt: string
  readonly startedBy: 'key' | 'link' | 'oidc'
  /** To the minute. */
  readonly lastUsedAt: string
  readonly idleEndsAt: string
  readonly endsAt: string
}

export interface SessionsAndNames {
  readonly sessions: readonly ListedSession[]
  /** Names of keys by their ids. */
  readonly names: Readonly<Record<string, string>>
}

/** @throws ApiError */
export async function readSessions(signal: AbortSignal): Promise<SessionsAndNames> {
  const [{ sessions }, { names }] = await Promise.all([
    get<{ sessions: ListedSession[] }>('/sessions', {}, signal),
    get<{ names: Record<string, string> }>('/keys/names', {}, signal),
  ])
  return { sessions, names }
}

/** One after the other; the one that asks last, as it may end nothing after that. @throws ApiError */
export async function endSessions(sessions: readonly ListedSession[]): Promise<void> {
  const ordered = sessions.toSorted((one, other) => Number(one.isCurrent) - Number(other.isCurrent))
  for (const { id } of ordered) await change('DELETE', `/sessions/${id}`)
}
