import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  jsonLines,
  sampleAccessLogRow,
  sampleCall,
  sampleClosing,
  sampleErasure,
  sampleIntent,
  sampleObservation,
  sampleRecordId,
  sampleRunEnded,
} from '../../evidence/sample-evidence.ts'
import { startTemporaryStore, type TemporaryStore } from '../embedded/temporary-store.ts'
import { insertJsonLines } from '../evidence/insert-evidence.ts'
import { createCallsOfEndedRuns } from './calls-of-ended-runs.ts'

let store: TemporaryStore
beforeAll(async () => {
  store = await startTemporaryStore()
})
afterAll(() => store?.stop())

test('calls of an earlier start of this Envoy are over where their end is not known, and no others', async () => {
  const startedAtMs = Date.now()
  const call = (id: number, ageMs = 60_000) => ({
    org: 'org_1',
    createdAtMs: startedAtMs - ageMs,
    id,
  })
  const gate = { writer: 'i1/gate', envoy_run: 'run-1' }
  const rows = [
    // An intent alone, and one with a checkpoint.
    sampleIntent(call(1), gate),
    ...[sampleIntent(call(2), gate), sampleObservation(call(2), { final: false })],
    // Known: seen whole, closed, in the log, over already, erased, refused.
    ...[sampleIntent(call(3), gate), ...sampleCall(call(3)).slice(1)],
    ...[sampleIntent(call(4), gate), sampleClosing(call(4))],
    ...[sampleIntent(call(5), gate), sampleAccessLogRow(call(5))],
    ...[sampleIntent(call(6), gate), sampleRunEnded(call(6))],
    ...[sampleIntent(call(7), gate), sampleErasure(call(7))],
    sampleIntent(call(8), { ...gate, error_code: 'forbidden', status: 403 }),
    // Another installation's, one of an Envoy that no one supervises, one of the running start, one
    // settled by its age.
    sampleIntent(call(9), { ...gate, writer: 'i2/gate' }),
    sampleIntent(call(10), { ...gate, envoy_run: null }),
    sampleIntent(call(11), { ...gate, envoy_run: 'run-2' }),
    sampleIntent(call(12, 3 * 3_600_000), gate),
  ]
  await insertJsonLines(store.client, { table: 'evidence', body: jsonLines(rows), token: 'all' })
  const found = await createCallsOfEndedRuns(store.client)({
    gate: 'i1/gate',
    run: 'run-2',
    startedAtMs,
  })
  expect(found.map(({ recordId }) => recordId).sort()).toEqual(
    [1, 2].map((id) => sampleRecordId(call(id).createdAtMs, id)),
  )
  expect(found[0]).toMatchObject({ org: 'org_1', provider: 'openai' })
})
