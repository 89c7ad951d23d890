import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiOnStore, startApiOnStore } from '../../../test/support/api-on-store.ts'
import { sampleIntent, sampleObservation } from '../../evidence/sample-evidence.ts'
import { createFacetQueries, FACET_FIELDS } from '../../store/calls/facet-queries.ts'
import { StoreError } from '../../store/client/store-error.ts'
import { orTooWide } from '../too-wide.ts'

interface Facets {
  readonly field: string
  readonly from: string
  readonly to: string
  readonly values: ReadonlyArray<{ readonly value: string | null; readonly count: number }>
  readonly more: boolean
}

const NOW = Date.now()
let flint: ApiOnStore

beforeAll(async () => {
  flint = await startApiOnStore()
  const put = (id: number, model: string | null, team: string, org = flint.ours.org) => {
    const call = { org, createdAtMs: NOW - 3_600_000 + id, id }
    return [
      sampleIntent(call, { tags: { team, env: 'dev' }, session_id: `s${id}` }),
      sampleObservation(call, { model, status: 200 + (id % 2) }),
    ]
  }
  await flint.put(
    ...put(1, 'gpt-4o', 'a'),
    ...put(2, 'gpt-4o', 'b'),
    ...put(3, 'GPT-5', 'a'),
    ...put(4, null, 'a'),
    ...put(5, 'theirs', 'c', flint.theirs.org),
    ...Array.from({ length: 101 }, (_, n) => {
      const call = { org: flint.ours.org, createdAtMs: NOW - 40 * 86_400_000, id: n }
      return [sampleIntent(call, { session_id: `old${n}` }), sampleObservation(call)]
    }).flat(),
  )
})
afterAll(() => flint?.stop())

async function facets(query: Readonly<Record<string, string>>): Promise<Facets> {
  const answer = await flint.api.inject({
    method: 'GET',
    url: `/v1/audit/facets?${new URLSearchParams(query)}`,
    headers: { authorization: `Bearer ${flint.ours.key}` },
  })
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json()
}
const counts = async (query: Readonly<Record<string, string>>) =>
  (await facets(query)).values.map(({ value, count }) => [value, count])

test('values come with their counts, most frequent first, those without the field as null', async () => {
  expect(await counts({ field: 'model' })).toEqual([
    ['gpt-4o', 2],
    ['GPT-5', 1],
    [null, 1],
  ])
  expect(await counts({ field: 'tag' })).toEqual([
    ['env:dev', 4],
    ['team:a', 3],
    ['team:b', 1],
  ])
  expect(await counts({ field: 'status' })).toEqual([
    ['200', 2],
    ['201', 2],
  ])
  expect(await counts({ field: 'stream' })).toEqual([['false', 4]])
})

test('a beginning narrows the values in whatever case, and filters the records', async () => {
  expect(await counts({ field: 'model', q: 'gPt' })).toEqual([
    ['gpt-4o', 2],
    ['GPT-5', 1],
  ])
  expect(await counts({ field: 'model', tag: 'team:a' })).toEqual([
    ['GPT-5', 1],
    ['gpt-4o', 1],
    [null, 1],
  ])
  expect(await counts({ field: 'model', q: '%' })).toEqual([])
  expect(await counts({ field: 'tag', model: 'GPT-5', q: 'team:' })).toEqual([['team:a', 1]])
})

test('without a range the last day is counted; at most 100 values come, and it is said that there are more', async () => {
  const { values, more, from, to } = await facets({ field: 'sessionId' })
  expect(values).toHaveLength(4)
  expect(more).toBe(false)
  expect(Date.parse(to) - Date.parse(from)).toBe(86_400_000)
  const all = await facets({
    field: 'sessionId',
    from: new Date(NOW - 50 * 86_400_000).toISOString(),
  })
  expect(all.values).toHaveLength(100)
  expect(all.more).toBe(true)
})

test('every field that is offered can be counted, and no other', async () => {
  for (const field of FACET_FIELDS) expect((await facets({ field })).field).toBe(field)
  for (const query of ['', '?field=promptHash', '?field=cost_usd', '?field=model&q=']) {
    const { status, body } = await flint.ask('GET', `/v1/audit/facets${query}`)
    expect(status).toBe(400)
    expect(body.error.message).toMatch(/"(field|q)"/)
  }
})

test('a count that takes longer than it may is 503 too_wide, and no part of it', async () => {
  const { client } = flint.store
  const slow = createFacetQueries({
    rows: (statement) =>
      client.rows({
        ...statement,
        sql: statement.sql.replace('WHERE ', 'WHERE sleepEachRow(0.5) = 0 AND '),
        settings: { ...statement.settings, max_execution_time: 1, max_block_size: '1' },
      }),
  })
  const filter = { fromMs: NOW - 50 * 86_400_000, toMs: NOW }
  const asked = slow.facets({ org: flint.ours.org, field: 'sessionId', filter })
  await expect(asked).rejects.toThrow(StoreError)
  await expect(
    orTooWide(slow.facets({ org: flint.ours.org, field: 'sessionId', filter })),
  ).rejects.toMatchObject({ code: 'audit_unavailable', reason: 'too_wide' })
})
