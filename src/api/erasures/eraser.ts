import { uuidv7 } from 'uuidv7'
import type { EventAction } from '../../identity/events.ts'
import type { ErasureFilter, Erasures } from '../../store/evidence/erasures.ts'
import type { IdentityLog } from '../../store/identity/identity-log.ts'

interface Erase {
  readonly org: string
  /** Id of the key, or `cli`. */
  readonly actor: string
  readonly filter: ErasureFilter
  readonly reason: string | null
}

interface ErasureReceipt {
  readonly erasureId: string
  readonly erased: number
}

/**
 * Erases records for good. They are hidden when this resolves; delivery takes them off the disks
 * within minutes.
 */
export interface Eraser {
  count(org: string, filter: ErasureFilter): Promise<number>
  /** Null where the filter meets no record. */
  erase(wish: Erase): Promise<ErasureReceipt | null>
}

export function createEraser({
  erasures,
  log,
}: {
  readonly erasures: Pick<Erasures, 'count' | 'erase'>
  readonly log: Pick<IdentityLog, 'append'>
}): Eraser {
  return {
    count: (org, filter) => erasures.count(org, filter),
    async erase({ org, actor, filter, reason }) {
      const matched = await erasures.count(org, filter)
      if (matched === 0) return null
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
          action,
          subject: filter.requestId ?? erasureId,
          reason,
          old: null,
          new: { erasureId, matched, ...shown(filter) },
        },
      ])
      return { erasureId, erased: await erasures.erase(org, filter, erasureId) }
    },
  }
}

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
