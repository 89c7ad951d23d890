import { uuidv7 } from 'uuidv7'
import type { Acted, EventAction } from '../../identity/events.ts'
import type { ErasureCount, ErasureFilter, Erasures } from '../../store/evidence/erasures.ts'
import { holdsInForce } from '../../store/identity/holds-in-force.ts'
import type { IdentityLog } from '../../store/identity/identity-log.ts'

interface Erase extends Acted {
  readonly org: string
  readonly filter: ErasureFilter
  readonly reason: string | null
}

interface ErasureReceipt extends ErasureCount {
  /** Null where there was nothing to erase: nothing matched, or all of it is held. */
  readonly erasureId: string | null
  readonly erased: number
}

/**
 * Erases records for good, but those that a legal hold keeps. They are hidden when this resolves;
 * delivery takes them off the disks within minutes.
 */
export interface Eraser {
  count(org: string, filter: ErasureFilter): Promise<ErasureCount>
  erase(wish: Erase): Promise<ErasureReceipt>
}

export function createEraser({
  erasures,
  log,
}: {
  readonly erasures: Pick<Erasures, 'count' | 'erase'>
  readonly log: Pick<IdentityLog, 'append' | 'listHolds'>
}): Eraser {
  // As they are stored, not as they are cached: what is erased does not come back.
  const holdsOf = async (org: string) => holdsInForce(await log.listHolds(), org)
  const count = async (org: string, filter: ErasureFilter) =>
    erasures.count(org, filter, await holdsOf(org))

  return {
    count,
    async erase({ org, actor, sessionId, filter, reason }) {
      const before = await count(org, filter)
      const { matched, held, holds } = before
      if (matched === held) return { ...before, erasureId: null, erased: 0 }
      const erasureId = uuidv7()
      const action: EventAction =
        filter.requestId === undefined ? 'records.erased' : 'record.erased'
      // The receipt first: nothing is ever gone without one, and one without effect is seen by who
      // got no answer.
      await log.append([
        {
          subjectKind: 'record',
          org,
          actor,
          sessionId,
          action,
          subject: filter.requestId ?? erasureId,
          reason,
          old: null,
          new: { erasureId, matched, ...(held === 0 ? {} : { held, holds }), ...shown(filter) },
        },
      ])
      // Of a hold placed meanwhile all is kept that has no tombstone yet.
      const now = await holdsOf(org)
      const erased = await erasures.erase(org, filter, erasureId, now)
      const left = now.length === 0 ? NOTHING : await erasures.count(org, filter, now)
      return { erasureId, erased, ...left, matched: erased + left.held }
    },
  }
}

const NOTHING: ErasureCount = { matched: 0, held: 0, holds: [] }

/** What was asked for, as a person would write it. */
function shown({
  promptHash,
  keyId,
  tag,
  fromMs,
  toMs,
}: ErasureFilter): Readonly<Record<string, unknown>> {
  const time = (ms: number) => new Date(ms).toISOString()
  return {
    ...(promptHash === undefined ? {} : { promptHash }),
    ...(keyId === undefined ? {} : { keyId }),
    ...(tag === undefined ? {} : { tag: `${tag.name}:${tag.value}` }),
    ...(fromMs === undefined ? {} : { from: time(fromMs) }),
    ...(toMs === undefined ? {} : { to: time(toMs) }),
  }
}
