import type { ProviderPrices } from '../providers/provider-prices.ts'

/**
 * Whether the rate of the whole is surely the rate of this part as well, where the part has none of
 * its own.
 */
export function isSharedRate(prices: ProviderPrices, model: string, key: string): boolean {
  return prices.sharedRates.some(
    ({ keys, models, except }) => keys.includes(key) && models.test(model) && !except?.test(model),
  )
}
