import type { Factor, Multiplier, ProviderPrices } from '../providers/provider-prices.ts'

/**
 * What the term does to the rates of a model; null where no source says. Terms that the price book
 * has no rates for stand in each provider's `prices.ts` (long context is in the book itself). A
 * term without a row leaves the cost estimated: at the usual rates, with the reason. Only tokens
 * are multiplied, not fees of tools.
 */
export function multiplierOf(
  prices: ProviderPrices,
  model: string,
  term: string,
): Pick<Multiplier, 'factor' | 'cachedUnreported'> | null {
  return (
    prices.multipliers.find(
      (row) => row.term === term && (row.models === null || row.models.test(model)),
    ) ?? null
  )
}

/** How a price version names what was applied: `tier:flex=1/2`. */
export function factorText(term: string, { times, over }: Factor): string {
  return over === 1n ? `${term}=${times}` : `${term}=${times}/${over}`
}
