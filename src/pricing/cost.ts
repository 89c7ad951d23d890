import { type BilledCall, type BilledShare, type CallPrice, NO_PARTS } from '../evidence/bill.ts'
import type { Provider } from '../evidence/evidence.ts'
import type { TokenUsage, UsageSource } from '../evidence/usage.ts'
import type { ProviderDefinition } from '../providers/provider.ts'
import { bookPrices, type ProviderPrices } from '../providers/provider-prices.ts'
import { definitionNamed } from '../providers/registry.ts'
import { certaintyOf, type ShareBasis } from './certainty.ts'
import { componentsCost, usedFees } from './components.ts'
import { feeDoubt, withFees } from './fees.ts'
import { factorText, multiplierOf } from './multipliers.ts'
import { createContracts, type PriceOverride } from './overrides.ts'
import { createPriceBook, type PriceBook, type PriceRow } from './price-book.ts'
import type { CostReason, EstimateReason, UnpricedReason } from './reasons.ts'
import { attodollarsOf, usdText } from './usd.ts'

export interface CallToPrice {
  /** Organisation, for what its contract says; null for list prices. Default null. */
  readonly org?: string | null
  readonly provider: Provider
  readonly model: string | null
  readonly usage: TokenUsage
  readonly usageSource: UsageSource
  readonly serviceTier: string | null
  readonly billed?: BilledCall
  /** False where the call cannot be on the bill; it then has no cost. Default true. */
  readonly billable?: boolean
  /** The rates of this time are used. */
  readonly atMs: number
}

/** A price whose reason is one of the list. */
export interface ReasonedPrice extends CallPrice {
  readonly costReason: CostReason | null
}

export type PriceCall = (call: CallToPrice) => ReasonedPrice

/** Rates as a record names them. */
export interface RatesInUse extends Pick<PriceRow, 'version' | 'rates'> {
  readonly provider: Provider
  readonly model: string
  /** What was multiplied on top, e.g. `tier:flex=1/2`. */
  readonly terms: readonly string[]
}

export interface PricingOptions {
  readonly book: PriceBook
  /** Default: the definitions that Flint ships. */
  readonly providers?: {
    ofRecord(name: unknown): Pick<ProviderDefinition, 'prices'> | undefined
  }
  readonly overrides?: readonly PriceOverride[]
  /** Called for every price that is made: who keeps the rates checks whether they are new. */
  readonly onRates?: (rates: RatesInUse) => void
}

/** Tiers at the book's rates. */
const USUAL_TIERS = ['default', 'standard', 'on_demand']
const STORAGE = 'cache_storage'
/** As a price version. */
const REPORTED = 'reported'
const UNKNOWN_ENDPOINT = 'unknown_endpoint'
/** Of a provider that is not configured here. */
const NO_PRICES = bookPrices(null)
const PROVISIONED = 'trafficType:PROVISIONED_THROUGHPUT'
/** Terms that a contract with rates of its own knows, whatever no call shows. */
const KNOWN_TO_CONTRACTS = /^deployment_type:/
const NOTHING: ReasonedPrice = {
  costUsd: null,
  costStatus: null,
  priceVersion: null,
  costReason: null,
}

/** Prices calls: contract, else the book, times what tier and terms make of it. */
export function createPriceCall({
  book,
  providers = { ofRecord: definitionNamed },
  overrides = [],
  onRates = () => {},
}: PricingOptions): PriceCall {
  const contractOf = createContracts(overrides)

  return ({
    org = null,
    provider,
    model,
    usage,
    usageSource,
    serviceTier,
    billed,
    billable = true,
    atMs,
  }) => {
    if (!billable) return NOTHING
    if (usageSource === 'none') return unpriced('no_usage')
    if (billed?.terms.includes(STORAGE)) return unpriced('storage_not_metered')
    const prices = providers.ofRecord(provider)?.prices ?? NO_PRICES
    const reported = billed?.reportedCostUsd
    // A contract knows better what is paid; a list of prices does not.
    const isAgreed =
      model !== null && contractOf({ org, provider, model, serviceTier, atMs }) !== null
    if (reported !== undefined && !isAgreed) return asReported(reported)
    const shares = sharesOf(model, usage, billed)
    const versions = new Set<string>()
    const bases: ShareBasis[] = []
    let attodollars = 0n
    for (const { model: name, usage: shared, counts, callSizes } of shares) {
      if (name === null) return unpriced('no_model')
      const contract = contractOf({ org, provider, model: name, serviceTier, atMs })
      const listed = book.find(prices, name, atMs)
      const row = contract === null ? listed : contract.rates(listed)
      if (row === null) return unpriced('unknown_model')
      const used = usedFees(counts)
      const { rates, names: feeNames } = withFees(prices, name, row.rates, used)
      const cost = componentsCost({
        prices,
        model: name,
        rates,
        usage: shared,
        parts: counts,
        callSizes,
      })
      if (typeof cost === 'string') return unpriced(cost)
      const terms = termsOf(
        contract?.includesTier === true ? null : serviceTier,
        (billed?.terms ?? []).filter(
          (term) => contract?.hasOwnRates !== true || !KNOWN_TO_CONTRACTS.test(term),
        ),
      )
      const applied = applyTerms(prices, name, shared, terms)
      attodollars += (cost.tokens * applied.times) / applied.over + cost.fees
      const doubt = feeDoubt(prices, name, used)
      bases.push({
        ...cost.basis,
        isOwnRow: row.isOwn,
        unappliedTerm: applied.reason,
        feeDoubts: [
          ...(cost.feesWithoutRate.length > 0 ? ['unpriced_fee' as const] : []),
          ...(doubt === null ? [] : [doubt]),
        ],
      })
      const names = [...applied.names, ...feeNames]
      const version = names.length === 0 ? row.version : [row.version, ...names].join('*')
      versions.add(version)
      onRates({ version, rates, provider, model: name, terms: names })
    }
    const { unreadUsage = [], uncountedFees = [] } = billed ?? {}
    const certainty = certaintyOf({ usageSource, unreadUsage, uncountedFees, shares: bases })
    return { costUsd: usdText(attodollars), priceVersion: [...versions].join('+'), ...certainty }
  }
}

/** The shares of a call that are priced one by one, each with all that it is billed for. */
function sharesOf(model: string | null, usage: TokenUsage, billed: BilledCall | undefined) {
  const whole: BilledShare = {
    model,
    usage,
    ...(billed?.callSizes ? { callSizes: billed.callSizes } : {}),
  }
  const shares: readonly BilledShare[] = billed && billed.parts.length > 0 ? billed.parts : [whole]
  return shares.map(({ audioSeconds, counts, callSizes = null, ...share }, index) => {
    // What is counted once for the call goes with its first share: the message itself.
    const counted = counts === undefined && index === 0 ? billed : counts
    return {
      ...share,
      callSizes,
      counts: { ...NO_PARTS, ...counted, ...(audioSeconds === undefined ? {} : { audioSeconds }) },
    }
  })
}

/**
 * List prices of the bundled book: constant data, and what is remembered of it is no state of
 * anyone's.
 */
export const priceCall: PriceCall = createPriceCall({ book: createPriceBook() })

/** What the provider itself says that it charges. */
function asReported(usd: number): ReasonedPrice {
  return {
    costUsd: usdText(attodollarsOf(usd)),
    costStatus: 'exact',
    priceVersion: REPORTED,
    costReason: null,
  }
}

function unpriced(reason: UnpricedReason): ReasonedPrice {
  return { costUsd: null, costStatus: 'unpriced', priceVersion: null, costReason: reason }
}

function termsOf(serviceTier: string | null, terms: readonly string[]): readonly string[] {
  const tier = serviceTier?.toLowerCase() ?? null
  return tier === null || USUAL_TIERS.includes(tier) ? terms : [`tier:${tier}`, ...terms]
}

interface Applied {
  readonly times: bigint
  readonly over: bigint
  readonly reason: EstimateReason | null
  readonly names: readonly string[]
}

const NOT_APPLIED: Applied = { times: 1n, over: 1n, reason: null, names: [] }

/** Why a term without a row leaves the cost an estimate. */
function reasonOf(term: string): EstimateReason {
  if (term === UNKNOWN_ENDPOINT) return 'unknown_endpoint'
  if (term === PROVISIONED) return 'provisioned_throughput'
  return term.startsWith('tier:') ? 'unknown_tier' : 'unknown_term'
}

/**
 * One factor of all terms; those that no one has a row for leave the rates as they are, and say so.
 */
function applyTerms(
  prices: ProviderPrices,
  model: string,
  usage: TokenUsage,
  terms: readonly string[],
): Applied {
  if (terms.length === 0) return NOT_APPLIED
  let times = 1n
  let over = 1n
  let reason: EstimateReason | null = null
  const names: string[] = []
  for (const term of terms) {
    const multiplier = multiplierOf(prices, model, term)
    if (multiplier === null) {
      reason ??= reasonOf(term)
      continue
    }
    const { factor, cachedUnreported } = multiplier
    if (cachedUnreported && (usage.cachedInputTokens ?? 0) > 0) reason ??= 'unreported_cache_rate'
    times *= factor.times
    over *= factor.over
    names.push(factorText(term, factor))
  }
  return { times, over, reason, names }
}
