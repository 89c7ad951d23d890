import { describe, expect, test } from 'vitest'
import { NOTHING_BILLED } from '../evidence/bill.ts'
import type { Provider } from '../evidence/evidence.ts'
import { NO_USAGE, type TokenUsage } from '../evidence/usage.ts'
import { definitionOf } from '../providers/registry.ts'
import { type CallToPrice, createPriceCall, type PriceCall, priceCall } from './cost.ts'
import { createPriceBook } from './price-book.ts'

/** The same models at the hosts of others, whose rates depend on more than the model. */

/** A call of the endpoint, under the terms that its path alone names. */
function priceOf(
  provider: Provider,
  endpoint: string,
  {
    price = priceCall,
    terms = [],
    usage,
    ...call
  }: Partial<Omit<CallToPrice, 'usage'>> & {
    readonly model: string | null
    readonly usage: Partial<TokenUsage>
    readonly price?: PriceCall
    readonly terms?: readonly string[]
  },
) {
  const named = definitionOf(provider).billedTerms?.(endpoint) ?? []
  return price({
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
    const price = createPriceCall({ book: createPriceBook(), overrides })
    expect(priceOf('azure', chat, { ...call, price })).toMatchObject({
      costUsd: '0.00001452',
      costStatus: 'exact',
      costReason: null,
    })
    const discount = [{ provider: 'azure', model: 'gpt-4.1-mini*', discountPercent: 10 }]
    const discounted = createPriceCall({ book: createPriceBook(), overrides: discount })
    expect(priceOf('azure', chat, { ...call, price: discounted }).costStatus).toBe('estimated')
  })

  test('an answer that names no model has no price', () => {
    expect(priceOf('azure', chat, { ...call, model: null })).toMatchObject({
      costUsd: null,
      costReason: 'no_model',
    })
  })
})
