import { attachmentKey, contentKey } from '../content/content-key.ts'
import type { ContentStore } from '../content/content-store.ts'
import { DAY_MS, dayOf } from '../evidence/day.ts'
import { createdAtMs } from '../evidence/record-id.ts'
import type { ErasedCall, Erasures } from '../store/evidence/erasures.ts'
import type { DeadLetters } from './dead-letters.ts'

export interface ErasingOptions {
  readonly erasures: Pick<Erasures, 'unfinished' | 'ownAttachments' | 'removeRows' | 'finish'>
  readonly store: ContentStore
  readonly letters: Pick<DeadLetters, 'erase'>
  /** Rows of this organisation are in quarantine: its tombstones are looked at again. */
  readonly isWaiting?: (org: string) => boolean
  readonly nowMs?: () => number
}

const CALLS_PER_PASS = 5_000
/** Content that was on its way when its record was erased has arrived, or was dropped, by then. */
const SETTLED_AFTER_MS = 10 * 60_000

/**
 * What a tombstone leaves to do: objects and dead letters first, then rows, then the tombstone is
 * done. It can die anywhere and is begun again: deleting twice changes nothing. Resolves to the
 * number of calls it looked at.
 */
export function createErasing({
  erasures,
  store,
  letters,
  isWaiting = () => false,
  nowMs = Date.now,
}: ErasingOptions): {
  pass(): Promise<number>
} {
  return {
    async pass() {
      const calls = await erasures.unfinished(CALLS_PER_PASS)
      if (calls.length === 0) return 0
      const keys = calls.map(({ org, recordId }) => contentKey(org, recordId))
      for (const { org, fromMs, recordIds } of byDay(calls)) {
        // What another call of the day carried too stays: it is that call's as well.
        const hashes = await erasures.ownAttachments(
          org,
          { fromMs, toMs: fromMs + DAY_MS },
          recordIds,
        )
        const [any] = recordIds
        if (any !== undefined) keys.push(...hashes.map((sha256) => attachmentKey(org, any, sha256)))
      }
      await store.delete(keys)
      await letters.erase(
        calls.map((call) => ({ ...call, day: dayOf(createdAtMs(call.recordId)) })),
      )
      await erasures.removeRows(calls)
      const settled = calls.filter(({ org }) => !isWaiting(org))
      if (settled.length > 0) await erasures.finish(settled, nowMs() - SETTLED_AFTER_MS)
      return calls.length
    },
  }
}

function byDay(calls: readonly ErasedCall[]) {
  const days = new Map<
    string,
    { readonly org: string; readonly fromMs: number; readonly recordIds: string[] }
  >()
  for (const { org, recordId } of calls) {
    const fromMs = Math.floor(createdAtMs(recordId) / DAY_MS) * DAY_MS
    const name = `${org} ${fromMs}`
    const day = days.get(name) ?? { org, fromMs, recordIds: [] }
    day.recordIds.push(recordId)
    days.set(name, day)
  }
  return [...days.values()]
}
