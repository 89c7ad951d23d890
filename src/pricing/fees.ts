import type { Fee, ProviderPrices } from '../providers/provider-prices.ts'
import { type Rate, rateOf } from './rate.ts'

/**
 * Rates with those of the fees that the book lacks, and what of them was added
 * (`web_searches_kcount=14`).
 */
export function withFees(
  prices: ProviderPrices,
  model: string,
  rates: ReadonlyMap<string, Rate>,
  used: readonly string[],
) {
  if (used.length === 0) return { rates, names: [] }
  const added = prices.fees.flatMap(({ key, usdPerThousand, models }) =>
    models.test(model) && used.includes(key) && !rates.has(key) && usdPerThousand !== null
      ? [{ key, usdPerThousand }]
      : [],
  )
  if (added.length === 0) return { rates, names: [] }
  return {
    rates: new Map([
      ...rates,
      ...added.map(({ key, usdPerThousand }) => [key, rateOf(key, usdPerThousand)] as const),
    ]),
    names: added.map(({ key, usdPerThousand }) => `${key}=${usdPerThousand}`),
  }
}

/** Why a fee of a call is not sure; null where all that were used are. */
export function feeDoubt(
  prices: ProviderPrices,
  model: string,
  used: readonly string[],
): Fee['doubt'] {
  const { fees, alwaysSearching } = prices
  if (alwaysSearching?.test(model) === true) return 'unpriced_fee'
  const doubtful = fees.find(
    (of) => of.doubt !== null && used.includes(of.key) && of.models.test(model),
  )
  return doubtful?.doubt ?? null
}
