import { createHash } from 'node:crypto'
import Big from 'big.js'
import type { PriceRow } from './price-book.ts'
import { type Rate, rateOf } from './rate.ts'

/** A price agreed by contract, as `pricing.overrides` in flint.yaml says it. */
export interface PriceOverride {
  readonly org?: string
  readonly provider: string
  /** Name, with `*` for anything. */
  readonly model: string
  /** ISO 8601; from inclusive, to exclusive. */
  readonly from?: string
  readonly to?: string
  /**
   * Only for calls of this service tier; then the rates are that tier's, and nothing is multiplied
   * on top for it.
   */
  readonly serviceTier?: string
  /**
   * Off the list price; or `rates` in dollars, by the price book's keys, in place of the book's.
   */
  readonly discountPercent?: number
  readonly rates?: Readonly<Record<string, number>>
}

export interface CallOfContract {
  readonly org: string | null
  readonly provider: string
  readonly model: string
  readonly serviceTier: string | null
  readonly atMs: number
}

/** The contract that holds for a call, made ready. */
export interface Contract {
  /** The tier is part of the contract's rates. */
  readonly includesTier: boolean
  /** It names rates, and no discount alone. */
  readonly hasOwnRates: boolean
  /** The rates under the contract; null where neither book nor contract has any. */
  rates(row: PriceRow | null): PriceRow | null
}

interface Prepared extends Contract {
  holds(call: CallOfContract): boolean
}

const PERCENT = 100

/** Finds contracts: of several that hold, the one that stands first in the file. */
export function createContracts(
  overrides: readonly PriceOverride[],
): (call: CallOfContract) => Contract | null {
  const prepared = overrides.map(prepare)
  return (call) => prepared.find((contract) => contract.holds(call)) ?? null
}

function prepare(override: PriceOverride): Prepared {
  const { org, provider, model, from, to, serviceTier } = override
  const fromMs = from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(from)
  const toMs = to === undefined ? Number.POSITIVE_INFINITY : Date.parse(to)
  const version = `contract/${createHash('sha256').update(JSON.stringify(override)).digest('hex').slice(0, 12)}`
  const known = new Map<string, PriceRow>()
  return {
    includesTier: serviceTier !== undefined,
    hasOwnRates: override.rates !== undefined,
    holds: (call) =>
      (org === undefined || org === call.org) &&
      provider === call.provider &&
      matchesPattern(model, call.model) &&
      call.atMs >= fromMs &&
      call.atMs < toMs &&
      (serviceTier === undefined || serviceTier.toLowerCase() === call.serviceTier?.toLowerCase()),
    rates(row) {
      if (row === null && override.rates === undefined) return null
      const base = row?.version ?? ''
      const before = known.get(base)
      if (before) return before
      const made: PriceRow = {
        version: base === '' ? version : `${version}*${base}`,
        rates: contractRates(override, row),
        // Rates that were agreed for a name are that name's own.
        isOwn: row?.isOwn === true || override.rates !== undefined,
      }
      known.set(base, made)
      return made
    },
  }
}

function contractRates(
  { discountPercent, rates = {} }: PriceOverride,
  row: PriceRow | null,
): ReadonlyMap<string, Rate> {
  const agreed = new Map<string, Rate>(row?.rates ?? [])
  if (discountPercent !== undefined) {
    const left = (price: bigint) =>
      BigInt(
        new Big(price.toString())
          .times(new Big(PERCENT).minus(discountPercent))
          .div(PERCENT)
          .round(0, Big.roundHalfUp)
          .toFixed(0),
      )
    for (const [key, { base, tiers }] of agreed)
      agreed.set(key, {
        base: left(base),
        tiers: tiers.map(({ start, price }) => ({ start, price: left(price) })),
      })
  }
  for (const [key, price] of Object.entries(rates)) agreed.set(key, rateOf(key, price))
  return agreed
}

/**
 * Whether a name is what a pattern with `*` for any characters stands for; in time that grows with
 * the name, not with a power of it.
 */
function matchesPattern(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return name === pattern
  if (!name.startsWith(first) || !name.endsWith(last)) return false
  const end = name.length - last.length
  let at = first.length
  for (const piece of rest) {
    const found = name.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return at <= end
}
