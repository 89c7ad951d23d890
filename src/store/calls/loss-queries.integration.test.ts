import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Evidence, ObservationEvidence } from '../../evidence/evidence.ts'
import {
  jsonLines,
  sampleAccessLogRow,
  sampleCall,
  sampleClosing,
  sampleIntent,
  sampleObservation,
  sampleRecordId,
  sampleReport,
  sampleRunEnded,
} from '../../evidence/sample-evidence.ts'
import { startTemporaryStore, type TemporaryStore } from '../embedded/temporary-store.ts'
import { insertJsonLines } from '../evidence/insert-evidence.ts'
import { coverageOf, createLossQueries, type LossQuery } from './loss-queries.ts'

const HOUR_MS = 3_600_000
const NOW = Date.now()
const OLD = NOW - 4 * HOUR_MS
let store: TemporaryStore
let batch = 0

beforeAll(async () => {
  store = await startTemporaryStore()
})
beforeEach(() => store.empty('evidence'))
afterAll(() => store?.stop())

async function put(...rows: readonly Evidence[]): Promise<void> {
  batch += 1
  await insertJsonLines(store.client, {
    table: 'evidence',
    body: jsonLines(rows),
    token: `batch-${batch}`,
  })
}
const call = (id: number, createdAtMs = NOW - 60_000, org = 'org_1') => ({ org, createdAtMs, id })
const ask = (query: Partial<LossQuery> = {}) =>
  createLossQueries(store.client).losses({
    org: 'org_1',
    fromMs: NOW - 24 * HOUR_MS,
    toMs: NOW + 1,
    limit: 100,
    ...query,
  })
/** The provider answered before the request had ended; all that Envoy took in was seen. */
const answeredEarly: Partial<ObservationEvidence> = { request_complete: false, gap: 'stream_lost' }
const cut: Partial<ObservationEvidence> = {
  response_complete: false,
  gap: 'stream_lost',
  response_bytes: 400,
}

/** What stands for a row that was refused. */
const refused = <Row extends Evidence>(row: Row): Row => ({
  ...row,
  gap: 'row_refused',
  version: row.version - 1,
})

describe('a call is in the ledger', () => {
  test.each<[string, readonly Evidence[], string]>([
    [
      'with an end and no observation',
      [sampleIntent(call(1)), sampleClosing(call(1))],
      'not_observed',
    ],
    ['that only Envoy’s JSON log knows', [sampleAccessLogRow(call(1))], 'not_observed'],
    [
      'whose caller left and that no one observed',
      [sampleIntent(call(1)), sampleClosing(call(1), { response_flags: 'DC' })],
      'not_observed',
    ],
    [
      'whose end is not known for longer than a call may last',
      [sampleIntent(call(1, OLD))],
      'end_unknown',
    ],
    [
      'of which a checkpoint is all there is',
      [sampleIntent(call(1)), sampleObservation(call(1), { final: false }), sampleClosing(call(1))],
      'observation_unfinished',
    ],
    [
      'whose observation was refused',
      [sampleIntent(call(1)), refused(sampleObservation(call(1))), sampleClosing(call(1))],
      'row_refused',
    ],
    [
      'whose intent was refused',
      [refused(sampleIntent(call(1))), sampleObservation(call(1)), sampleClosing(call(1))],
      'row_refused',
    ],
    [
      'whose end was refused',
      [sampleIntent(call(1)), sampleObservation(call(1)), refused(sampleClosing(call(1)))],
      'row_refused',
    ],
    ['that was reported and refused', [refused(sampleReport(call(1)))], 'row_refused'],
    [
      'whose copy broke off',
      [sampleIntent(call(1)), sampleObservation(call(1), cut), sampleClosing(call(1))],
      'stream_lost',
    ],
    [
      'whose copy the observer let go',
      [sampleIntent(call(1)), sampleObservation(call(1), { ...cut, gap: 'observer_overloaded' })],
      'observer_overloaded',
    ],
    [
      'whose copy broke off before the call did',
      [
        sampleIntent(call(1)),
        sampleObservation(call(1), cut),
        sampleClosing(call(1), { response_flags: 'DC', response_bytes: 401 }),
      ],
      'stream_lost',
    ],
    [
      'whose Envoy is gone, with an intent and nothing else',
      [sampleIntent(call(1)), sampleRunEnded(call(1))],
      'end_unknown',
    ],
    [
      'whose Envoy is gone, with a checkpoint',
      [
        sampleIntent(call(1)),
        sampleObservation(call(1), { final: false }),
        sampleRunEnded(call(1)),
      ],
      'observation_unfinished',
    ],
  ])('%s', async (_, rows, reason) => {
    await put(...rows)
    const ledger = await ask()
    expect(ledger).toMatchObject({ calls: 1, lost: 1, open: 0 })
    const [lost] = ledger.losses
    expect(lost).toMatchObject({ org: 'org_1', reason })
    expect(lost?.requestId).toBe(rows[0]?.record_id)
    expect(ledger.windows).toHaveLength(1)
    expect(ledger.windows[0]).toMatchObject({ calls: 1, lost: 1, reasons: { [reason]: 1 } })
  })
})

describe('a call is not in the ledger', () => {
  test.each<[string, readonly Evidence[], { calls: number; open: number }]>([
    ['when it was wholly observed', sampleCall(call(1)), { calls: 1, open: 0 }],
    [
      'when it was wholly observed and its Envoy is gone',
      [...sampleCall(call(1)), sampleRunEnded(call(1))],
      { calls: 1, open: 0 },
    ],
    [
      'when it was refused',
      [sampleIntent(call(1), { error_code: 'missing_provider_key', status: 400 })],
      { calls: 0, open: 0 },
    ],
    ['when its caller reported it', [sampleReport(call(1))], { calls: 0, open: 0 }],
    ['while it may still be open', [sampleIntent(call(1))], { calls: 1, open: 1 }],
    [
      'while its observation may still come',
      // Ends in a while by its latency, however long the test takes to begin.
      [sampleIntent(call(1)), sampleClosing(call(1), { latency_ms: 600_000 })],
      { calls: 1, open: 1 },
    ],
    [
      'when it ended early and was seen to its end',
      [sampleIntent(call(1)), sampleObservation(call(1), { ...cut, gap: 'call_ended_early' })],
      { calls: 1, open: 0 },
    ],
    [
      'when its copy broke off with it and holds all that Envoy passed on',
      [
        sampleIntent(call(1)),
        sampleObservation(call(1), { ...cut, request_bytes: 310 }),
        sampleClosing(call(1), { response_flags: 'DC', response_bytes: 400 }),
      ],
      { calls: 1, open: 0 },
    ],
    [
      'when its provider answered before the request had ended',
      [
        sampleIntent(call(1)),
        sampleObservation(call(1), { ...answeredEarly, request_bytes: 310 }),
        sampleClosing(call(1), { request_bytes: 310 }),
      ],
      { calls: 1, open: 0 },
    ],
    [
      'when a refused row was stored after all',
      [
        refused(sampleIntent(call(1))),
        refused(sampleObservation(call(1))),
        refused(sampleClosing(call(1))),
        ...sampleCall(call(1)),
      ],
      { calls: 1, open: 0 },
    ],
    [
      'when it is a report that was stored after all',
      [refused(sampleReport(call(1))), sampleReport(call(1))],
      { calls: 0, open: 0 },
    ],
    [
      'when a checkpoint came before the whole',
      [sampleObservation(call(1), { final: false, version: 1 }), ...sampleCall(call(1))],
      { calls: 1, open: 0 },
    ],
  ])('%s', async (_, rows, expected) => {
    await put(...rows)
    expect(await ask()).toMatchObject({ ...expected, lost: 0, windows: [], losses: [] })
  })
})

test('hours are counted apart, newest first, and one organisation sees nothing of another', async () => {
  const lost = (id: number, createdAtMs: number, org?: string) => {
    const key = call(id, createdAtMs, org)
    return [sampleIntent(key), sampleClosing(key)]
  }
  await put(
    ...lost(1, OLD),
    ...lost(2, OLD),
    ...lost(3, OLD - HOUR_MS),
    ...sampleCall(call(4, OLD)),
    ...lost(5, OLD, 'org_2'),
  )
  const mine = await ask()
  expect(mine).toMatchObject({ calls: 4, lost: 3 })
  expect(mine.windows.map(({ org, calls, lost }) => [org, calls, lost])).toEqual([
    ['org_1', 3, 2],
    ['org_1', 1, 1],
  ])
  expect(mine.losses.map(({ requestId }) => requestId)).toEqual(
    [
      [OLD, 2],
      [OLD, 1],
      [OLD - HOUR_MS, 3],
    ].map(([ms = 0, id]) => sampleRecordId(ms, id)),
  )
  expect(await ask({ org: 'org_3' })).toEqual({
    calls: 0,
    lost: 0,
    open: 0,
    envoyOnly: 0,
    differing: 0,
    windows: [],
    losses: [],
  })
  const operators = await ask({ org: null, limit: 1 })
  expect(operators).toMatchObject({ calls: 5, lost: 4 })
  expect(operators.losses).toHaveLength(1)
  expect(await ask({ fromMs: OLD, toMs: OLD + 1 })).toMatchObject({ calls: 3, lost: 2 })
})

test('calls that Envoy alone reports are counted, and those with two statuses', async () => {
  await put(
    ...sampleCall(call(1)),
    sampleAccessLogRow(call(2)),
    ...sampleCall(call(3)),
    sampleObservation(call(3), { version: call(3).createdAtMs * 1_000 + 1, status: 500 }),
    // A caller that left before there was a status.
    sampleIntent(call(4)),
    sampleObservation(call(4), { status: 200 }),
    sampleClosing(call(4), { status: 0, response_flags: 'DC' }),
    // Not let through, not observed: no status to compare.
    sampleIntent(call(5)),
    sampleClosing(call(5)),
  )
  expect(await ask()).toMatchObject({ calls: 5, lost: 2, envoyOnly: 1, differing: 1 })
})

test('coverage is 1 only where nothing was lost, and null where nothing ended', () => {
  expect(coverageOf({ calls: 412_903, lost: 42, open: 3 })).toBe(0.999898)
  expect(coverageOf({ calls: 3, lost: 0, open: 3 })).toBeNull()
  fc.assert(
    fc.property(fc.nat(10 ** 9), fc.nat(10 ** 9), fc.nat(1_000), (seen, lost, open) => {
      fc.pre(seen + lost > 0)
      const coverage = coverageOf({ calls: seen + lost + open, lost, open }) ?? -1
      expect(coverage === 1).toBe(lost === 0)
      expect(coverage).toBeLessThanOrEqual(seen / (seen + lost))
      expect(coverage).toBeGreaterThanOrEqual(seen / (seen + lost) - 0.000_001)
    }),
  )
})
