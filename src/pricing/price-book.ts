import { createHash } from 'node:crypto'
import { calcPrice, type ModelInfo, type ModelPrice } from '@pydantic/genai-prices'
import type { Provider } from '../evidence/evidence.ts'
import { type Rate, rateOf } from './rate.ts'

/** The rates of one model at one time. */
export interface PriceRow {
  /** Source, its version and a short SHA-256 of the row: equal versions mean equal rates. */
  readonly version: string
  readonly rates: ReadonlyMap<string, Rate>
}

export interface PriceBook {
  /** Null where the book does not know the model. */
  find(provider: Provider, model: string, atMs: number): PriceRow | null
}

/** The data comes with the package and is never fetched, so a price can be told again years later. */
const SOURCE = 'genai-prices@0.1.8'
const SOURCE_IDS: Readonly<Record<Provider, string>> = { openai: 'openai', anthropic: 'anthropic', gemini: 'google' }
/** Names come from callers, so their number has no bound of its own. */
const MAX_REMEMBERED = 1_000

/** When the rates of a model change, and those found so far for the times between. */
interface KnownModel {
  /** Null where they change by time of day: looked up for each call. */
  readonly changesAtMs: readonly number[] | null
  readonly rows: Map<number, PriceRow>
}

/** The bundled price book. Finding a row takes the library about 0.1 ms, so rows are remembered, as are names it does not know. */
export function createPriceBook(): PriceBook {
  const known = new Map<string, KnownModel | null>()

  return {
    find(provider, model, atMs) {
      const name = `${provider} ${model}`
      let found = known.get(name)
      if (found === undefined) {
        const info = lookUp(provider, model, atMs)?.model
        found = info === undefined ? null : { changesAtMs: changesOf(info), rows: new Map() }
        if (known.size >= MAX_REMEMBERED) for (const eldest of known.keys()) if (known.delete(eldest)) break
        known.set(name, found)
      }
      if (found === null) return null
      const { changesAtMs, rows } = found
      const period = changesAtMs?.filter((changeMs) => changeMs <= atMs).length
      const remembered = period === undefined ? undefined : rows.get(period)
      if (remembered) return remembered
      const prices = lookUp(provider, model, atMs)?.model_price
      if (prices === undefined) return null
      const row = createRow(prices)
      if (period !== undefined) rows.set(period, row)
      return row
    },
  }
}

/** Without usage, the library only resolves the model and its rates for the time. */
function lookUp(provider: Provider, model: string, atMs: number) {
  return calcPrice({}, model, { providerId: SOURCE_IDS[provider], timestamp: new Date(atMs) })
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

function createRow(prices: ModelPrice): PriceRow {
  const rates = new Map<string, Rate>()
  for (const [key, price] of Object.entries(prices)) if (price !== undefined) rates.set(key, rateOf(key, price))
  const hash = createHash('sha256').update(JSON.stringify(prices)).digest('hex').slice(0, 12)
  return { version: `${SOURCE}/${hash}`, rates }
}
