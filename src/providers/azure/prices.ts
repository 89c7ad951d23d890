import type { Fee, Multiplier, ProviderPrices } from '../provider-prices.ts'

const BATCH = 'https://learn.microsoft.com/azure/ai-foundry/openai/how-to/batch'
const PRICING = 'https://azure.microsoft.com/pricing/details/cognitive-services/openai-service/'

/**
 * What a deployment is (global, data zone or regional, by the token or by provisioned units)
 * decides the rate of its tokens, and no call says it. The book has the rates of global deployments; with
 * this term every cost at them is an estimate (docs/accuracy.md).
 */
export const DEPLOYMENT_TERM = 'deployment_type:unreported'

/** "Global Batch … at 50% less cost than global standard". */
const multipliers: readonly Multiplier[] = [
  {
    term: 'tier:batch',
    models: null,
    factor: { times: 1n, over: 2n },
    source: BATCH,
    date: '2026-11-30',
    cachedUnreported: true,
  },
]

/** Azure grounds with Bing and has fees of its own; those of the book are OpenAI's. */
const fees: readonly Fee[] = ['web_searches_kcount', 'storage_searches_kcount'].map((key) => ({
  models: /./,
  key,
  usdPerThousand: null,
  doubt: 'unpriced_fee',
  source: PRICING,
  date: '2026-11-30',
}))

/** The book's rows are those of `azure`, and where it has none those of the model's own maker. */
export const prices: ProviderPrices = {
  bookId: 'azure',
  multipliers,
  sharedRates: [],
  fees,
  alwaysSearching: null,
}
