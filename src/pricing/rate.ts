import type { TieredPrices } from '@pydantic/genai-prices'
import Big from 'big.js'

/** A price per unit in attodollars (1e-18 USD), a scale at which every price of the book is whole. */
export interface Rate {
  readonly base: bigint
  /** The price that holds for the whole call once its input is over `start` tokens; ascending. */
  readonly tiers: readonly { readonly start: number; readonly price: bigint }[]
}

const ATTO = new Big('1e18')

/** The rate of a price as the book writes it; what one unit is, is in the key's ending. */
export function rateOf(key: string, price: number | TieredPrices): Rate {
  const units = key.endsWith('_mtok') ? 1e6 : key.endsWith('_kcount') ? 1e3 : key.endsWith('_hours') ? 3_600 : 1
  const perUnit = (amount: number) => BigInt(new Big(amount).times(ATTO).div(units).toFixed(0))
  if (typeof price === 'number') return { base: perUnit(price), tiers: [] }
  const tiers = price.tiers.map((tier) => ({ start: tier.start, price: perUnit(tier.price) })).sort((a, b) => a.start - b.start)
  return { base: perUnit(price.base), tiers }
}

/** The price per unit for a call with this much input. */
export function priceAt(rate: Rate, inputTokens: number): bigint {
  let price = rate.base
  for (const tier of rate.tiers) if (inputTokens > tier.start) price = tier.price
  return price
}
