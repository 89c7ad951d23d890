import type { PricingEvidence, Provider } from '../evidence/evidence.ts'
import type { PriceCall, ReasonedPrice } from './cost.ts'
import { recordedCall } from './recorded-call.ts'

type Row = Readonly<Record<string, unknown>>

/** A call as its evidence has it: key, reported usage and terms, and the price that stands. */
export interface PricedCall {
  readonly key: Pick<PricingEvidence, 'org' | 'created_at' | 'record_id'>
  readonly reported: Row
  readonly price: Row
}

/**
 * The new price of a call, or null where it is what stands already, or where there is nothing to
 * price.
 */
export function reprice(
  { key, reported, price }: PricedCall,
  priceOf: PriceCall,
  atMs: number,
): (ReasonedPrice & { readonly provider: Provider }) | null {
  const call = recordedCall(reported)
  if (call === null) return null
  const made = priceOf({ ...call, org: key.org, atMs })
  const isSame =
    amount(made.costUsd) === amount(text(price.cost_usd)) &&
    made.costStatus === text(price.cost_status) &&
    made.priceVersion === text(price.price_version) &&
    made.costReason === text(price.cost_reason)
  return isSame ? null : { ...made, provider: call.provider }
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

/** Decimals of the store and of this code may differ in trailing zeros. */
function amount(cost: string | null): string | null {
  return cost === null || !cost.includes('.')
    ? cost
    : cost.replace(/0{1,12}$/, '').replace(/\.$/, '')
}
