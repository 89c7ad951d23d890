import type { Logger } from 'pino'
import type { Installation } from '../installation.ts'
import { createPriceCall, type PriceCall } from '../pricing/cost.ts'
import { type PriceBookOrigin, watchPriceBook } from '../pricing/price-files.ts'
import { createRatesOutbox, waitingRates } from '../pricing/rates-outbox.ts'
import { errorName } from '../process/error-name.ts'
import type { StoreClient } from '../store/client/client.ts'
import { insertPriceRates } from '../store/evidence/price-rates.ts'

/** How this process prices: the book in use, contracts, and the rates left for delivery. */
export function openPricing(
  { config, paths, providers }: Installation,
  log: Logger,
): {
  readonly price: PriceCall
  bookInUse(): PriceBookOrigin
  close(): void
} {
  const book = watchPriceBook(paths.prices, (error) =>
    log.warn({ error: errorName(error) }, 'the price book that was brought cannot be read'),
  )
  const price = createPriceCall({
    book,
    providers,
    overrides: config.pricing.overrides,
    onRates: createRatesOutbox(paths.ratesOutbox),
  })
  return { price, bookInUse: book.inUse, close: book.close }
}

export async function deliverRates(outbox: string, store: StoreClient): Promise<void> {
  const waiting = waitingRates(outbox)
  await insertPriceRates(store, waiting.rows)
  waiting.taken()
}
