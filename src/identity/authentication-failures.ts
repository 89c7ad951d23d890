import type { IdentityLog } from '../store/identity/identity-log.ts'
import type { EventAction } from './events.ts'
import { type Authentication, actorOf, type Named, type Refusal } from './principal.ts'

/** Why somebody was not let in; `forbidden`: the key is good, but has not the scope. */
export type FailureReason = Exclude<Refusal, 'unavailable'> | 'forbidden'

export function createFailureCounters(): Record<FailureReason, number> {
  return { missing: 0, unknown: 0, expired: 0, revoked: 0, forbidden: 0 }
}

export interface AuthenticationFailures {
  note(reason: FailureReason, of: (Named & { readonly org: string }) | null): void
  /** Writes what has gathered; what the store does not take is kept for the next time. */
  flush(): Promise<void>
}

interface Gathered {
  readonly reason: FailureReason
  readonly org: string
  readonly actor: string
  count: number
  readonly sinceMs: number
}

/**
 * More kinds of failure at once than there are keys worth naming: beyond it they are only counted.
 */
const MAX_GATHERED = 1_000

/**
 * Failed authentication, reported as events: one per reason and key for each flush, with how often.
 * No key material: of a key that no one has there is nothing to say, and it belongs to no
 * organisation.
 */
export function createAuthenticationFailures({
  log,
  where,
  counters,
  nowMs = Date.now,
}: {
  readonly log: Pick<IdentityLog, 'append'>
  /** `dashboard`: signing in to it. */
  readonly where: 'gate' | 'api' | 'dashboard'
  readonly counters: Record<FailureReason, number>
  readonly nowMs?: () => number
}): AuthenticationFailures {
  let gathered = new Map<string, Gathered>()
  return {
    note(reason, of) {
      counters[reason] += 1
      const org = of?.org ?? ''
      const actor = of === null ? '' : actorOf(of)
      const name = `${reason} ${org} ${actor}`
      const known = gathered.get(name)
      if (known) known.count += 1
      else if (gathered.size < MAX_GATHERED)
        gathered.set(name, { reason, org, actor, count: 1, sinceMs: nowMs() })
    },
    async flush() {
      if (gathered.size === 0) return
      const telling = gathered
      gathered = new Map()
      const action: EventAction =
        where === 'dashboard' ? 'session.refused' : 'authentication.failed'
      const events = [...telling.values()].map(({ reason, org, actor, count, sinceMs }) => ({
        subjectKind: 'authentication' as const,
        org,
        actor,
        action,
        subject: actor,
        reason,
        old: null,
        new: { where, count, since: new Date(sinceMs).toISOString() },
      }))
      try {
        await log.append(events)
      } catch (error) {
        for (const [name, kept] of telling) {
          const again = gathered.get(name)
          gathered.set(name, again ? { ...kept, count: kept.count + again.count } : kept)
        }
        throw error
      }
    },
  }
}

/** The reason and whose key, for `note`; null where the key could not be checked at all. */
export function failureOf({
  refused,
  principal,
}: Extract<Authentication, { refused: Refusal }>): Parameters<
  AuthenticationFailures['note']
> | null {
  return refused === 'unavailable' ? null : [refused, principal]
}
