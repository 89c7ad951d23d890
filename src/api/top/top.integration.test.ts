import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ApiOnStore, startApiOnStore } from '../../../test/support/api-on-store.ts'
import { sampleCall, sampleObservation, sampleRecordId } from '../../evidence/sample-evidence.ts'
import { createSettler } from '../../store/calls/settle.ts'

const HOUR = 3_600_000
/** Settled: no call of then can be open. */
const THEN = Math.floor((Date.now() - 30 * HOUR) / HOUR) * HOUR
let flint: ApiOnStore

beforeAll(async () => {
  flint = await startApiOnStore()
  const costs = ['0.5', '12', '3', null, '3']
  for (const org of [flint.ours.org, flint.theirs.org])
    for (const [id, cost] of costs.entries()) {
      const call = { org, createdAtMs: THEN + id, id }
      await flint.put(
        ...sampleCall(call),
        sampleObservation(call, {
          version: call.createdAtMs * 1_000 + 1,
          cost_usd: cost,
          total_tokens: 100 - id,
          model: id === 1 ? 'gpt-5' : 'gpt-4o',
          request_model: null,
          prompt_preview: 'a secret',
        }),
      )
    }
  await createSettler({ client: flint.store.client }).run()
})
afterAll(() => flint?.stop())

const range = `from=${new Date(THEN).toISOString()}&to=${new Date(THEN + HOUR).toISOString()}`
const get = (query: string, key = flint.ours.key) =>
  flint.ask('GET', `/v1/audit/top?${query}`, { key })
const ids = async (query: string) =>
  (await get(`${range}&${query}`)).body.records.map(({ requestId }) => requestId)
const idsOf = (...numbers: readonly number[]) => numbers.map((id) => sampleRecordId(THEN + id, id))

describe('GET /v1/audit/top', () => {
  test('gives the dearest calls, newest first where they cost the same, none of unknown cost', async () => {
    expect(await ids('by=costUsd')).toEqual(idsOf(1, 4, 2, 0))
    expect(await ids('by=costUsd&limit=1')).toEqual(idsOf(1))
    expect(await ids('by=totalTokens&limit=2')).toEqual(idsOf(0, 1))
    expect(await ids('by=latencyMs')).toEqual(idsOf(4, 3, 2, 1, 0))
  })

  test('filters as the list does', async () => {
    expect(await ids('by=costUsd&model=gpt-4o')).toEqual(idsOf(4, 2, 0))
    expect((await get('by=costUsd')).body.records).toEqual([])
  })

  test('shows previews to the scope prompts alone, and nothing of another organisation', async () => {
    const { body } = await flint.ask('POST', '/v1/keys', { body: { name: 'r', scopes: ['read'] } })
    const shown = async (key: string) =>
      (await get(`${range}&by=costUsd&limit=1`, key)).body.records.map((record) => ({
        ...record,
      }))
    expect(await shown(String(body.key))).toMatchObject([{ promptPreview: null }])
    expect(await shown(flint.ours.key)).toMatchObject([{ promptPreview: 'a secret' }])
    expect((await get(`${range}&by=costUsd`, flint.theirs.key)).body.records).toHaveLength(4)
  })

  test('leaves out what was erased', async () => {
    const [first = ''] = idsOf(1)
    await flint.ask('DELETE', `/v1/audit/${first}?reason=test`)
    expect(await ids('by=costUsd')).toEqual(idsOf(4, 2, 0))
  })

  test.each([
    ['', 'by'],
    ['by=joy', 'by'],
    ['by=costUsd&limit=101', 'limit'],
    ['by=costUsd&from=2999-01-01', 'from'],
    ['by=costUsd&bye=1', 'bye'],
  ])('"%s" is refused, naming the parameter', async (query, name) => {
    const { status, body } = await get(query)
    expect([status, body.error.code]).toEqual([400, 'invalid_request'])
    expect(body.error.message).toContain(`"${name}"`)
  })
})
