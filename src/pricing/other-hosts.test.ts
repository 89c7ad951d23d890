import { describe, expect, test } from 'vitest'
import { NOTHING_BILLED } from '../evidence/bill.ts'
import type { ShippedProvider } from '../evidence/evidence.ts'
import { NO_USAGE, type TokenUsage } from '../evidence/usage.ts'
import { createActiveProviders } from '../providers/active-providers.ts'
import { definitionOf } from '../providers/registry.ts'
import { type CallToPrice, createPriceCall } from './cost.ts'
import type { PriceOverride } from './overrides.ts'
import { createPriceBook } from './price-book.ts'

/** The same models at the hosts of others, whose rates depend on more than the model. */

const HOSTS = createActiveProviders(
  (['azure', 'vertex'] as const).map((name) => ({
    ...definitionOf(name),
    upstream: 'https://ai.example.com',
    profile: 'available',
  })),
)
const book = createPriceBook()

/** A call of the endpoint, under the terms that its path alone names. */
function priceOf(
  provider: ShippedProvider,
  endpoint: string,
  {
    overrides = [],
    terms = [],
    usage,
    ...call
  }: Partial<Omit<CallToPrice, 'usage'>> & {
    readonly model: string | null
    readonly usage: Partial<TokenUsage>
    readonly overrides?: readonly PriceOverride[]
    readonly terms?: readonly string[]
  },
) {
  const named = definitionOf(provider).billedTerms?.(endpoint) ?? []
  return createPriceCall({ book, providers: HOSTS, overrides })({
    ...{ provider, usageSource: 'provider', serviceTier: null, atMs: Date.UTC(2026, 10, 1) },
    usage: { ...NO_USAGE, ...usage },
    billed: { ...NOTHING_BILLED, terms: [...named, ...terms] },
    ...call,
  })
}

describe('Azure', () => {
  const chat = '/openai/deployments/team-chat/chat/completions'
  const call = {
    model: 'gpt-4.1-mini-2025-04-14',
    usage: { inputTokens: 19, cachedInputTokens: 8, outputTokens: 5 },
  }

  test('costs are estimates: no call says what kind of deployment it is', () => {
    // 11 × $0.40 + 8 × $0.10 + 5 × $1.60 per million.
    expect(priceOf('azure', chat, call)).toMatchObject({
      costUsd: '0.0000132',
      costStatus: 'estimated',
      costReason: 'unknown_term',
    })
  })

  test('costs at the rates of a contract are exact: those are the deployment’s', () => {
    const rates = { input_mtok: 0.44, cache_read_mtok: 0.11, output_mtok: 1.76 }
    const overrides = [{ provider: 'azure', model: 'gpt-4.1-mini*', rates }]
    expect(priceOf('azure', chat, { ...call, overrides })).toMatchObject({
      costUsd: '0.00001452',
      costStatus: 'exact',
      costReason: null,
    })
    const discounts = [{ provider: 'azure', model: 'gpt-4.1-mini*', discountPercent: 10 }]
    expect(priceOf('azure', chat, { ...call, overrides: discounts }).costStatus).toBe('estimated')
  })

  test('an answer that names no model has no price', () => {
    expect(priceOf('azure', chat, { ...call, model: null })).toMatchObject({
      costUsd: null,
      costReason: 'no_model',
    })
  })
})

describe('Vertex AI', () => {
  const at = (location: string, model: string) =>
    `/v1/projects/p/locations/${location}/publishers/anthropic/models/${model}:rawPredict`
  const usage = { inputTokens: 1_000, outputTokens: 100 }
  const sonnet = { model: 'claude-sonnet-4-5-20250929', usage }

  test('Claude at the global endpoint has the book’s rates', () => {
    // 1000 × $3 + 100 × $15 per million.
    expect(priceOf('vertex', at('global', 'claude-sonnet-4-5@20250929'), sonnet)).toMatchObject({
      costUsd: '0.0045',
      costStatus: 'exact',
    })
  })

  test.each(['us-east5', 'eu'])('Claude at %s costs a tenth more', (location) => {
    expect(priceOf('vertex', at(location, 'claude-sonnet-4-5@20250929'), sonnet)).toMatchObject({
      costUsd: '0.00495',
      costStatus: 'exact',
    })
    const cached = { ...sonnet, usage: { ...usage, cachedInputTokens: 500 } }
    expect(priceOf('vertex', at(location, 'claude-sonnet-4-5@20250929'), cached)).toMatchObject({
      costStatus: 'estimated',
      costReason: 'unreported_cache_rate',
    })
  })

  test.each(['claude-opus-4-1@20250805', 'claude-sonnet-4@20250514', 'claude-3-5-haiku@20241022'])(
    '%s costs the same everywhere',
    (model) => {
      const call = { model, usage }
      const [regional, global] = ['us-east5', 'global'].map((location) =>
        priceOf('vertex', at(location, model), call),
      )
      expect(global?.costUsd).not.toBeNull()
      expect(regional?.costUsd).toBe(global?.costUsd)
    },
  )

  const generate = (location: string) =>
    `/v1/projects/p/locations/${location}/publishers/google/models/gemini-2.5-flash:generateContent`
  const gemini = { model: 'gemini-2.5-flash', usage }

  test('Gemini is priced exactly at the global endpoint alone', () => {
    // 1000 × $0.30 + 100 × $2.50 per million.
    const price = { costUsd: '0.00055' }
    expect(priceOf('vertex', generate('global'), gemini)).toMatchObject({
      ...price,
      costStatus: 'exact',
    })
    expect(priceOf('vertex', generate('europe-west4'), gemini)).toMatchObject({
      ...price,
      costStatus: 'estimated',
      costReason: 'unknown_term',
    })
  })

  test('flex is half the price, and capacity that was bought before is no price of tokens', () => {
    const paidBy = (traffic: string) =>
      priceOf('vertex', generate('global'), { ...gemini, terms: [`trafficType:${traffic}`] })
    expect(paidBy('ON_DEMAND_FLEX')).toMatchObject({ costUsd: '0.000275', costStatus: 'exact' })
    expect(paidBy('ON_DEMAND_PRIORITY')).toMatchObject({
      costStatus: 'estimated',
      costReason: 'unknown_term',
    })
    expect(paidBy('PROVISIONED_THROUGHPUT')).toMatchObject({
      costUsd: '0.00055',
      costStatus: 'estimated',
      costReason: 'provisioned_throughput',
    })
  })
})
