import Big from 'big.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type BilledCall, NOTHING_BILLED } from '../evidence/bill.ts'
import { NO_USAGE, type TokenUsage } from '../evidence/usage.ts'
import { createPriceCall, type RatesInUse } from './cost.ts'
import { createPriceBook } from './price-book.ts'
import { priceComponents } from './price-components.ts'
import { rateText } from './rate.ts'

const AT_MS = Date.UTC(2026, 7, 1)
const book = createPriceBook()

/** The price of a call, and the rates as the table `prices` gets them. */
function priced(
  usage: Partial<TokenUsage>,
  { model = 'gpt-4o', serviceTier = null as string | null, billed = NOTHING_BILLED } = {},
) {
  const used: RatesInUse[] = []
  const whole = { ...NO_USAGE, ...usage }
  const price = createPriceCall({ book, onRates: (rates) => used.push(rates) })({
    provider: 'openai',
    model,
    usage: whole,
    usageSource: 'provider',
    serviceTier,
    billed,
    atMs: AT_MS,
  })
  const [{ rates, terms } = { rates: new Map(), terms: [] }] = used
  return {
    usage: whole,
    billed,
    rates: JSON.stringify(
      Object.fromEntries([...rates].map(([key, rate]) => [key, rateText(key, rate)])),
    ),
    terms,
    costUsd: price.costUsd ?? 'none',
  }
}

test('a price is taken apart into its buckets, at the rates of its time', () => {
  const record = priced({ inputTokens: 1_000, cachedInputTokens: 400, outputTokens: 100 })
  expect(priceComponents(record)).toEqual([
    { bucket: 'cache_read', tokens: 400, usdPerMillion: '1.25', usd: '0.0005' },
    { bucket: 'input', tokens: 600, usdPerMillion: '2.5', usd: '0.0015' },
    { bucket: 'output', tokens: 100, usdPerMillion: '10', usd: '0.001' },
  ])
})

test('a tier is in the rates that are shown, and a fee is not multiplied', () => {
  const billed: BilledCall = { ...NOTHING_BILLED, webSearches: 2 }
  const usage = { inputTokens: 1_000, outputTokens: 100 }
  const plain = priceComponents(priced(usage, { model: 'gpt-5', billed })) ?? []
  const flex = priceComponents(priced(usage, { model: 'gpt-5', billed, serviceTier: 'flex' })) ?? []
  const usd = (parts: typeof plain, name: string) =>
    Number(parts.find(({ bucket }) => bucket === name)?.usd)
  expect(usd(flex, 'input')).toBe(usd(plain, 'input') / 2)
  expect(usd(flex, 'web_searches')).toBe(usd(plain, 'web_searches'))
  expect(usd(plain, 'web_searches')).toBeGreaterThan(0)
})

test('the components of every price add up to it', () => {
  const count = fc.integer({ min: 0, max: 400_000 })
  fc.assert(
    fc.property(
      fc.constantFrom('gpt-4o', 'gpt-5', 'gpt-5.4', 'gpt-4.1-mini'),
      fc.constantFrom(null, 'flex', 'priority'),
      count,
      count,
      count,
      (model, serviceTier, input, cached, output) => {
        const usage = {
          inputTokens: input + cached,
          cachedInputTokens: cached,
          outputTokens: output,
        }
        const record = priced(usage, { model, serviceTier })
        const parts = priceComponents(record)
        if (parts === null) return expect(input + cached + output).toBe(0)
        const sum = parts.reduce((total, { usd }) => total.plus(usd), new Big(0))
        // Each is rounded by itself, to the twelfth place.
        expect(sum.minus(record.costUsd).abs().lte('3e-12')).toBe(true)
      },
    ),
  )
})

test('what cannot be made again is null: other sums, shares with prices of their own, unreadable rates', () => {
  const record = priced({ inputTokens: 1_000, outputTokens: 100 })
  expect(priceComponents(record)).not.toBeNull()
  expect(priceComponents({ ...record, costUsd: '0.004' })).toBeNull()
  expect(priceComponents({ ...record, rates: 'none' })).toBeNull()
  expect(priceComponents({ ...record, terms: ['tier:flex=half'] })).toBeNull()
  const parts = [{ model: 'gpt-4o', usage: record.usage }]
  expect(priceComponents({ ...record, billed: { ...NOTHING_BILLED, parts } })).toBeNull()
})
