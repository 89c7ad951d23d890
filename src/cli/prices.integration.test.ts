import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { activeProviders } from '../config/active-providers.ts'
import { dataPaths } from '../config/data-paths.ts'
import { loadConfig } from '../config/load.ts'
import {
  sampleCall,
  sampleClosing,
  sampleIntent,
  sampleObservation,
  sampleReport,
} from '../evidence/sample-evidence.ts'
import { NO_USAGE } from '../evidence/usage.ts'
import type { Installation } from '../installation.ts'
import { createPriceCall } from '../pricing/cost.ts'
import { createPriceBook } from '../pricing/price-book.ts'
import { installPriceBook } from '../pricing/price-files.ts'
import { waitingRates } from '../pricing/rates-outbox.ts'
import { addEvidence } from '../store/calls/add-evidence.ts'
import { startTemporaryStore, type TemporaryStore } from '../store/embedded/temporary-store.ts'
import { insertPriceRates } from '../store/evidence/price-rates.ts'
import { checkPrices, repriceRange } from './prices.ts'

let store: TemporaryStore
let here: Installation
const directory = temporaryDirectory()
const atMs = Date.now() - 60_000
const range = { org: null, fromMs: atMs - 1_000, toMs: atMs + 1_000 }
const call = (id: number, org = 'org_1') => ({ org, createdAtMs: atMs, id })

beforeAll(async () => {
  store = await startTemporaryStore()
  const { config } = loadConfig({}, directory)
  const secrets = {
    keyPepper: Buffer.alloc(32),
    previousKeyPepper: null,
    previousMetadataSecret: null,
    metadataSecret: Buffer.alloc(32),
    cursorSecret: Buffer.alloc(32),
    sessionSecret: Buffer.alloc(0),
    signInStateSecret: Buffer.alloc(0),
    promptHashSecret: Buffer.alloc(32),
    pepperFingerprint: '5f0c2a9b',
  }
  here = {
    config,
    providers: activeProviders(config),
    paths: dataPaths(directory),
    secrets: { ...secrets },
    instance: 'i',
  }
  const priced = createPriceCall({ book: createPriceBook() })({
    provider: 'openai',
    model: 'gpt-4o-2024-08-06',
    usage: {
      ...NO_USAGE,
      inputTokens: 512,
      outputTokens: 128,
      totalTokens: 640,
      cachedInputTokens: 0,
    },
    usageSource: 'provider',
    serviceTier: 'default',
    atMs,
  })
  const right = {
    cost_usd: priced.costUsd,
    cost_status: priced.costStatus,
    price_version: priced.priceVersion,
    cost_reason: priced.costReason,
  }
  const unknown = {
    model: 'gpt-next-1',
    cost_usd: null,
    cost_status: 'unpriced',
    price_version: null,
    cost_reason: 'unknown_model',
  } as const
  const searches = '{"webSearches":2,"terms":["speed:fast"]}'
  const fast = {
    provider: 'anthropic',
    model: 'claude-opus-4-6',
    billed: searches,
    service_tier: 'standard',
  } as const
  await addEvidence(
    store.client,
    [
      ...[sampleIntent(call(1)), sampleObservation(call(1), right), sampleClosing(call(1))],
      ...[sampleIntent(call(2)), sampleObservation(call(2), unknown), sampleClosing(call(2))],
      ...sampleCall(call(3, 'org_2')),
      ...[
        sampleIntent(call(4), { provider: 'anthropic' }),
        sampleObservation(call(4), fast),
        sampleClosing(call(4)),
      ],
      ...[
        sampleIntent(call(5)),
        sampleObservation(call(5), { billable: false, cost_usd: null, cost_status: null }),
        sampleClosing(call(5)),
      ],
      sampleReport(call(6), { cost_usd: '9' }),
    ],
    'seed',
  )
})
afterAll(async () => {
  await store?.stop()
})

async function costs(): Promise<readonly unknown[]> {
  const sql = 'SELECT cost_usd, cost_reason FROM calls_folded ORDER BY record_id'
  return (await store.client.rows({ tag: 'test', sql })).map(
    ({ cost_usd, cost_reason }) => cost_usd ?? cost_reason,
  )
}

test('names the models that have no price', async () => {
  expect(await checkPrices(here, store.client, Date.now(), 1)).toMatchObject({
    source: 'genai-prices@0.1.8',
    publishedOn: expect.stringMatching(/^2026-/),
    broughtOn: null,
    models: [
      { provider: 'openai', model: 'gpt-next-1', calls: 1, unpriced: 1, reasons: 'unknown_model' },
    ],
  })
})

test('prices earlier calls again, once, and leaves the old figures in the evidence', async () => {
  expect(await repriceRange(here, store.client, { ...range, org: 'org_2' }, true)).toEqual({
    calls: 1,
    changed: 1,
  })
  expect(await costs()).toEqual(['0.00256', 'unknown_model', '0.00832', '0.00832', null, '9'])
  // gpt-4o: 512 x 2.5 + 128 x 10; claude-opus-4-6 fast: (512 x 5 + 128 x 25) x 6, two searches at a
  // cent.
  expect(await repriceRange(here, store.client, range, false)).toEqual({ calls: 6, changed: 3 })
  expect(await costs()).toEqual(['0.00256', 'unknown_model', '0.00256', '0.05456', null, '0.00256'])
  expect(await repriceRange(here, store.client, range, false)).toEqual({ calls: 6, changed: 0 })
  const old = await store.client.rows({
    tag: 'test',
    sql: "SELECT cost_usd FROM evidence WHERE kind = 'report'",
  })
  expect(old).toEqual([{ cost_usd: '9' }])
})

test('knows the models of a newer book, and keeps the rates of every version once', async () => {
  const model = {
    id: 'gpt-next',
    match: { starts_with: 'gpt-next' },
    prices: { input_mtok: 1, output_mtok: 2 },
  }
  const file = path.join(directory, 'book.json')
  fs.writeFileSync(
    file,
    JSON.stringify([{ id: 'openai', name: 'OpenAI', api_pattern: 'x', models: [model] }]),
  )
  const { source } = installPriceBook(here.paths.prices, file)
  expect((await repriceRange(here, store.client, range, false)).changed).toBeGreaterThan(0)
  expect((await costs())[1]).toBe('0.000768')
  for (let again = 0; again < 2; again++)
    await insertPriceRates(store.client, waitingRates(here.paths.ratesOutbox).rows)
  const rates = await store.client.rows({
    tag: 'test',
    sql: 'SELECT * EXCEPT used_at FROM prices FINAL ORDER BY price_version',
  })
  expect(rates).toContainEqual({
    price_version: expect.stringContaining(source),
    provider: 'openai',
    model: 'gpt-next-1',
    rates: '{"input_mtok":"1","output_mtok":"2"}',
    terms: [],
  })
  expect(rates).toContainEqual(expect.objectContaining({ terms: ['speed:fast=6'] }))
  expect(new Set(rates.map((row) => row.price_version)).size).toBe(rates.length)
})
