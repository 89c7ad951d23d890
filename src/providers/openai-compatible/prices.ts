import { bookPrices } from '../provider-prices.ts'

/** Of a host that is not known by its name: `prices` of its setting says whose rates hold. */
export const prices = bookPrices(null)
