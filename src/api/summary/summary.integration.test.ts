import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ApiOnStore, startApiOnStore } from '../../../test/support/api-on-store.ts'
import { sampleCall, sampleIntent, sampleObservation } from '../../evidence/sample-evidence.ts'
import { createQuarterRollup } from '../../store/calls/quarter-rollup.ts'
import { createSettler } from '../../store/calls/settle.ts'
import { StoreError } from '../../store/client/store-error.ts'
import { stubApi } from '../stub-api.ts'
import type { PublicTotals } from './summary-schema.ts'

const HOUR = 3_600_000
/** Settled: no call of then can be open. */
const THEN = Math.floor((Date.now() - 30 * HOUR) / HOUR) * HOUR
let flint: ApiOnStore

beforeAll(async () => {
  flint = await startApiOnStore()
  const { org } = flint.ours
  for (const [id, hours] of [0, 0, 1, 5].entries()) {
    const call = { org, createdAtMs: THEN + hours * HOUR, id }
    await flint.put(
      ...sampleCall(call),
      sampleIntent(call, {
        version: call.createdAtMs * 1_000 + 1,
        tags: id === 3 ? { team: 'search' } : {},
      }),
      sampleObservation(call, {
        version: call.createdAtMs * 1_000 + 1,
        model: id === 3 ? 'gpt-5' : 'gpt-4o',
        cost_usd: '0.1',
        cost_status: id === 2 ? 'estimated' : 'exact',
      }),
    )
  }
  await createSettler({ client: flint.store.client }).run()
})
afterAll(() => flint?.stop())

interface Sums {
  readonly totals: PublicTotals
  readonly before?: PublicTotals
  readonly buckets: ReadonlyArray<{ from: string; to: string; totals: PublicTotals }>
}
interface Summary extends Sums {
  readonly range: Readonly<Record<string, string>>
  readonly bucket: string
  readonly groups: ReadonlyArray<Sums & { readonly key: Readonly<Record<string, unknown>> }>
  readonly other?: Sums
}

const get = async (query: string, key = flint.ours.key) => {
  const answer = await flint.api.inject({
    method: 'GET',
    url: `/v1/audit/summary${query}`,
    headers: { authorization: `Bearer ${key}` },
  })
  return {
    status: answer.statusCode,
    body: answer.json<Summary & { error: { message: string } }>(),
  }
}
const iso = (ms: number) => new Date(ms).toISOString()
const range = `from=${iso(THEN)}&to=${iso(THEN + 6 * HOUR)}`

describe('GET /v1/audit/summary', () => {
  test('sums up a range, the same before and after its quarters are in the rollup', async () => {
    for (const isRolled of [false, true]) {
      if (isRolled) {
        const later = Date.now() + HOUR
        await createQuarterRollup({ client: flint.store.client, clock: () => later }).run()
      }
      const { status, body } = await get(`?${range}&bucket=1h&groupBy=model`)
      expect(status, JSON.stringify(body)).toBe(200)
      expect(body.totals).toMatchObject({
        calls: 4,
        failed: 0,
        outcomes: { complete: 4, rejected: 0 },
        tokens: { input: 2_048, output: 512, total: 2_560, cachedInput: 0 },
        cost: {
          exact: { calls: 3, usd: 0.3 },
          estimated: { calls: 1, usd: 0.1 },
          unpriced: { calls: 0 },
        },
        usageSources: { provider: 4, none: 0 },
        latency: { calls: 4, p50Ms: 860 },
      })
      expect(body.totals.latency?.histogram?.map(({ calls }) => calls)).toEqual([4])
      expect(body.buckets.map(({ totals }) => totals.calls)).toEqual([2, 1, 0, 0, 0, 1])
      expect(body.buckets[0]).toMatchObject({ from: iso(THEN), to: iso(THEN + HOUR) })
      expect(body.groups.map(({ key, totals }) => [key.model, totals.calls])).toEqual([
        ['gpt-4o', 3],
        ['gpt-5', 1],
      ])
      expect(body.other).toBeUndefined()
    }
  })

  test('compares with the span before, names as many groups as asked for, and sums up the others', async () => {
    const { body } = await get(
      `?from=${iso(THEN + HOUR)}&to=${iso(THEN + 6 * HOUR)}&bucket=none&compare=previous&groupBy=model&limit=1`,
    )
    expect(body.totals.calls).toBe(2)
    expect(body.before?.calls).toBe(2)
    expect(body.buckets).toEqual([])
    expect(body.groups.map(({ totals, before }) => [totals.calls, before?.calls])).toEqual([[1, 2]])
    expect([body.other?.totals.calls, body.other?.before?.calls]).toEqual([1, 0])
  })

  test('filters as the list does, and groups by several', async () => {
    const { body } = await get(`?${range}&model=gpt-5&groupBy=costStatus,provider&measures=calls`)
    expect(body.groups.map(({ key, totals }) => [key, totals.calls])).toEqual([
      [{ costStatus: 'exact', provider: 'openai' }, 1],
    ])
    expect(body.totals.tokens ?? body.totals.cost ?? body.totals.latency).toBeUndefined()
    expect((await get(`?${range}&tag=team:none`)).body.totals.calls).toBe(0)
  })

  test('groups by the values of a tag, beside fields too', async () => {
    const { status, body } = await get(`?${range}&groupBy=tag:team,tag:none,model&bucket=none`)
    expect(status, JSON.stringify(body)).toBe(200)
    expect(body.groups.map(({ key, totals }) => [key, totals.calls])).toEqual([
      [{ 'tag:team': null, 'tag:none': null, model: 'gpt-4o' }, 3],
      [{ 'tag:team': 'search', 'tag:none': null, model: 'gpt-5' }, 1],
    ])
  })

  test('cuts days in the zone that is asked for', async () => {
    const { body } = await get(
      '?from=2025-10-25T22:00Z&to=2025-10-27T23:00Z&bucket=1d&timeZone=Europe/Berlin',
    )
    expect(body.range.timeZone).toBe('Europe/Berlin')
    expect(body.buckets.map(({ from }) => from)).toEqual([
      '2025-10-25T22:00:00.000Z',
      '2025-10-26T23:00:00.000Z',
    ])
  })

  test('of no time is empty, of the last day when nothing is said', async () => {
    const at = iso(THEN)
    expect((await get(`?from=${at}&to=${at}`)).body).toMatchObject({ totals: { calls: 0 } })
    const { body } = await get('')
    expect(Date.parse(body.range.to ?? '') - Date.parse(body.range.from ?? '')).toBe(24 * HOUR)
    expect(body).toMatchObject({ bucket: '15m', totals: { calls: 0 } })
  })

  test.each([
    ['?from=2025-05-02&to=2025-05-01T00:00', 'from'],
    ['?timeZone=Mars/Olympus', 'timeZone'],
    ['?timeZone=%2B05:45', 'timeZone'],
    ['?groupBy=colour', 'groupBy'],
    ['?groupBy=tag:', 'groupBy'],
    ['?groupBy=model,keyId,endpoint,status', 'groupBy'],
    ['?measures=joy', 'measures'],
    ['?bucket=1y', 'bucket'],
    ['?from=2025-01-01&bucket=15m', 'bucket'],
    ['?compare=never', 'compare'],
    ['?limit=0', 'limit'],
    ['?from=2025-01-01&to=2025-01-08&bucket=15m&groupBy=model&limit=100', 'limit'],
    ['?form=2025-05-01', 'form'],
  ])('%s is refused, naming the parameter', async (query, name) => {
    const { status, body } = await get(query)
    expect(status).toBe(400)
    expect(body.error).toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining(name),
    })
  })

  test('that takes too long is 503 too_wide, never a part of it', async () => {
    const api = stubApi({
      access: {
        authenticator: {
          authenticate: () => ({ org: 'org_1', keyId: 'key_1', scopes: ['read'] }),
        },
        failures: { note() {} },
        used() {},
      },
      summaries: {
        summary: () => Promise.reject(new StoreError('late', { code: 159, retryable: true })),
      },
    })
    const answer = await api.inject({
      url: '/v1/audit/summary',
      headers: { authorization: 'Bearer flnt_live_reader' },
    })
    expect([answer.statusCode, answer.json().error.reason]).toEqual([503, 'too_wide'])
    await api.close()
  })

  test('needs the scope read', async () => {
    const { body } = await flint.ask('POST', '/v1/keys', {
      body: { name: 'r', scopes: ['report'] },
    })
    expect((await get('', String(body.key))).status).toBe(403)
    expect((await get('', 'flnt_live_unknown')).status).toBe(401)
  })
})
