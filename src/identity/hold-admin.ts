import { uuidv7 } from 'uuidv7'
import type { IdentityLog } from '../store/identity/identity-log.ts'
import type { HoldRow } from '../store/identity/identity-rows.ts'
import type { Acted, EventAction } from './events.ts'

/** What an organisation may have in force: statements ask for all of it at once. */
export const HOLD_LIMITS = { holds: 20, conditionBytes: 6_000 } as const

interface PlaceHold extends Acted {
  readonly org: string
  readonly reason: string
  /** As it was given; null: the whole organisation. */
  readonly filter: Readonly<Record<string, unknown>> | null
  /** What it means: a CallFilter. */
  readonly conditions: Readonly<Record<string, unknown>> | null
}

interface ReleaseHold extends Acted {
  readonly org: string
  readonly id: string
  readonly reason: string
}

/** Legal holds where they are stored. Each change is an event. */
export interface HoldAdmin {
  /** Of one organisation, newest first, released ones too. */
  list(org: string): Promise<readonly HoldRow[]>
  /** `too_many`: HOLD_LIMITS are reached. */
  place(wish: PlaceHold): Promise<HoldRow | 'too_many'>
  /** Released before: as it was released then. */
  release(wish: ReleaseHold): Promise<HoldRow | 'not_found'>
}

export function createHoldAdmin({
  log,
  nowMs = Date.now,
}: {
  readonly log: Pick<IdentityLog, 'append' | 'listHolds'>
  readonly nowMs?: () => number
}): HoldAdmin {
  const ofOrg = async (org: string) => (await log.listHolds()).filter((hold) => hold.org === org)
  const append = async (
    action: EventAction,
    { actor, sessionId }: Acted,
    reason: string,
    { org, id, filter }: HoldRow,
    state: HoldRow,
  ) => {
    await log.append([
      {
        subjectKind: 'hold',
        org,
        actor,
        sessionId,
        action,
        subject: id,
        reason,
        old: action === 'hold.released' ? { filter } : null,
        new: action === 'hold.placed' ? { filter } : null,
        state,
      },
    ])
    return state
  }

  return {
    list: async (org) => (await ofOrg(org)).toReversed(),

    async place({ org, actor, sessionId, reason, filter, conditions }) {
      const inForce = (await ofOrg(org)).filter(({ releasedAt }) => releasedAt === null)
      const bytes = [...inForce, { conditions }]
        .map((hold) => Buffer.byteLength(JSON.stringify(hold.conditions)))
        .reduce((sum, size) => sum + size, 0)
      if (inForce.length >= HOLD_LIMITS.holds || bytes > HOLD_LIMITS.conditionBytes)
        return 'too_many'
      const hold: HoldRow = {
        org,
        id: uuidv7(),
        reason,
        filter,
        conditions,
        placedAt: new Date(nowMs()).toISOString(),
        placedBy: actor,
        releasedAt: null,
        releasedBy: null,
        releaseReason: null,
      }
      return append('hold.placed', { actor, sessionId }, reason, hold, hold)
    },

    async release({ org, actor, sessionId, id, reason }) {
      const hold = (await ofOrg(org)).find((candidate) => candidate.id === id)
      if (hold === undefined) return 'not_found'
      if (hold.releasedAt !== null) return hold
      return append('hold.released', { actor, sessionId }, reason, hold, {
        ...hold,
        releasedAt: new Date(nowMs()).toISOString(),
        releasedBy: actor,
        releaseReason: reason,
      })
    },
  }
}
