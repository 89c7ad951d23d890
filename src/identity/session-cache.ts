import { createHmac } from 'node:crypto'
import { Type } from 'typebox'
import { SessionRowSchema, type UsedSession } from '../store/identity/session-log.ts'
import { CachedList, type CachedListOptions } from './cached-list.ts'

const UsedSessionSchema = Type.Object({
  ...SessionRowSchema.properties,
  lastUsedAt: Type.Union([Type.String(), Type.Null()]),
})

/** Sessions of all organisations in memory: no request of a signed-in person waits for the store. */
export class SessionCache extends CachedList<UsedSession> {
  #byHash: ReadonlyMap<string, UsedSession> = new Map()

  constructor(options: CachedListOptions<UsedSession>) {
    super(options)
    this.readCopy()
  }

  find(tokenHash: string): UsedSession | null {
    return this.#byHash.get(tokenHash) ?? null
  }

  sessionsOf(org: string): readonly UsedSession[] {
    return [...this.#byHash.values()].filter((session) => session.org === org)
  }

  protected override get entrySchema() {
    return UsedSessionSchema
  }

  /** Sessions of yesterday leave the list by themselves. */
  protected override get mayBecomeEmpty(): boolean {
    return true
  }

  protected override adopt(sessions: readonly UsedSession[]): void {
    this.#byHash = new Map(sessions.map((session) => [session.tokenHash, session]))
  }
}

/** Hex HMAC-SHA-256. A fast hash is enough: tokens are random, not chosen by a person. */
export function hashToken(secret: Buffer, token: string): string {
  return createHmac('sha256', secret).update(token).digest('hex')
}
