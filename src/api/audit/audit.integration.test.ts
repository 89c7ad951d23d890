import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Evidence } from '../../evidence/evidence.ts'
import {
  sampleCall,
  sampleClosing,
  sampleIntent,
  sampleObservation,
  sampleRecordId,
} from '../../evidence/sample-evidence.ts'
import type { KeyAuthentication, KeyPrincipal } from '../../identity/principal.ts'
import { addEvidence } from '../../store/calls/add-evidence.ts'
import { createCallQueries } from '../../store/calls/call-queries.ts'
import { createSettler } from '../../store/calls/settle.ts'
import { createStoreClient } from '../../store/client/client.ts'
import { startTemporaryStore, type TemporaryStore } from '../../store/embedded/temporary-store.ts'
import type { KeyAccess } from '../key-door.ts'
import { stubApi } from '../stub-api.ts'
import { RECORD_EXAMPLE } from './record-schema.ts'

const HOUR_MS = 3_600_000
const NOW = Date.now()
const KEYS: Readonly<Record<string, KeyPrincipal>> = {
  flnt_live_one: { org: 'org_1', keyId: 'key_1', scopes: ['read'] },
  flnt_live_two: { org: 'org_2', keyId: 'key_2', scopes: ['read'] },
  flnt_live_reader: { org: 'org_1', keyId: 'key_4', scopes: ['read', 'prompts'] },
  flnt_live_proxy: {
    org: 'org_1',
    keyId: 'key_3',
    scopes: ['proxy', 'report', 'prompts', 'admin'],
  },
}

const UNKNOWN: KeyAuthentication = { refused: 'unknown', principal: null }
const access: KeyAccess = {
  authenticator: { authenticate: (key) => KEYS[key] ?? UNKNOWN },
  failures: { note() {} },
  used() {},
}
const retentionDays = 90
const retentionDaysOf = () => retentionDays
let store: TemporaryStore
let api: FastifyInstance
let batch = 0

beforeAll(async () => {
  store = await startTemporaryStore()
  api = stubApi({
    access,
    // Made anew for each question: they remember the border of settling, which the tests reset.
    calls: {
      listCalls: (query) =>
        createCallQueries({ client: store.client, retentionDaysOf }).listCalls(query),
      findCall: (query) =>
        createCallQueries({ client: store.client, retentionDaysOf }).findCall(query),
    },
    retentionDaysOf,
    health: { storeAnswers: () => store.client.ping(), directoryLoaded: () => true },
  })
  await api.ready()
})
beforeEach(async () => {
  await store.empty('evidence', 'calls_settled', 'settlement')
})
afterAll(async () => {
  await api?.close()
  await store?.stop()
})

async function put(...rows: readonly Evidence[]): Promise<void> {
  batch += 1
  await addEvidence(store.client, rows, `batch-${batch}`)
}

const whole = (createdAtMs: number, id = 0, org = 'org_1') => sampleCall({ org, createdAtMs, id })

type Query = Readonly<Record<string, string | readonly string[]>>

interface Page {
  readonly records: readonly { readonly requestId: string }[]
  readonly nextCursor: string | null
  readonly prevCursor: string | null
  readonly count: number
  readonly range: { readonly from: string; readonly to: string | null }
}

async function get(path: string, key = 'flnt_live_one') {
  return api.inject({ method: 'GET', url: path, headers: { authorization: `Bearer ${key}` } })
}

async function list(query: Query = {}, key?: string): Promise<Page> {
  const answer = await get(`/v1/audit?${parametersOf(query)}`, key)
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json()
}

/** A name with several values is repeated. */
const parametersOf = (query: Query) =>
  new URLSearchParams(
    Object.entries(query).flatMap(([name, values]) =>
      [values].flat().map((value) => [name, value] as [string, string]),
    ),
  )

const idsOf = ({ records }: Page) => records.map(({ requestId }) => requestId)

async function refused(
  path: string,
  status: number,
  key?: string,
): Promise<{ code: string; message: string; reason?: string }> {
  const answer = await get(path, key)
  expect(answer.statusCode, answer.body).toBe(status)
  const { error }: { error: { code: string; message: string; type: string; reason?: string } } =
    answer.json()
  expect(error.type).toBe('flint_error')
  return error
}

describe('200', () => {
  test('an empty list is one page with nothing on it', async () => {
    expect(await list()).toEqual({
      records: [],
      nextCursor: null,
      prevCursor: null,
      count: 0,
      range: { from: expect.any(String), to: null },
    })
  })

  test('a record has every field of the schema, unknown ones null, and money as a number', async () => {
    const call = { org: 'org_1', createdAtMs: NOW - 60_000 }
    await put(
      sampleIntent(call, { tags: { team: 'a' } }),
      sampleObservation(call),
      sampleClosing(call),
    )
    const { records } = await list()
    expect(Object.keys(records[0] ?? {}).toSorted()).toEqual(Object.keys(RECORD_EXAMPLE).toSorted())
    expect(records[0]).toMatchObject({
      requestId: sampleRecordId(call.createdAtMs),
      costUsd: 0.00832,
      latencyMs: 843,
      cacheWriteTokens: null,
      tags: { team: 'a' },
      keyHint: '...k3f2',
    })
    expect(records[0]).toMatchObject({
      createdAt: new Date(call.createdAtMs).toISOString(),
      completedAt: new Date(call.createdAtMs + 843).toISOString(),
    })
    const one = await get(`/v1/audit/${sampleRecordId(call.createdAtMs)}`)
    expect(one.statusCode).toBe(200)
    expect(one.json()).toEqual(records[0])
  })

  test('a call whose cost no one knows costs null, not 0', async () => {
    const call = { org: 'org_1', createdAtMs: NOW - 60_000 }
    await put(sampleIntent(call), sampleClosing(call))
    expect((await list()).records[0]).toMatchObject({
      costUsd: null,
      inputTokens: null,
      model: null,
      usageSource: 'none',
      outcome: 'capture_lost',
    })
  })

  test('a date-only end includes that day, a time does not include itself, no zone is UTC', async () => {
    // Young enough for the retention, whenever the test runs.
    const day = Math.floor(NOW / 86_400_000 - 20) * 86_400_000
    const [date, next] = [day, day + 86_400_000]
      .map((ms) => new Date(ms).toISOString().slice(0, 10))
      .map(String)
    const times = [day, day + 86_399_999, day + 86_400_000]
    await put(...times.flatMap((ms, id) => whole(ms, id)))
    const found = async (query: Readonly<Record<string, string>>) =>
      idsOf(await list(query)).map((id) => times.findIndex((ms, n) => sampleRecordId(ms, n) === id))
    expect(await found({ from: `${date}`, to: `${date}` })).toEqual([1, 0])
    expect(await found({ to: `${next}T00:00:00` })).toEqual([1, 0])
    expect(await found({ from: `${next}T02:00:00+02:00` })).toEqual([2])
    expect(await found({ from: `${next}T00:00`, to: `${next}T00:00` })).toEqual([])
  })

  test('filters narrow the list', async () => {
    const gemini = { org: 'org_1', createdAtMs: NOW - 5_000, id: 1 }
    await put(
      ...whole(NOW - 6_000),
      sampleIntent(gemini, { provider: 'gemini', tags: { team: 'a:b' } }),
      sampleObservation(gemini, { model: 'gemini-pro' }),
    )
    const wanted = [sampleRecordId(gemini.createdAtMs, 1)]
    for (const query of [
      { provider: 'gemini' },
      { model: 'gemini-pro' },
      { model: 'gemini*' },
      { tag: 'team:a:b' },
      { tag: 'TEAM:a:b' },
    ])
      expect(idsOf(await list(query)), JSON.stringify(query)).toEqual(wanted)
    expect(idsOf(await list({ provider: 'anthropic' }))).toEqual([])
  })

  test('a cursor alone continues list, filters and page size to the end; a late call neither skips nor repeats another', async () => {
    const times = Array.from({ length: 7 }, (_, n) => NOW - (n + 1) * HOUR_MS)
    await put(...times.flatMap((ms, id) => whole(ms, id)), ...whole(NOW - 90 * 60_000, 50, 'org_2'))
    await createSettler({ client: store.client }).run()
    const expected = times.map((ms, id) => sampleRecordId(ms, id))
    const seen: string[] = []
    let page = await list({ limit: '3', provider: 'openai', from: '2020-01-01' })
    for (let late = 100; ; late += 1) {
      seen.push(...idsOf(page))
      expect(page.count).toBe(page.records.length)
      if (page.nextCursor === null) break
      await put(...whole(NOW - 10_000, late), ...whole(NOW - 4.5 * HOUR_MS, late))
      await createSettler({ client: store.client }).run()
      page = await list({ cursor: page.nextCursor })
    }
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.filter((id) => expected.includes(id))).toEqual(expected)
  })

  test('a cursor allows another limit and the same filters again, however they are written', async () => {
    await put(...[1, 2, 3, 4].flatMap((n) => whole(NOW - n * 1_000, n)))
    const { nextCursor } = await list({ limit: '1', from: '2025-05-01', model: 'gpt*' })
    const cursor = nextCursor ?? ''
    expect((await list({ cursor, limit: '2' })).count).toBe(2)
    expect(
      (await list({ cursor, from: '2025-05-01T00:00:00Z', model: 'gpt*', limit: '500' }))
        .nextCursor,
    ).toBeNull()
  })

  test('filters take several values, exclusions and ranges, all names together', async () => {
    const [busy, slow, plain] = [1, 2, 3].map((id) => ({
      ...{ org: 'org_1', createdAtMs: NOW - id * 1_000, id },
    }))
    if (busy === undefined || slow === undefined || plain === undefined) throw new Error('three')
    await put(
      sampleIntent(busy, { tags: { team: 'a' }, user_agent: 'cli/1.2' }),
      sampleObservation(busy, { status: 429, cost_usd: null, stream: true }),
      sampleClosing(busy, { status: 429 }),
      sampleIntent(slow, { tags: { team: 'b' }, session_id: 's-1' }),
      sampleObservation(slow, { cost_usd: '0.100000000001', total_tokens: 9_000 }),
      sampleClosing(slow, { latency_ms: 20_000 }),
      ...sampleCall(plain),
    )
    const idOf = { busy, slow, plain }
    const found = async (query: Query) =>
      idsOf(await list(query)).map((id) =>
        Object.entries(idOf)
          .filter(([, call]) => sampleRecordId(call.createdAtMs, call.id) === id)
          .map(([name]) => name)
          .join(),
      )
    const cases: ReadonlyArray<readonly [Query, readonly string[]]> = [
      [{ status: '4xx' }, ['busy']],
      [{ status: ['429', '200'] }, ['busy', 'slow', 'plain']],
      [{ status: '!429' }, ['slow', 'plain']],
      [{ tag: ['team:a', 'team:b'], status: '2xx' }, ['slow']],
      [{ tag: '!team:a' }, ['slow', 'plain']],
      [{ sessionId: '!s-1' }, ['busy', 'plain']],
      [{ userAgent: 'cli/*' }, ['busy']],
      [{ userAgent: 'cli/\\*' }, []],
      [{ stream: 'true' }, ['busy']],
      [{ minCostUsd: '0.100000000001' }, ['slow']],
      [{ minCostUsd: '0.100000000002' }, []],
      [{ maxCostUsd: '0.1' }, ['plain']],
      [{ minLatencyMs: '20000', maxLatencyMs: '20000' }, ['slow']],
      [{ minTotalTokens: '9000' }, ['slow']],
      [{ completedFrom: new Date(slow.createdAtMs + 20_000).toISOString() }, ['slow']],
      [{ ingestedTo: '2020-01-01' }, []],
      [{ ingestedFrom: '2020-01-01' }, ['busy', 'slow', 'plain']],
      [{ outcome: '!complete' }, []],
      [{ keyId: '!key_of_no_one' }, ['busy', 'slow', 'plain']],
    ]
    for (const [query, expected] of cases)
      expect(await found(query), JSON.stringify(query)).toEqual(expected)
  })

  test('times without a zone are times of `timeZone`, and its days begin and end there', async () => {
    const day = Math.floor(NOW / 86_400_000 - 20) * 86_400_000
    const date = new Date(day).toISOString().slice(0, 10)
    // Kathmandu is 5:45 ahead, all year.
    const start = day - 5.75 * HOUR_MS
    const times = [start - 1, start, start + 24 * HOUR_MS - 1, start + 24 * HOUR_MS]
    await put(...times.flatMap((ms, id) => whole(ms, id)))
    const page = await list({ from: date, to: date, timeZone: 'Asia/Kathmandu' })
    expect(idsOf(page)).toEqual([2, 1].map((n) => sampleRecordId(times[n] ?? 0, n)))
    expect(page.range).toEqual({
      from: new Date(start).toISOString(),
      to: new Date(start + 24 * HOUR_MS).toISOString(),
    })
  })

  test('the range says how far back the answer goes, whatever was asked', async () => {
    const keptSinceMs = Date.now() - retentionDays * 24 * HOUR_MS
    const { range } = await list({ from: '2020-01-01' })
    expect(Date.parse(range.from)).toBeGreaterThanOrEqual(keptSinceMs)
    const gone = await list({ from: '2020-01-01', to: '2020-01-31' })
    expect(gone.range).toEqual({ from: '2020-02-01T00:00:00.000Z', to: '2020-02-01T00:00:00.000Z' })
  })

  test('fields are the only ones of each record, also on the next page', async () => {
    await put(...[1, 2, 3].flatMap((n) => whole(NOW - n * 1_000, n)))
    const page = await list({ fields: 'requestId,costUsd', limit: '1' })
    expect(page.records).toEqual([
      { requestId: sampleRecordId(NOW - 1_000, 1), costUsd: expect.any(Number) },
    ])
    const cursor = page.nextCursor ?? ''
    expect(Object.keys((await list({ cursor })).records[0] ?? {})).toEqual(['requestId', 'costUsd'])
    const others = await list({ cursor, fields: ['tags', 'promptPreview'] })
    expect(others.records[0]).toEqual({ tags: {}, promptPreview: null })
  })

  test('the oldest come first where asked, and pages lead there and back', async () => {
    const times = [1, 2, 2, 2, 5, 6, 7].map((n) => NOW - n * HOUR_MS)
    await put(...times.flatMap((ms, id) => whole(ms, id)))
    await createSettler({ client: store.client }).run()
    const newestFirst = idsOf(await list())
    expect(newestFirst).toHaveLength(times.length)
    for (const order of ['desc', 'asc']) {
      const expected = order === 'desc' ? newestFirst : newestFirst.toReversed()
      const pages = [await list({ order, limit: '3' })]
      for (let cursor = pages[0]?.nextCursor; cursor; cursor = pages.at(-1)?.nextCursor)
        pages.push(await list({ cursor }))
      expect(pages.map(idsOf)).toEqual([
        expected.slice(0, 3),
        expected.slice(3, 6),
        expected.slice(6),
      ])
      expect(pages[0]?.prevCursor).toBeNull()
      // And back, from the last.
      const second = await list({ cursor: pages[2]?.prevCursor ?? '' })
      expect(idsOf(second)).toEqual(expected.slice(3, 6))
      const first = await list({ cursor: second.prevCursor ?? '' })
      expect(idsOf(first)).toEqual(expected.slice(0, 3))
      expect(first.prevCursor).toBeNull()
      expect(idsOf(await list({ cursor: first.nextCursor ?? '' }))).toEqual(expected.slice(3, 6))
    }
  })

  test('a page whose calls are gone meanwhile leads back to the one before', async () => {
    await put(...[1, 2, 3, 4].flatMap((n) => whole(NOW - n * 1_000, n)))
    const { nextCursor } = await list({ limit: '2' })
    const gone = [3, 4].map((n) => `'${sampleRecordId(NOW - n * 1_000, n)}'`).join()
    await store.client.run({
      tag: 'test',
      sql: `DELETE FROM calls_settled WHERE record_id IN (${gone})`,
    })
    const empty = await list({ cursor: nextCursor ?? '' })
    expect(empty).toMatchObject({ count: 0, nextCursor: null })
    expect(idsOf(await list({ cursor: empty.prevCursor ?? '' }))).toEqual(
      [1, 2].map((n) => sampleRecordId(NOW - n * 1_000, n)),
    )
  })

  test('the last page has no cursor, also when it is full', async () => {
    await put(...whole(NOW - 1_000, 1), ...whole(NOW - 2_000, 2))
    expect(await list({ limit: '2' })).toMatchObject({ count: 2, nextCursor: null })
    expect((await list({ limit: '1' })).nextCursor).toMatch(/^eyJwayI6/)
  })
})

describe('400', () => {
  test.each([
    ['limit=0', 'limit'],
    ['limit=501', 'limit'],
    ['limit=ten', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['provider=No%20Name', 'provider'],
    ['provider=OpenAI', 'provider'],
    ['from=yesterday', 'from'],
    ['to=2025-02-30', 'to'],
    ['from=2025-05-02&to=2025-05-01', 'from'],
    ['from=2025-05-02T00:00:01Z&to=2025-05-02T00:00:00Z', 'from'],
    ['model=', 'model'],
    ['tag=team', 'tag'],
    ['tag=:x', 'tag'],
    ['modle=gpt-4o', 'modle'],
    ['key=flnt_live_one', 'key'],
    ['cursor=', 'cursor'],
    ['cursor=eyJwayI6', 'cursor'],
    ['model=!', 'model'],
    ['model=a&model=', 'model'],
    [`${'model=a&'.repeat(21)}`, 'model'],
    ['outcome=finished', 'outcome'],
    ['outcome=complete&outcome=!finished', 'outcome'],
    ['status=42', 'status'],
    ['status=4x', 'status'],
    ['stream=yes', 'stream'],
    ['tag=!team', 'tag'],
    ['minCostUsd=cheap', 'minCostUsd'],
    ['minCostUsd=1e-3', 'minCostUsd'],
    ['maxCostUsd=0.0000000000001', 'maxCostUsd'],
    ['minLatencyMs=-1', 'minLatencyMs'],
    ['maxTotalTokens=1.5', 'maxTotalTokens'],
    ['completedFrom=soon', 'completedFrom'],
    ['ingestedFrom=2025-05-02&ingestedTo=2025-05-01', 'ingestedFrom'],
    ['timeZone=Europe/Atlantis', 'timeZone'],
    ['timeZone=%2B05:30', 'timeZone'],
    ['order=newest', 'order'],
    ['fields=requestId,cost', 'fields'],
    ['fields=', 'fields'],
    ['fields=requestId,', 'fields'],
    ['around=', 'around'],
  ])('?%s names "%s"', async (query, name) => {
    const { code, message } = await refused(`/v1/audit?${query}`, 400)
    expect(code).toBe('invalid_request')
    expect(message).toContain(`"${name}"`)
  })

  test('a cursor that was changed, is another organisation’s, or comes with another filter is refused', async () => {
    await put(
      ...[1, 2, 3].flatMap((n) => [
        ...whole(NOW - n * 1_000, n),
        ...whole(NOW - n * 1_000, n, 'org_2'),
      ]),
    )
    const cursor = (await list({ limit: '1', model: 'gpt-4o' })).nextCursor ?? ''
    const [payload = '', signature = ''] = cursor.split('.')
    const forged = Buffer.from(
      Buffer.from(payload, 'base64url').toString().replace('org_1', 'org_2'),
    ).toString('base64url')
    expect(
      (await refused(`/v1/audit?cursor=${forged}.${signature}`, 400, 'flnt_live_two')).message,
    ).toContain('"cursor"')
    expect((await refused(`/v1/audit?cursor=${cursor}`, 400, 'flnt_live_two')).message).toContain(
      '"cursor"',
    )
    expect((await refused(`/v1/audit?cursor=${cursor}&model=gpt-5`, 400)).message).toContain(
      '"model"',
    )
    expect((await refused(`/v1/audit?cursor=${cursor}&provider=openai`, 400)).message).toContain(
      '"provider"',
    )
    expect((await refused(`/v1/audit?cursor=${cursor}&order=asc`, 400)).message).toContain(
      '"order"',
    )
    expect((await refused(`/v1/audit?cursor=${cursor}&around=x`, 400)).message).toContain(
      '"around"',
    )
  })

  test('filters that no cursor could hold are refused before the first page', async () => {
    const models = Array.from({ length: 20 }, (_, n) => `model=${n}${'x'.repeat(250)}`).join('&')
    expect((await refused(`/v1/audit?${models}`, 400)).message).toContain('4500 bytes')
  })

  test('a query on one record is refused: nothing there filters', async () => {
    expect((await refused(`/v1/audit/${sampleRecordId(NOW)}?org=org_2`, 400)).message).toContain(
      '"org"',
    )
  })
})

describe('401', () => {
  const url = '/v1/audit'
  test.each([
    ['no key', {}],
    ['an unknown key', { authorization: 'Bearer flnt_live_nobody' }],
    ['a key that is not Flint’s', { authorization: 'Bearer sk-abc' }],
    [
      'basic credentials',
      { authorization: `Basic ${Buffer.from('flnt_live_one:').toString('base64')}` },
    ],
    [
      'a key in another header',
      { 'x-api-key': 'flnt_live_one', 'x-goog-api-key': 'flnt_live_one' },
    ],
    ['a bare key', { authorization: 'flnt_live_one' }],
  ])('%s', async (_, headers) => {
    for (const path of [url, `${url}/${sampleRecordId(NOW)}`, `${url}?limit=0`]) {
      const answer = await api.inject({ method: 'GET', url: path, headers })
      expect(answer.statusCode).toBe(401)
      expect(answer.json()).toMatchObject({
        error: { code: 'invalid_api_key', type: 'flint_error' },
      })
    }
  })
})

describe('403', () => {
  test('a key without the scope read sees neither list nor record', async () => {
    await put(...whole(NOW - 1_000))
    for (const path of ['/v1/audit', `/v1/audit/${sampleRecordId(NOW - 1_000)}`])
      expect((await refused(path, 403, 'flnt_live_proxy')).code).toBe('forbidden')
  })
})

describe('promptHash', () => {
  test('is a filter for keys with the scope prompts alone, also in a cursor that one of them got', async () => {
    const hash = 'a'.repeat(64)
    for (const id of [1, 2]) {
      const call = { org: 'org_1', createdAtMs: NOW - 1_000, id }
      await put(
        sampleIntent(call),
        sampleObservation(call, { prompt_hash: hash }),
        sampleClosing(call),
      )
    }
    await put(...whole(NOW - 1_000, 3))
    const url = `/v1/audit?promptHash=${hash}`
    expect(await refused(url, 403)).toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('"promptHash"'),
    })
    expect((await refused('/v1/audit?promptHash=!x', 403)).code).toBe('forbidden')
    const page = await list({ promptHash: hash, limit: '1' }, 'flnt_live_reader')
    expect(page).toMatchObject({ count: 1, records: [{ promptHash: hash }] })
    const cursor = page.nextCursor ?? ''
    expect((await list({ cursor }, 'flnt_live_reader')).count).toBe(1)
    expect((await refused(`/v1/audit?cursor=${cursor}`, 403)).code).toBe('forbidden')
  })
})

describe('404', () => {
  test('an open call is in progress for its own organisation only', async () => {
    await put(sampleIntent({ org: 'org_1', createdAtMs: NOW - 1_000 }))
    const path = `/v1/audit/${sampleRecordId(NOW - 1_000)}`
    expect(await refused(path, 404)).toMatchObject({ code: 'not_found', reason: 'in_progress' })
    expect(await refused(path, 404, 'flnt_live_two')).not.toHaveProperty('reason')
    expect(await list()).toMatchObject({ count: 0 })
  })

  test('another organisation’s record cannot be distinguished from one that does not exist', async () => {
    await put(...whole(NOW - 1_000, 1, 'org_2'))
    const theirs = await refused(`/v1/audit/${sampleRecordId(NOW - 1_000, 1)}`, 404)
    expect(theirs).toEqual(await refused(`/v1/audit/${sampleRecordId(NOW - 1_000, 2)}`, 404))
    expect(theirs).toEqual(await refused('/v1/audit/abc-123', 404))
    expect((await list()).count).toBe(0)
    expect((await list({}, 'flnt_live_two')).count).toBe(1)
  })
})

describe('around', () => {
  const ids = Array.from({ length: 9 }, (_, n) => sampleRecordId(NOW - (n + 1) * HOUR_MS, n))
  beforeEach(async () => {
    await put(...ids.flatMap((_, n) => whole(NOW - (n + 1) * HOUR_MS, n)))
    await createSettler({ client: store.client }).run()
  })

  test('gives the page that holds a record in its middle, and its cursors go on from there', async () => {
    const page = await list({ around: ids[4] ?? '', limit: '3' })
    expect(idsOf(page)).toEqual(ids.slice(3, 6))
    expect(idsOf(await list({ cursor: page.nextCursor ?? '' }))).toEqual(ids.slice(6, 9))
    expect(idsOf(await list({ cursor: page.prevCursor ?? '' }))).toEqual(ids.slice(0, 3))
    const oldestFirst = await list({ around: ids[4] ?? '', limit: '4', order: 'asc' })
    expect(idsOf(oldestFirst)).toEqual(ids.slice(2, 6).toReversed())
  })

  test('gives a full page at the beginning, and at the end what there is', async () => {
    const first = await list({ around: ids[0] ?? '', limit: '5' })
    expect(idsOf(first)).toEqual(ids.slice(0, 5))
    expect(first.prevCursor).toBeNull()
    const last = await list({ around: ids[8] ?? '', limit: '5' })
    expect(idsOf(last)).toEqual(ids.slice(6, 9))
    expect(last.nextCursor).toBeNull()
    expect(idsOf(await list({ around: ids[3] ?? '', limit: '1' }))).toEqual([ids[3]])
  })

  test('is 404 where the list has no such record', async () => {
    await put(sampleIntent({ org: 'org_1', createdAtMs: NOW - 1_000, id: 20 }))
    for (const query of [
      `around=${sampleRecordId(NOW, 99)}`,
      'around=x',
      `around=${sampleRecordId(NOW - 1_000, 20)}`,
      `around=${ids[4]}&provider=gemini`,
      `around=${ids[4]}&to=${new Date(NOW - 6 * HOUR_MS).toISOString()}`,
    ])
      expect((await refused(`/v1/audit?${query}`, 404)).code, query).toBe('not_found')
    expect((await refused(`/v1/audit?around=${ids[4]}`, 404, 'flnt_live_two')).code).toBe(
      'not_found',
    )
  })
})

describe('503', () => {
  test('a ClickHouse that is away is audit_unavailable, for records and for readiness', async () => {
    const nowhere = createStoreClient({ ...store.server, socketPath: '/nowhere/clickhouse.sock' })
    const cut = stubApi({
      access,
      calls: createCallQueries({ client: nowhere, retentionDaysOf }),
      health: { storeAnswers: () => nowhere.ping(), directoryLoaded: () => true },
    })
    for (const url of ['/v1/audit', `/v1/audit/${sampleRecordId(NOW)}`, '/readyz']) {
      const answer = await cut.inject({
        method: 'GET',
        url,
        headers: { authorization: 'Bearer flnt_live_one' },
      })
      expect(answer.statusCode, url).toBe(503)
      expect(answer.json()).toMatchObject({
        error: { code: 'audit_unavailable', type: 'flint_error' },
      })
    }
    await cut.close()
    await nowhere.close()
    expect((await get('/readyz')).statusCode).toBe(200)
  })
})
