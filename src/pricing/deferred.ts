import { createHash } from 'node:crypto'
import type { PriceCall } from './cost.ts'
import { toldCall } from './told-call.ts'

type Row = Readonly<Record<string, unknown>>

/** The evidence of what a poll told: of the call that ordered the work, else of a record of its own. */
export function deferredEvidence(
  poll: Row,
  orders: readonly Row[],
  priceOf: PriceCall,
  stamp: { readonly version: number; readonly witness: string },
): Row | null {
  // Who waited for the work in a stream was told its usage, and is billed for it. What was counted of one that was cut gives way.
  if (orders.some((order) => order.usage_source === 'provider')) return null
  const [order] = orders
  const key = order === undefined ? derivedKey(poll) : { record_id: order.record_id, created_at: order.created_at }
  const call = toldCall({ ...poll, billable: true, model: poll.model ?? order?.model ?? null })
  if (call === null) return null
  const price = priceOf({ ...call, org: String(poll.org), atMs: Date.parse(`${String(key.created_at).replace(' ', 'T')}Z`) })
  return {
    ...poll,
    ...key,
    ...stamp,
    kind: 'deferred',
    endpoint: order?.endpoint ?? poll.endpoint,
    method: order?.method ?? poll.method,
    key_id: order?.key_id ?? poll.key_id,
    key_hint: order?.key_hint ?? poll.key_hint,
    billable: true,
    deferred: null,
    parent_id: poll.record_id,
    cost_usd: price.costUsd,
    cost_status: price.costStatus,
    price_version: price.priceVersion,
    cost_reason: price.costReason,
  }
}

/** A UUIDv7 of the poll's time and the work's id: the same for whoever makes it. */
function derivedKey({ record_id, created_at, org, provider, response_id }: Row): {
  readonly record_id: string
  readonly created_at: unknown
} {
  const time = String(record_id).slice(0, 13)
  const hash = createHash('sha256').update(`${org} ${provider} ${response_id}`).digest('hex')
  return { record_id: `${time}-7${hash.slice(0, 3)}-8${hash.slice(3, 6)}-${hash.slice(6, 18)}`, created_at }
}
