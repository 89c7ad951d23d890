import { expect, test } from 'vitest'
import { NO_USAGE } from '../evidence/usage.ts'
import { createPriceCall, type RatesInUse } from './cost.ts'
import type { PriceOverride } from './overrides.ts'
import { createPriceBook } from './price-book.ts'

const AT_MS = Date.UTC(2026, 10, 22, 12)
const usage = { ...NO_USAGE, inputTokens: 1_000_000, outputTokens: 1_000_000 }
const call = {
  org: 'org_1',
  provider: 'openai',
  model: 'gpt-4o-mini',
  usage,
  usageSource: 'provider',
  serviceTier: null,
  atMs: AT_MS,
} as const
const priceBy = (...overrides: PriceOverride[]) =>
  createPriceCall({ book: createPriceBook(), overrides })

// gpt-4o-mini: $0.15 in, $0.60 out per million.
test('a discount comes off the list price, to the last place', () => {
  const price = priceBy({ provider: 'openai', model: 'gpt-4o*', discountPercent: 12.5 })(call)
  expect(price).toMatchObject({ costUsd: '0.65625', costStatus: 'exact' })
  expect(price.priceVersion).toMatch(/^contract\/[0-9a-f]{12}\*genai-prices@/)
})

test('agreed rates stand in place of the list’s, also for a model that is not listed', () => {
  const price = priceBy({
    provider: 'openai',
    model: '*',
    rates: { input_mtok: 0.1, output_mtok: 0.2 },
  })
  expect(price(call).costUsd).toBe('0.3')
  expect(price({ ...call, model: 'our-own-model' })).toMatchObject({
    costUsd: '0.3',
    costStatus: 'exact',
  })
  expect(
    priceBy({ provider: 'openai', model: '*', rates: { output_mtok: 0.2 } })(call).costUsd,
  ).toBe('0.35')
})

test('holds for its organisation, provider, models and time, and the first that holds counts', () => {
  const half = { provider: 'openai', model: 'gpt-4o-*', discountPercent: 50 } as const
  const costs = (override: PriceOverride) => priceBy(override)(call).costUsd
  expect(costs({ ...half, org: 'org_1' })).toBe('0.375')
  expect(costs({ ...half, org: 'org_2' })).toBe('0.75')
  expect(costs({ ...half, provider: 'gemini' })).toBe('0.75')
  expect(costs({ ...half, model: 'gpt-4o' })).toBe('0.75')
  expect(costs({ ...half, from: '2026-11-22T12:00:00Z' })).toBe('0.375')
  expect(costs({ ...half, to: '2026-11-22T12:00:00Z' })).toBe('0.75')
  expect(priceBy({ ...half, discountPercent: 100 }, half)(call).costUsd).toBe('0')
})

test('for a tier it is the price of that tier; else tiers multiply it as they do the list', () => {
  const flex = { ...call, serviceTier: 'flex' }
  const rates = { input_mtok: 0.1, output_mtok: 0.1 }
  expect(
    priceBy({ provider: 'openai', model: '*', serviceTier: 'flex', rates })(flex),
  ).toMatchObject({
    costUsd: '0.2',
    costStatus: 'exact',
  })
  expect(
    priceBy({ provider: 'openai', model: '*', serviceTier: 'flex', rates })(call).costUsd,
  ).toBe('0.75')
  expect(priceBy({ provider: 'openai', model: '*', rates })(flex).costUsd).toBe('0.1')
})

test('reports the rates that each price was made of', () => {
  const seen: RatesInUse[] = []
  createPriceCall({ book: createPriceBook(), onRates: (rates) => seen.push(rates) })({
    ...call,
    serviceTier: 'flex',
  })
  expect(seen).toMatchObject([
    { provider: 'openai', model: 'gpt-4o-mini', terms: ['tier:flex=1/2'] },
  ])
  expect(seen[0]?.rates.get('input_mtok')?.base).toBe(150_000_000_000n)
})
