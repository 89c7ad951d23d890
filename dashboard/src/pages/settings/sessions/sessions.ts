import type { KeyNames, Sessions } from '../../../api/answers.ts'
import { change, get } from '../../../api/request.ts'

/** Someone who is signed in to the dashboard. */
export type ListedSession = Sessions['sessions'][number]

export interface SessionsAndNames {
  readonly sessions: readonly ListedSession[]
  /** Names of keys by their ids. */
  readonly names: KeyNames['names']
}

/** @throws ApiError */
export async function readSessions(signal: AbortSignal): Promise<SessionsAndNames> {
  const [{ sessions }, { names }] = await Promise.all([
    get<Sessions>('/sessions', {}, signal),
    get<KeyNames>('/keys/names', {}, signal),
  ])
  return { sessions, names }
}

/** One after the other; the one that asks last, as it may end nothing after that. @throws ApiError */
export async function endSessions(sessions: readonly ListedSession[]): Promise<void> {
  const ordered = sessions.toSorted((one, other) => Number(one.isCurrent) - Number(other.isCurrent))
  for (const { id } of ordered) await change('DELETE', `/sessions/${id}`)
}
