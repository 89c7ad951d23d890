import { expect, test } from 'vitest'
import type { Arrival, LiveQueries } from '../../store/calls/live-queries.ts'
import { sampleRecord } from '../../store/calls/sample-record.ts'
import { type LiveBatch, OrganisationWatch } from './organisation-watch.ts'

/** A store whose rows are given, and that can be away. */
function store() {
  const rows: Arrival[] = []
  const state = { isAway: false, nowMs: 1_000_000 }
  const answer = <T>(value: T) =>
    state.isAway ? Promise.reject(new Error('away')) : Promise.resolve(value)
  const queries: LiveQueries = {
    clock: () => answer(state.nowMs),
    arrivals: (_org, sinceMs) => answer(rows.filter(({ ingestedAtMs }) => ingestedAtMs >= sinceMs)),
    records: (_org, positions) =>
      answer({
        records: positions.map(({ recordId }) => sampleRecord({ requestId: recordId })),
        erased: [],
      }),
  }
  const put = (count: number) => {
    for (let n = 0; n < count; n += 1) {
      state.nowMs += 1
      rows.push({
        recordId: `record-${rows.length}`,
        createdAtMs: state.nowMs,
        ingestedAtMs: state.nowMs,
        version: 1n,
      })
    }
  }
  return { queries, put, state }
}

function listener() {
  const batches: LiveBatch[] = []
  let away = 0
  return {
    batches,
    get away() {
      return away
    },
    joined: () => {},
    batch: (batch: LiveBatch) => void batches.push(batch),
    unavailable: () => {
      away += 1
    },
  }
}

test('what comes while the store is away follows when it is back', async () => {
  const { queries, put, state } = store()
  const watch = new OrganisationWatch(queries, 'org_1')
  const follower = listener()
  watch.add(follower, null)
  await watch.look()
  put(2)
  state.isAway = true
  await expect(watch.look()).rejects.toThrow('away')
  watch.unavailable()
  expect(follower.away).toBe(1)
  state.isAway = false
  await watch.look()
  await watch.look()
  expect(follower.batches.map(({ records }) => records.length)).toEqual([2])
})

test('of more than 500 at once the latest are shown, and the others counted', async () => {
  const { queries, put } = store()
  const watch = new OrganisationWatch(queries, 'org_1')
  const follower = listener()
  watch.add(follower, null)
  await watch.look()
  put(700)
  await watch.look()
  const [batch] = follower.batches
  expect(batch?.skipped).toBe(200)
  expect(batch?.records.at(-1)?.requestId).toBe('record-699')
})

test('one who comes back while the store is away still goes on where they were', async () => {
  const { queries, put, state } = store()
  const watch = new OrganisationWatch(queries, 'org_1')
  const first = listener()
  watch.add(first, null)
  await watch.look()
  put(1)
  await watch.look()
  const sinceMs = first.batches[0]?.untilMs ?? 0
  watch.remove(first)
  put(1)
  const second = listener()
  watch.add(second, sinceMs)
  state.isAway = true
  await expect(watch.look()).rejects.toThrow('away')
  state.isAway = false
  await watch.look()
  const shown = second.batches.flatMap(({ records }) => records.map(({ requestId }) => requestId))
  expect(shown).toContain('record-1')
  expect(watch.isEmpty).toBe(false)
})
