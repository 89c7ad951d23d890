import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { until } from '../../../test/support/until.ts'
import type { Evidence } from '../../evidence/evidence.ts'
import { foldRecord } from '../../evidence/record.ts'
import {
  jsonLines,
  sampleCall,
  sampleClosing,
  sampleIntent,
  sampleObservation,
  sampleRecordId,
} from '../../evidence/sample-evidence.ts'
import { startTemporaryStore, type TemporaryStore } from '../embedded/temporary-store.ts'
import { insertJsonLines } from '../evidence/insert-evidence.ts'
import { addEvidence } from './add-evidence.ts'
import { createCallQueries, type ListCalls } from './call-queries.ts'
import { createSettler } from './settle.ts'
import { settledLine } from './settled-line.ts'

const HOUR_MS = 3_600_000
const NOW = Date.now()
let store: TemporaryStore
let batch = 0

beforeAll(async () => {
  store = await startTemporaryStore()
})
beforeEach(async () => {
  await store.empty('evidence', 'calls_settled', 'settlement')
})
afterAll(() => store?.stop())

/** As delivery leaves them: stored and settled. */
async function put(...rows: readonly Evidence[]): Promise<void> {
  batch += 1
  await addEvidence(store.client, rows, `batch-${batch}`)
}

async function insert(...rows: readonly Evidence[]): Promise<void> {
  batch += 1
  await insertJsonLines(store.client, {
    table: 'evidence',
    body: jsonLines(rows),
    token: `batch-${batch}`,
  })
}

/** A version after all that samples have. */
const later = () => NOW * 1_000 + 1_000_000 + ++batch

async function written(): Promise<number> {
  const [row] = await store.client.rows({
    tag: 'test',
    sql: 'SELECT count() AS n FROM calls_settled',
  })
  return Number(row?.n)
}

const settle = () => createSettler({ client: store.client }).run()
const queries = () => createCallQueries({ retentionDaysOf: () => 3_650, client: store.client })
const ids = async (query: Partial<ListCalls> = {}) =>
  (await queries().listCalls({ org: 'org_1', limit: 100, ...query })).map(
    ({ requestId }) => requestId,
  )
const whole = (createdAtMs: number, id = 0, org = 'org_1') => sampleCall({ org, createdAtMs, id })

/** Walks all pages as a reader with a cursor does. */
async function walk(
  limit: number,
  between: () => Promise<void> = async () => {},
): Promise<readonly string[]> {
  const { listCalls } = queries()
  const seen: string[] = []
  let before: ListCalls['before']
  for (;;) {
    const page = await listCalls({ org: 'org_1', limit, before })
    seen.push(...page.map(({ requestId }) => requestId))
    const last = page.at(-1)
    if (page.length < limit || last === undefined) return seen
    before = { createdAtMs: Date.parse(last.createdAt), recordId: last.requestId }
    await between()
  }
}

describe('pages', () => {
  test('list every call once, newest first, also calls of one millisecond', async () => {
    const times = [
      NOW - 2_000,
      NOW - 2_000,
      NOW - 2_000,
      NOW - HOUR_MS,
      NOW - 5 * HOUR_MS,
      NOW - 5 * HOUR_MS,
      NOW - 200 * HOUR_MS,
      NOW - 800 * HOUR_MS,
    ]
    const expected = times.map((createdAtMs, id) => sampleRecordId(createdAtMs, id))
    await put(...times.flatMap((createdAtMs, id) => whole(createdAtMs, id)))
    for (const settled of [1, 2]) {
      if (settled === 2) await settle()
      for (const limit of [1, 2, 3, 100]) {
        const seen = await walk(limit)
        expect(new Set(seen)).toEqual(new Set(expected))
        expect(seen).toHaveLength(expected.length)
        expect(seen.slice(3, 4)).toEqual([expected[3]])
        expect(seen.slice(6)).toEqual(expected.slice(6))
      }
    }
  })

  test('are filled from older calls where one has changed and is no match any more', async () => {
    const times = [1, 2, 3, 4, 5].map((n) => NOW - n * 1_000)
    await put(...times.flatMap((createdAtMs, id) => whole(createdAtMs, id)))
    const repriced = times.slice(0, 3).map((createdAtMs, id) => ({ org: 'org_1', createdAtMs, id }))
    await put(
      ...repriced.map((call) =>
        sampleObservation(call, { model: 'other', request_model: 'other', version: later() }),
      ),
    )
    const model = 'gpt-4o*'
    expect(await ids({ model, limit: 2 })).toEqual([
      sampleRecordId(NOW - 4_000, 3),
      sampleRecordId(NOW - 5_000, 4),
    ])
    expect(await ids({ limit: 5 })).toHaveLength(5)
  })

  test('neither skip nor repeat a call when late ones arrive between them', async () => {
    const early = Array.from({ length: 9 }, (_, n) => NOW - (n + 1) * HOUR_MS)
    await put(...early.flatMap((createdAtMs, id) => whole(createdAtMs, id)))
    await settle()
    let late = 100
    const seen = await walk(2, async () => {
      late += 1
      await put(...whole(NOW - 4.5 * HOUR_MS, late), ...whole(NOW - 500, late))
      await settle()
    })
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.filter((id) => early.some((ms, n) => sampleRecordId(ms, n) === id))).toEqual(
      early.map((ms, n) => sampleRecordId(ms, n)),
    )
  })

  test('show one organisation only', async () => {
    await put(
      ...whole(NOW - 1_000, 1, 'org_1'),
      ...whole(NOW - 1_000, 2, 'org_2'),
      ...whole(NOW - 9 * HOUR_MS, 3, 'org_2'),
    )
    await settle()
    expect(await ids()).toEqual([sampleRecordId(NOW - 1_000, 1)])
    expect(await ids({ org: 'org_3' })).toEqual([])
    expect(await ids({ org: 'org_%' })).toEqual([])
  })

  test('do not list calls that are open', async () => {
    const call = { org: 'org_1', createdAtMs: NOW - 1_000 }
    await put(sampleIntent(call))
    expect(await ids()).toEqual([])
    await put(sampleObservation(call), sampleClosing(call))
    expect(await ids()).toHaveLength(1)
  })
})

describe('filters', () => {
  const provider = { org: 'org_1', createdAtMs: NOW - 3_000, id: 1 }
  const asked = { org: 'org_1', createdAtMs: NOW - 2_000, id: 2 }
  const old = { org: 'org_1', createdAtMs: NOW - 50 * HOUR_MS, id: 3 }
  const id = (call: { createdAtMs: number; id: number }) =>
    sampleRecordId(call.createdAtMs, call.id)

  beforeEach(async () => {
    await put(
      sampleIntent(provider, { provider: 'gemini', tags: { team: 'red', empty: '' } }),
      sampleObservation(provider, { model: 'gemini-pro', request_model: null }),
    )
    await put(
      sampleIntent(asked, {
        ...{ tags: { team: 'blue' }, session_id: 'session-1', caller_request_id: 'request-1' },
      }),
      sampleObservation(asked, { model: null, request_model: 'gpt-4o' }),
    )
    await put(
      sampleIntent(old),
      sampleObservation(old, { model: 'gpt-4o-2024', request_model: 'gpt-4o' }),
    )
    await settle()
  })

  test('by provider, model that answered or was asked for, prefix, and tag', async () => {
    expect(await ids({ provider: 'gemini' })).toEqual([id(provider)])
    expect(await ids({ model: 'gpt-4o' })).toEqual([id(asked), id(old)])
    expect(await ids({ model: 'gpt-4o-2024' })).toEqual([id(old)])
    expect(await ids({ model: 'g*' })).toEqual([id(asked), id(provider), id(old)])
    expect(await ids({ model: 'gpt%' })).toEqual([])
    expect(await ids({ tag: 'team:red' })).toEqual([id(provider)])
    expect(await ids({ tag: 'empty:' })).toEqual([id(provider)])
    expect(await ids({ sessionId: 'session-1' })).toEqual([id(asked)])
    expect(await ids({ sessionId: 'session' })).toEqual([])
    expect(await ids({ callerRequestId: 'request-1' })).toEqual([id(asked)])
    expect(await ids({ callerRequestId: 'request' })).toEqual([])
  })

  test('by time, from inclusive and to exclusive, to the millisecond', async () => {
    expect(await ids({ fromMs: old.createdAtMs, toMs: old.createdAtMs + 1 })).toEqual([id(old)])
    expect(await ids({ toMs: old.createdAtMs })).toEqual([])
    expect(await ids({ fromMs: old.createdAtMs + 1, toMs: asked.createdAtMs })).toEqual([
      id(provider),
    ])
    expect(await ids({ fromMs: NOW, toMs: NOW - 1 })).toEqual([])
  })

  test('by times no clock shows', async () => {
    const [first, last] = [Date.UTC(0, 0), Date.UTC(9999, 11, 31)]
    expect(await ids({ fromMs: first, toMs: last })).toHaveLength(3)
    expect(await ids({ fromMs: last })).toEqual([])
    expect(await ids({ toMs: first })).toEqual([])
  })

  test('are values, whatever they hold: no text breaks out, errs or finds what it should not', async () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        "' OR 1=1 --",
        "\\' OR true --",
        '{org:String}',
        "'; DROP TABLE evidence; --",
        '\\N',
        '\t',
        "a' UNION ALL SELECT * FROM evidence --",
        '*',
        '%',
      ),
    )
    await fc.assert(
      fc.asyncProperty(hostile, hostile, hostile, async (org, model, tag) => {
        const found = await queries().listCalls({
          org: `x${org}`,
          model,
          tag: `t${tag}:${model}`,
          limit: 10,
        })
        expect(found).toEqual([])
        expect(await ids({ tag: `t${tag}:${model}` })).toEqual([])
      }),
      { numRuns: store.isCluster ? 15 : 60 },
    )
    expect(await ids()).toHaveLength(3)
  })
})

describe('one call', () => {
  test('is found by its id, in progress while it is open, in any hour', async () => {
    const open = { org: 'org_1', createdAtMs: NOW - 1_000, id: 1 }
    const old = { org: 'org_1', createdAtMs: NOW - 9 * HOUR_MS, id: 2 }
    await put(sampleIntent(open), ...sampleCall(old))
    await settle()
    const { findCall } = queries()
    expect(await findCall({ org: 'org_1', requestId: sampleRecordId(open.createdAtMs, 1) })).toBe(
      'in_progress',
    )
    const found = await findCall({
      org: 'org_1',
      requestId: sampleRecordId(old.createdAtMs, 2).toUpperCase(),
    })
    expect(found).toMatchObject({
      requestId: sampleRecordId(old.createdAtMs, 2),
      costUsd: '0.00832',
      latencyMs: 843,
      outcome: 'complete',
    })
  })

  test('of another organisation does not exist, nor does an id no gate made', async () => {
    await put(...whole(NOW - 1_000, 1, 'org_2'))
    const { findCall } = queries()
    const requestId = sampleRecordId(NOW - 1_000, 1)
    expect(await findCall({ org: 'org_1', requestId })).toBeNull()
    for (const other of [
      '',
      'abc-123',
      `${requestId}'`,
      '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
      'ffffffff-ffff-7fff-bfff-ffffffffffff',
    ]) {
      expect(await findCall({ org: 'org_2', requestId: other })).toBeNull()
    }
  })
})

describe('settling', () => {
  test('finds what was stored and not settled, and repeats nothing', async () => {
    await insert(...whole(NOW - 5 * HOUR_MS, 1), ...whole(NOW - 1_000, 2))
    const settler = createSettler({ client: store.client })
    expect(await ids()).toEqual([])
    expect(await settler.run()).toBe(0)
    expect(await ids()).toHaveLength(2)
    await insert(...whole(NOW - 9 * HOUR_MS, 3), ...whole(NOW - 2_000, 4))
    expect(await settler.run()).toBe(0)
    await settler.run()
    await settle()
    expect(await ids()).toHaveLength(4)
    expect(await written()).toBe(4)
  })

  test('takes in late evidence of a call, however old it is, once', async () => {
    const call = { org: 'org_1', createdAtMs: NOW - 50 * HOUR_MS }
    const settler = createSettler({ client: store.client })
    await insert(sampleIntent(call))
    await settler.run()
    expect((await queries().listCalls({ org: 'org_1', limit: 1 }))[0]).toMatchObject({
      outcome: 'unknown',
      inputTokens: null,
    })
    await insert(sampleObservation(call))
    await settler.run()
    await settler.run()
    expect(await written()).toBe(2)
    expect(await queries().listCalls({ org: 'org_1', limit: 9 })).toMatchObject([
      { outcome: 'complete', inputTokens: 512 },
    ])
  })

  test('leaves open calls, and settles them when what was missing comes or their time is over', async () => {
    const now = Date.now()
    const open = { org: 'org_1', createdAtMs: now - 1_000, id: 1 }
    const left = { org: 'org_1', createdAtMs: now - 9_000, id: 2 }
    await insert(sampleIntent(open), sampleIntent(left), sampleClosing(left, { latency_ms: 0 }))
    const settler = createSettler({ client: store.client })
    expect(await settler.run()).toBe(2)
    expect(await ids()).toEqual([])
    await insert(sampleObservation(open), sampleClosing(open))
    await until('the call without observation', 20_000, async () => (await settler.run()) === 0)
    expect((await queries().listCalls({ org: 'org_1', limit: 9 })).map((r) => r.outcome)).toEqual([
      'complete',
      'capture_lost',
    ])
    expect(await written()).toBe(2)
  })

  test('by two processes at once, in any order, leaves the record of the most evidence', async () => {
    const call = { org: 'org_1', createdAtMs: NOW - 1_000, id: 1 }
    const rows = [sampleIntent(call), sampleObservation(call), sampleClosing(call)]
    await insert(...rows)
    const settler = createSettler({ client: store.client })
    await settler.settle([{ org: 'org_1', recordId: sampleRecordId(NOW - 1_000, 1) }])
    const some = rows.slice(1)
    const early = foldRecord(some, NOW)
    if (early === null) throw new Error('no record')
    await settler.write(Buffer.from(settledLine('org_1', early, some)))
    expect(await queries().listCalls({ org: 'org_1', limit: 9 })).toMatchObject([
      { endpoint: '/v1/chat/completions', userAgent: expect.any(String) },
    ])
  })

  test('is what the view for people shows', async () => {
    await insert(
      ...whole(NOW - 5 * HOUR_MS, 1),
      ...whole(NOW - 1_000, 2),
      sampleIntent({ org: 'org_1', createdAtMs: NOW - 1_000, id: 3 }),
    )
    await settle()
    expect(
      await store.client.rows({
        tag: 'test',
        sql: 'SELECT toString(record_id) AS id, outcome FROM calls ORDER BY created_at',
      }),
    ).toEqual(
      [NOW - 5 * HOUR_MS, NOW - 1_000].map((ms, n) => ({
        id: sampleRecordId(ms, n + 1),
        outcome: 'complete',
      })),
    )
  })
})
