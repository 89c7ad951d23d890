import type { ProviderPrices } from '../provider-prices.ts'

/** A provider that does not exist has no prices of its own: those of one in the book. */
export const prices: ProviderPrices = {
  bookId: 'mistral',
  multipliers: [],
  sharedRates: [],
  fees: [],
  alwaysSearching: null,
}
