import { createHash } from 'node:crypto'
import { type Provider as BookProvider, calcPrice, type ModelInfo } from '@pydantic/genai-prices'
import { BoundedMap } from '../bounded-map.ts'
import type { ProviderPrices } from '../providers/provider-prices.ts'
import { isOwnRow } from './model-name.ts'
import { type BookPrice, type Rate, rateOf } from './rate.ts'

/** The rates of one model at one time. */
export interface PriceRow {
  /** Source, its version and a short SHA-256 of the row: equal versions mean equal rates. */
  readonly version: string
  readonly rates: ReadonlyMap<string, Rate>
  /**
   * False where the book found the row by the beginning of the name only: the rates are those of a
   * similar model.
   */
  readonly isOwn: boolean
}

/** Where the book has a provider's rates, and what it calls its models. */
type BookEntry = Pick<ProviderPrices, 'bookId' | 'sameModel'>

export interface PriceBook {
  /** Null where the book does not know the model. */
  find(prices: BookEntry, model: string, atMs: number): PriceRow | null
}

/** Prices that came in a file, in the place of the bundled ones. */
export interface PriceData {
  /** Names the source and its version, e.g. `genai-prices-file@3fa1c2d4e5f6`. */
  readonly source: string
  readonly providers: readonly BookProvider[]
}

/**
 * The data comes with the package and is never fetched, so a price can be computed again years
 * later.
 */
export const BUNDLED_SOURCE = 'genai-prices@0.1.8'
/** When the bundled data was published. */
export const BUNDLED_DATE = '2026-09-23'
type BookPrices = Readonly<Record<string, BookPrice | undefined>>
/** Tokens over which OpenAI's long-context rates hold. */
const LONG_FROM = 272_000
/** Names come from callers, so their number has no bound of its own. */
const MAX_REMEMBERED = 1_000

/** When the rates of a model change, and those found so far for the times between. */
interface KnownModel {
  /** Null where they change by time of day: looked up for each call. */
  readonly changesAtMs: readonly number[] | null
  readonly isOwn: boolean
  readonly rows: Map<number, PriceRow>
}

/**
 * A price book. Finding a row takes the library about 0.1 ms, so rows are remembered, as are names
 * it does not know.
 */
export function createPriceBook(data: PriceData | null = null): PriceBook {
  const known = new BoundedMap<string, KnownModel | null>(MAX_REMEMBERED)
  const source = data?.source ?? BUNDLED_SOURCE

  /** Without usage, the library only resolves the model and its rates for the time. */
  const lookUp = (bookId: string, model: string, atMs: number) => {
    const at = { timestamp: new Date(atMs) }
    if (data === null) return calcPrice({}, model, { ...at, providerId: bookId })
    const entry = data.providers.find(({ id }) => id === bookId)
    return entry === undefined ? null : calcPrice({}, model, { ...at, provider: entry })
  }

  return {
    find(prices, model, atMs) {
      const { bookId } = prices
      if (bookId === null) return null
      const name = `${bookId} ${model}`
      let found = known.get(name)
      if (found === undefined) {
        const info = lookUp(bookId, model, atMs)?.model
        found =
          info === undefined
            ? null
            : { changesAtMs: changesOf(info), isOwn: isOwn(prices, model, info), rows: new Map() }
        known.set(name, found)
      }
      if (found === null) return null
      const { changesAtMs, rows } = found
      const period = changesAtMs?.filter((changeMs) => changeMs <= atMs).length
      const remembered = period === undefined ? undefined : rows.get(period)
      if (remembered) return remembered
      const listed = lookUp(bookId, model, atMs)?.model_price
      if (listed === undefined) return null
      const row = createRow(source, listed, found.isOwn)
      if (period !== undefined) rows.set(period, row)
      return row
    },
  }
}

function isOwn({ sameModel }: BookEntry, model: string, info: ModelInfo): boolean {
  const others = sameModel?.(model) ?? []
  return [model, ...others].some((name) => isOwnRow(name, info))
}

function changesOf(model: ModelInfo): readonly number[] | null {
  if (!Array.isArray(model.prices)) return []
  const changesAtMs: number[] = []
  for (const { constraint } of model.prices) {
    if (constraint?.type === 'time_of_date') return null
    if (constraint) changesAtMs.push(Date.parse(constraint.start_date))
  }
  return changesAtMs
}

function createRow(source: string, listed: BookPrices, isOwn: boolean): PriceRow {
  const prices = corrected(listed)
  const rates = new Map<string, Rate>()
  for (const [key, price] of Object.entries(prices))
    if (price !== undefined) rates.set(key, rateOf(key, price))
  const hash = createHash('sha256').update(JSON.stringify(prices)).digest('hex').slice(0, 12)
  return { version: `${source}/${hash}`, rates, isOwn }
}

/**
 * OpenAI's long-context rates are for "prompts with >272K input tokens"; the book has them from
 * exactly 272,000 on in some rows (https://developers.openai.com/api/docs/pricing).
 */
function corrected(prices: BookPrices): BookPrices {
  return Object.fromEntries(
    Object.entries(prices).map(([key, price]) => {
      if (typeof price !== 'object') return [key, price]
      const tiers = price.tiers.map((tier) =>
        tier.start === LONG_FROM - 1 ? { ...tier, start: LONG_FROM } : tier,
      )
      return [key, { ...price, tiers }]
    }),
  )
}
