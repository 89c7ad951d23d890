import { type BilledCall, NO_PARTS } from '../evidence/bill.ts'
import type { TokenUsage } from '../evidence/usage.ts'
import { bookPrices } from '../providers/provider-prices.ts'
import { componentsCost } from './components.ts'
import { type BookPrice, type Rate, rateOf } from './rate.ts'
import { usdText } from './usd.ts'

/** A part of a price: units of one kind at one rate. */
export interface PriceComponent {
  /** `input`, `cache_read`, `web_searches`, …: the key of the rate without its unit. */
  readonly bucket: string
  /** Tokens, or of a fee the calls of the tool. */
  readonly tokens: number
  /** Dollars as decimal text, tier and terms applied; of a fee for a million calls. */
  readonly usdPerMillion: string
  readonly usd: string
}

interface PricedRecord {
  readonly usage: TokenUsage
  readonly billed: BilledCall
  /** As the table `prices` has them: JSON, and what the tokens were multiplied by. */
  readonly rates: string
  readonly terms: readonly string[]
  /** What the record says that it costs. */
  readonly costUsd: string
}

/** Of the rates alone: which of them exist, nothing of their certainty. */
const ANY_PROVIDER = bookPrices(null)

/**
 * The price of a record taken apart. Null where its parts cannot be made again: it is the sum of
 * shares with rates of their own, or the parts do not add up to what the record says.
 */
export function priceComponents(record: PricedRecord): readonly PriceComponent[] | null {
  const { usage, billed, terms, costUsd } = record
  if (billed.parts.length > 0) return null
  const rates = parsedRates(record.rates)
  const factor = factorOf(terms)
  if (rates === null || factor === null) return null
  const cost = componentsCost({
    prices: ANY_PROVIDER,
    model: '',
    rates,
    usage,
    parts: { ...NO_PARTS, ...billed },
    callSizes: billed.callSizes,
  })
  if (typeof cost === 'string') return null
  const { times, over } = factor
  const sum = (cost.tokens * times) / over + cost.fees
  if (cost.priced.length === 0 || usdText(sum) !== plain(costUsd)) return null
  return cost.priced.map(({ key, units, price, isFee }) => {
    const applied = (amount: bigint) => (isFee ? amount : (amount * times) / over)
    return {
      bucket: key.replace(/_(mtok|kcount)$/, ''),
      tokens: units,
      usdPerMillion: usdText(applied(price * 1_000_000n)),
      usd: usdText(applied(price * BigInt(units))),
    }
  })
}

/** Tiers and terms, of which `tier:flex=1/2` multiplies; fees (`web_searches_kcount=10`) do not. */
function factorOf(terms: readonly string[]): { times: bigint; over: bigint } | null {
  let times = 1n
  let over = 1n
  for (const term of terms) {
    if (/^\w+_kcount=/.test(term)) continue
    const [, above, below = '1'] = /=(\d{1,9})(?:\/(\d{1,9}))?$/.exec(term) ?? []
    if (above === undefined || BigInt(below) === 0n) return null
    times *= BigInt(above)
    over *= BigInt(below)
  }
  return { times, over }
}

function parsedRates(json: string): ReadonlyMap<string, Rate> | null {
  try {
    const rates: unknown = JSON.parse(json)
    if (typeof rates !== 'object' || rates === null) return null
    return new Map(Object.entries(rates).map(([key, rate]) => [key, rateOf(key, bookPrice(rate))]))
  } catch {
    return null
  }
}

/** Rates are kept as text, as `rateText` of rate.ts writes them. */
function bookPrice(rate: unknown): BookPrice {
  if (typeof rate !== 'object' || rate === null) return Number(rate)
  const { base, tiers }: { base?: unknown; tiers?: unknown } = rate
  const steps: readonly { start?: unknown; price?: unknown }[] = Array.isArray(tiers) ? tiers : []
  return {
    base: Number(base),
    tiers: steps.map(({ start, price }) => ({ start: Number(start), price: Number(price) })),
  }
}

/** Decimals of the store and of this code may differ in trailing zeros. */
function plain(cost: string): string {
  return cost.includes('.') ? cost.replace(/0{1,12}$/, '').replace(/\.$/, '') : cost
}
