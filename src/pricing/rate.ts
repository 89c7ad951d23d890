import Big from 'big.js'

/**
 * A price per unit in attodollars (1e-18 USD), a scale at which every price of the book is whole.
 */
export interface Rate {
  readonly base: bigint
  /** The price that holds for the whole call once its input is over `start` tokens; ascending. */
  readonly tiers: readonly { readonly start: number; readonly price: bigint }[]
}

/** A price as a book writes it: dollars per unit, or per unit by the size of the call. */
export type BookPrice =
  | number
  | {
      readonly base: number
      readonly tiers: readonly { readonly start: number; readonly price: number }[]
    }

const ATTO = new Big('1e18')

/** The rate of a price as the book writes it; what one unit is, is in the key's ending. */
export function rateOf(key: string, price: BookPrice): Rate {
  const units = unitsOf(key)
  const perUnit = (amount: number) => BigInt(new Big(amount).times(ATTO).div(units).toFixed(0))
  if (typeof price === 'number') return { base: perUnit(price), tiers: [] }
  const tiers = price.tiers
    .map((tier) => ({ start: tier.start, price: perUnit(tier.price) }))
    .sort((a, b) => a.start - b.start)
  return { base: perUnit(price.base), tiers }
}

/** The price per unit for a call with this much input. */
export function priceAt(rate: Rate, inputTokens: number): bigint {
  let price = rate.base
  for (const tier of rate.tiers) if (inputTokens > tier.start) price = tier.price
  return price
}

/** The rate as a book would write it, in exact decimal text. */
export function rateText(key: string, { base, tiers }: Rate): unknown {
  const perBookUnit = (price: bigint) =>
    new Big(price.toString()).times(unitsOf(key)).div(ATTO).toFixed()
  if (tiers.length === 0) return perBookUnit(base)
  return {
    base: perBookUnit(base),
    tiers: tiers.map(({ start, price }) => ({ start, price: perBookUnit(price) })),
  }
}

/** What a book's price is per: a million tokens, a thousand calls, an hour of seconds. */
function unitsOf(key: string): number {
  return key.endsWith('_mtok')
    ? 1e6
    : key.endsWith('_kcount')
      ? 1e3
      : key.endsWith('_hours')
        ? 3_600
        : 1
}
