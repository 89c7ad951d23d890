import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import type { Provider as ProviderPrices } from '@pydantic/genai-prices'
import { PROVIDER_DEFINITIONS } from '../providers/registry.ts'
import { replaceFile } from '../replace-file.ts'
import {
  BUNDLED_DATE,
  BUNDLED_SOURCE,
  createPriceBook,
  type PriceBook,
  type PriceData,
} from './price-book.ts'
import { rateOf } from './rate.ts'

/** A file that is no price book; the message says why, for the operator who brought it. */
export class PriceFileError extends Error {}

/**
 * Where prices are from, and what is known of their age, as ISO 8601 dates: when the bundled ones
 * were published, or when their file was brought in, which does not say when it was published.
 */
export type PriceBookOrigin = { readonly source: string } & (
  | { readonly publishedOn: string; readonly broughtOn: null }
  | { readonly publishedOn: null; readonly broughtOn: string }
)

/** The book that prices come from. */
export type PriceBookInUse = PriceBookOrigin & { readonly book: PriceBook }

/** Names the file of the book in use; absent for the bundled one. */
const CURRENT = 'current'
const WATCH_EVERY_MS = 5_000

/**
 * Puts a newer book in use: checked whole, kept in the directory under the hash of its content, so
 * that earlier ones stay. Running roles take it up within seconds.
 */
export function installPriceBook(directory: string, file: string): PriceBookInUse {
  const text = readText(file)
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12)
  priceData(text, hash)
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
  const name = `genai-prices-${hash}.json`
  replaceFile(path.join(directory, name), text)
  replaceFile(path.join(directory, CURRENT), name)
  return openPriceBook(directory)
}

/** The book in use: the one brought last, else the bundled one. */
export function openPriceBook(directory: string): PriceBookInUse {
  const current = path.join(directory, CURRENT)
  if (!fs.existsSync(current))
    return {
      ...{ source: BUNDLED_SOURCE, publishedOn: BUNDLED_DATE, broughtOn: null },
      book: createPriceBook(),
    }
  const name = path.basename(fs.readFileSync(current, 'utf8').trim())
  const data = priceData(
    readText(path.join(directory, name)),
    /-([0-9a-f]{12})\.json$/.exec(name)?.[1] ?? 'unknown',
  )
  return {
    source: data.source,
    publishedOn: null,
    broughtOn: fs.statSync(current).mtime.toISOString().slice(0, 10),
    book: createPriceBook(data),
  }
}

/**
 * The book in use now, also when a newer one is brought while this process runs; a bad one is
 * ignored.
 */
export function watchPriceBook(
  directory: string,
  onError: (error: unknown) => void,
): PriceBook & { inUse(): PriceBookOrigin; close(): void } {
  let inUse = openPriceBook(directory)
  const current = path.join(directory, CURRENT)
  const reload = () => {
    try {
      inUse = openPriceBook(directory)
    } catch (error) {
      onError(error)
    }
  }
  fs.watchFile(current, { interval: WATCH_EVERY_MS, persistent: false }, reload)
  return {
    find: (prices, model, atMs) => inUse.book.find(prices, model, atMs),
    inUse: () => inUse,
    close: () => fs.unwatchFile(current, reload),
  }
}

/** The data of genai-prices: a list of providers, alone or as the member `providers`. */
function priceData(text: string, hash: string): PriceData {
  const parsed = parsedJson(text)
  const list = Array.isArray(parsed)
    ? parsed
    : isObject(parsed) && Array.isArray(parsed.providers)
      ? parsed.providers
      : null
  if (list === null)
    throw new PriceFileError('the file is not the data of genai-prices: a JSON list of providers')
  const providers = list.map(providerPrices)
  const wanted = [...new Set(PROVIDER_DEFINITIONS.map(({ prices }) => prices.bookId))]
  if (!providers.some(({ id }) => wanted.includes(id)))
    throw new PriceFileError(`the file has none of the providers ${wanted.join(', ')}`)
  return { source: `genai-prices-file@${hash}`, providers }
}

/** Every price is read once now, so that none fails when a call is priced. */
function providerPrices(value: unknown): ProviderPrices {
  if (!isProvider(value))
    throw new PriceFileError('an entry of the file is no provider: it needs id, name and models')
  for (const model of value.models) {
    const periods = Array.isArray(model.prices)
      ? model.prices.map(({ prices }) => prices)
      : [model.prices]
    for (const [key, price] of periods.flatMap((prices) => Object.entries(prices))) {
      try {
        if (price !== undefined) rateOf(key, price)
      } catch {
        throw new PriceFileError(`${value.id}/${model.id}: ${key} is no price`)
      }
    }
  }
  return value
}

function isProvider(value: unknown): value is ProviderPrices {
  return (
    isObject(value) &&
    typeof value.id === 'string' &&
    typeof value.name === 'string' &&
    Array.isArray(value.models) &&
    value.models.every(
      (model) =>
        isObject(model) &&
        typeof model.id === 'string' &&
        isObject(model.match) &&
        isPrices(model.prices),
    )
  )
}

function isPrices(prices: unknown): boolean {
  return Array.isArray(prices)
    ? prices.every((period) => isObject(period) && isObject(period.prices))
    : isObject(prices)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new PriceFileError('the file is not JSON')
  }
}

function readText(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    throw new PriceFileError(`${file} cannot be read`)
  }
}
