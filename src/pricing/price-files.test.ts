import fs from 'node:fs'
import path from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { NO_USAGE } from '../evidence/usage.ts'
import { createPriceCall } from './cost.ts'
import { installPriceBook, openPriceBook } from './price-files.ts'
import { createRatesOutbox, waitingRates } from './rates-outbox.ts'

let directory = ''
beforeEach(() => {
  directory = temporaryDirectory()
})

const model = {
  id: 'gpt-next',
  match: { starts_with: 'gpt-next' },
  prices: { input_mtok: 1, output_mtok: { base: 2, tiers: [{ start: 10, price: 3 }] } },
}
const openai = { id: 'openai', name: 'OpenAI', api_pattern: 'x', models: [model] }
const call = {
  provider: 'openai',
  model: 'gpt-next-2026-11-01',
  usage: { ...NO_USAGE, inputTokens: 1_000_000, outputTokens: 0 },
  usageSource: 'provider',
} as const

function bring(content: unknown): string {
  const file = path.join(directory, 'book.json')
  fs.writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

test('a newer book that was brought is the one in use, and named by its content', () => {
  const price = (at = directory) =>
    createPriceCall({ book: openPriceBook(at).book })({
      ...call,
      serviceTier: null,
      atMs: Date.now(),
    })
  expect(price()).toMatchObject({ costStatus: 'unpriced', costReason: 'unknown_model' })
  const made = installPriceBook(directory, bring([openai]))
  expect(made.source).toMatch(/^genai-prices-file@[0-9a-f]{12}$/)
  expect(openPriceBook(directory)).toMatchObject({
    source: made.source,
    publishedOn: null,
    broughtOn: new Date().toISOString().slice(0, 10),
  })
  expect(price()).toMatchObject({ costUsd: '1', costStatus: 'exact' })
  expect(price().priceVersion).toContain(made.source)
  // The earlier one stays beside it.
  const second = installPriceBook(
    directory,
    bring({
      providers: [{ ...openai, models: [{ ...model, prices: { input_mtok: 2, output_mtok: 2 } }] }],
    }),
  )
  expect(fs.readdirSync(directory).filter((name) => name.startsWith('genai-prices-'))).toHaveLength(
    2,
  )
  expect([second.source === made.source, price().costUsd]).toEqual([false, '2'])
})

test.each([
  ['JSON', '{', 'not JSON'],
  ['a list', '{}', 'a JSON list of providers'],
  ['providers', [{ id: 'x' }], 'no provider'],
  ['known providers', [{ ...openai, id: 'other' }], 'none of the providers'],
  [
    'prices',
    [{ ...openai, models: [{ ...model, prices: { input_mtok: 'free' } }] }],
    'openai/gpt-next: input_mtok is no price',
  ],
])('a file without %s is refused, and what was in use stays', (_, content, message) => {
  expect(() => installPriceBook(directory, bring(content))).toThrow(message)
  expect(openPriceBook(directory).source).toMatch(/^genai-prices@/)
})

test('rates wait once for delivery, whatever number of calls were priced by them', () => {
  installPriceBook(directory, bring([openai]))
  const onRates = createRatesOutbox(path.join(directory, 'used'), () => Date.UTC(2026, 10, 24))
  const price = createPriceCall({ book: openPriceBook(directory).book, onRates })
  const { priceVersion } = price({ ...call, serviceTier: null, atMs: 0 })
  price({ ...call, serviceTier: null, atMs: 0 })
  const waiting = waitingRates(path.join(directory, 'used'))
  expect(waiting.rows).toEqual([
    {
      price_version: priceVersion,
      provider: 'openai',
      model: 'gpt-next-2026-11-01',
      rates: '{"input_mtok":"1","output_mtok":{"base":"2","tiers":[{"start":10,"price":"3"}]}}',
      terms: [],
      used_at: '2026-11-24 00:00:00.000',
    },
  ])
  waiting.taken()
  expect(waitingRates(path.join(directory, 'used')).rows).toEqual([])
})
