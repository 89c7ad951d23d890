import type { Provider } from '../evidence/evidence.ts'
import type { CostStatus, TokenUsage, UsageSource } from '../evidence/usage.ts'
import { type BilledParts, componentsCost } from './components.ts'
import { createPriceBook, type PriceBook } from './price-book.ts'
import { usdText } from './usd.ts'

/** What is on the bill besides the token buckets; `parts`, where there are any, make up the usage and are priced one by one. */
export interface BilledCall extends BilledParts {
  readonly parts: readonly { readonly model: string | null; readonly usage: TokenUsage }[]
  /** Terms that change the rates in a way the book does not know. */
  readonly terms: readonly string[]
}

export interface CallToPrice {
  readonly provider: Provider
  readonly endpoint: string
  readonly model: string | null
  readonly usage: TokenUsage
  readonly usageSource: UsageSource
  readonly serviceTier: string | null
  readonly billed?: BilledCall
  /** False where the call cannot be on the bill; without usage it then has no cost status. Default true. */
  readonly billable?: boolean
  /** The rates of this time are used. */
  readonly atMs: number
}

export interface CallPrice {
  /** Decimal text, up to 12 places; null when the price is unknown. */
  readonly costUsd: string | null
  /** Null when there is nothing to price. */
  readonly costStatus: CostStatus | null
  readonly priceVersion: string | null
}

/** Tiers at the book's rates; batch, flex, priority and scale have others, and what `auto` became is not known. */
const USUAL_TIERS = ['default', 'standard', 'on_demand']
const NO_PARTS: BilledParts = {
  webSearches: null,
  imageInputTokens: null,
  imageOutputTokens: null,
  videoInputTokens: null,
  videoOutputTokens: null,
  cachedAudioInputTokens: null,
  cachedImageInputTokens: null,
  audioSeconds: null,
}
const NOTHING: CallPrice = { costUsd: null, costStatus: null, priceVersion: null }
const UNPRICED: CallPrice = { costUsd: null, costStatus: 'unpriced', priceVersion: null }

/** Prices calls by the given book. */
export function createPriceCall(book: PriceBook): (call: CallToPrice) => CallPrice {
  return (call) => {
    const { provider, model, usage, usageSource, serviceTier, billed, billable = true, atMs } = call
    if (!billable) return NOTHING
    if (usageSource === 'none') return UNPRICED
    const shares = billed && billed.parts.length > 0 ? billed.parts : [{ model, usage }]
    const versions = new Set<string>()
    let attodollars = 0n
    let exact = usageSource === 'provider' && isUsualTier(serviceTier) && (billed?.terms.length ?? 0) === 0
    for (const [index, share] of shares.entries()) {
      const row = share.model === null ? null : book.find(provider, share.model, atMs)
      // What is counted once for the call goes with its first share: the message itself.
      const cost = row && componentsCost(row.rates, share.usage, index === 0 && billed ? billed : NO_PARTS)
      if (!cost) return UNPRICED
      attodollars += cost.attodollars
      exact &&= cost.exact
      versions.add(row.version)
    }
    return { costUsd: usdText(attodollars), costStatus: exact ? 'exact' : 'estimated', priceVersion: [...versions].join('+') }
  }
}

/** Prices a call by the bundled book. The book is constant data, and what it remembers of it is no state of anyone's. */
export const priceCall = createPriceCall(createPriceBook())

function isUsualTier(tier: string | null): boolean {
  return tier === null || USUAL_TIERS.includes(tier.toLowerCase())
}
