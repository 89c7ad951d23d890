import type { Keys, ListedKey, Summary } from '../../../api/answers.ts'
import { get } from '../../../api/request.ts'
import { type Resource, useResource } from '../../../api/resource.ts'
import { nowMs, rangeQuery, SPANS } from '../../../state/range.ts'

const MOST_GROUPS = 100

export interface KeysWithCalls {
  readonly keys: readonly ListedKey[]
  /** By key; undefined for those whose number is not known. */
  readonly callsOf: (id: string) => number | undefined
}

/** Keys, those in force first, with how many calls each made in 30 days. */
export function useKeys(): Resource<KeysWithCalls> {
  return useResource(`keys ${nowMs.value}`, async (signal) => {
    const [{ keys }, summary] = await Promise.all([
      get<Keys>('/keys', {}, signal),
      callsByKey(signal),
    ])
    return { keys: keys.toSorted(inForceFirst), callsOf: counter(summary) }
  })
}

/** Undefined where sums cannot be had: the keys are still shown. */
function callsByKey(signal: AbortSignal): Promise<Summary | undefined> {
  const range = rangeQuery({ fromMs: nowMs.value - SPANS['30d'].ms, toMs: nowMs.value })
  return get<Summary>(
    '/audit/summary',
    { ...range, groupBy: 'keyId', bucket: 'none', measures: 'calls', limit: MOST_GROUPS },
    signal,
  ).catch((error: unknown) => {
    if (signal.aborted) throw error
    return undefined
  })
}

function counter(summary: Summary | undefined): (id: string) => number | undefined {
  if (summary === undefined) return () => undefined
  const calls = new Map(summary.groups.map(({ key, totals }) => [key.keyId, totals.calls]))
  // With all groups named, a key that is not among them made none.
  const ofOthers = summary.other === undefined ? 0 : undefined
  return (id) => calls.get(id) ?? ofOthers
}

function inForceFirst(one: ListedKey, other: ListedKey): number {
  const rank = ({ state }: ListedKey) => (state === 'active' ? 0 : 1)
  return rank(one) - rank(other) || other.createdAt.localeCompare(one.createdAt)
}
