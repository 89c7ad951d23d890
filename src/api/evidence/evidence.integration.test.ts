import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiOnStore, startApiOnStore } from '../../../test/support/api-on-store.ts'
import {
  sampleCall,
  sampleClosing,
  sampleIntent,
  sampleObservation,
  sampleRecordId,
} from '../../evidence/sample-evidence.ts'
import { NO_USAGE } from '../../evidence/usage.ts'
import { createPriceCall, type RatesInUse } from '../../pricing/cost.ts'
import { createPriceBook } from '../../pricing/price-book.ts'
import { rateText } from '../../pricing/rate.ts'
import { insertPriceRates } from '../../store/evidence/price-rates.ts'
import { RECORD_EXAMPLE } from '../audit/record-schema.ts'

interface Evidence {
  readonly rows: ReadonlyArray<{
    readonly kind: string
    readonly writer: string
    readonly columns: Readonly<Record<string, unknown>>
  }>
  readonly from: Readonly<Record<string, string | null>>
  readonly price: Readonly<Record<string, unknown>> | null
}

const NOW = Date.now()
let flint: ApiOnStore
let reader: string

beforeAll(async () => {
  flint = await startApiOnStore()
  const made = await flint.ask('POST', '/v1/keys', { body: { name: 'reader', scopes: ['read'] } })
  reader = String(made.body.key)
})
afterAll(() => flint?.stop())

const call = (id: number) => ({ org: flint.ours.org, createdAtMs: NOW - 60_000, id })
async function evidenceOf(id: number, key = flint.ours.key) {
  const answer = await flint.api.inject({
    method: 'GET',
    url: `/v1/audit/${sampleRecordId(NOW - 60_000, id)}/evidence`,
    headers: { authorization: `Bearer ${key}` },
  })
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json<Evidence>()
}

test('a record shows the rows it is made of, and from which of them each field was taken', async () => {
  await flint.put(
    sampleIntent(call(1), { user_agent: 'a client' }),
    sampleObservation(call(1)),
    sampleClosing(call(1)),
  )
  const { rows, from, price } = await evidenceOf(1)
  expect(rows.map(({ kind }) => kind).toSorted()).toEqual(['closing', 'intent', 'observation'])
  const intent = rows.find(({ kind }) => kind === 'intent')
  expect(intent?.columns).toMatchObject({ user_agent: 'a client', key_hint: '...k3f2' })
  expect(intent?.columns).not.toHaveProperty('model')
  expect(from).toMatchObject({
    userAgent: 'intent',
    model: 'observation',
    status: 'closing',
    sessionId: null,
    outcome: null,
  })
  const { expiresAt: _expires, ingestedAt: _ingested, ...fields } = RECORD_EXAMPLE
  expect(Object.keys(from).toSorted()).toEqual(Object.keys(fields).toSorted())
  // Its price version is one of which no rates were kept.
  expect(price).toEqual({
    version: '2026-08-01',
    source: '2026-08-01',
    rates: null,
    terms: null,
    components: null,
  })
})

test('a price is shown with its rates and with the parts that add up to it', async () => {
  const used: RatesInUse[] = []
  const priceOf = createPriceCall({ book: createPriceBook(), onRates: (rates) => used.push(rates) })
  const price = priceOf({
    provider: 'openai',
    model: 'gpt-4o',
    usage: { ...NO_USAGE, inputTokens: 512, outputTokens: 128, cachedInputTokens: 0 },
    usageSource: 'provider',
    serviceTier: 'default',
    atMs: NOW,
  })
  await insertPriceRates(
    flint.store.client,
    used.map(({ version, rates, provider, model, terms }) => ({
      price_version: version,
      provider,
      model,
      rates: JSON.stringify(
        Object.fromEntries([...rates].map(([key, rate]) => [key, rateText(key, rate)])),
      ),
      terms,
      used_at: '2026-01-01 00:00:00.000',
    })),
  )
  await flint.put(
    sampleIntent(call(2)),
    sampleObservation(call(2), {
      cost_usd: price.costUsd,
      price_version: price.priceVersion,
    }),
  )
  expect((await evidenceOf(2)).price).toEqual({
    version: price.priceVersion,
    source: 'genai-prices@0.1.8',
    rates: expect.objectContaining({ input_mtok: '2.5', output_mtok: '10' }),
    terms: [],
    components: [
      { bucket: 'input', tokens: 512, usdPerMillion: 2.5, usd: 0.00128 },
      { bucket: 'output', tokens: 128, usdPerMillion: 10, usd: 0.00128 },
    ],
  })
})

test('text and hashes of prompts are for the scope prompts', async () => {
  await flint.put(
    sampleIntent(call(3), { capture: true }),
    sampleObservation(call(3), {
      capture: true,
      prompt_preview: 'private text',
      last_user_preview: 'private text',
      completion_preview: 'private text',
      prompt_hash: 'private hash',
      content_sha256: 'private hash',
      attachments: ['private hash'],
    }),
  )
  expect(JSON.stringify((await evidenceOf(3)).rows).match(/private/g)).toHaveLength(6)
  expect(JSON.stringify(await evidenceOf(3, reader))).not.toContain('private')
})

test('an open call, an erased one and an unknown one have none', async () => {
  await flint.put(sampleIntent(call(4)), ...sampleCall(call(5)))
  const ids = [4, 5, 6].map((id) => sampleRecordId(NOW - 60_000, id))
  const reasonOf = async (id: string | undefined) => {
    const { status, body } = await flint.ask('GET', `/v1/audit/${id}/evidence`)
    return [status, body.error.code, body.error.reason ?? null]
  }
  await flint.ask('DELETE', `/v1/audit/${ids[1]}`)
  expect(await reasonOf(ids[0])).toEqual([404, 'not_found', 'in_progress'])
  expect(await reasonOf(ids[1])).toEqual([404, 'not_found', null])
  expect(await reasonOf(ids[2])).toEqual([404, 'not_found', null])
})
