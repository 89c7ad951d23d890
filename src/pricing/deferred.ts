import { createHash } from 'node:crypto'
import { createdAtMs, derivedRecordId } from '../evidence/record-id.ts'
import type { PriceCall } from './cost.ts'
import { recordedCall } from './recorded-call.ts'

type Row = Readonly<Record<string, unknown>>

/** Who wrote a row, and when. */
interface Stamp {
  readonly version: number
  readonly writer: string
}

/** POSTs that name work which another call ordered. */
const FOLLOW_UP = /[/:](cancel|submit_tool_outputs)$/
/** What a row of usage says when the usage counts elsewhere. */
const NO_NUMBERS = {
  ...{
    usage_source: 'none',
    usage_raw: null,
    input_tokens: null,
    output_tokens: null,
    total_tokens: null,
    cached_input_tokens: null,
  },
  ...{
    cache_write_tokens: null,
    cache_write_5m_tokens: null,
    cache_write_1h_tokens: null,
    reasoning_tokens: null,
  },
  ...{ audio_input_tokens: null, audio_output_tokens: null, billable: false, billed: null },
  ...{ cost_usd: null, cost_status: null, price_version: null, cost_reason: null },
}

/**
 * The evidence of what a poll reported: of the call that ordered the work, else of a record of its
 * own.
 */
export function deferredEvidence(
  poll: Row,
  orders: readonly Row[],
  priceOf: PriceCall,
  stamp: Stamp,
): Row | null {
  // Who waited for the work in a stream got its usage, and is billed for it. What was counted
  // of one that was cut gives way.
  if (orders.some((order) => order.usage_source === 'provider')) return null
  const order = orderOf(orders)
  const key =
    order === undefined
      ? derivedKey(poll)
      : { record_id: order.record_id, created_at: order.created_at }
  const call = recordedCall({ ...poll, billable: true, model: poll.model ?? order?.model ?? null })
  if (call === null) return null
  const price = priceOf({
    ...call,
    org: String(poll.org),
    atMs: Date.parse(`${String(key.created_at).replace(' ', 'T')}Z`),
  })
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

/**
 * What becomes of a derived record once the call that ordered its work is known: the usage counts
 * there, and the record says where. Null while there is only a follow-up of the work that got
 * no usage.
 */
export function supersededEvidence(derived: Row, orders: readonly Row[], stamp: Stamp): Row | null {
  const order = orderOf(orders) ?? orders.find(({ usage_source }) => usage_source === 'provider')
  if (order === undefined) return null
  // Later than what it takes back, whatever the clock of who wrote that.
  const version = Math.max(stamp.version, Number(derived.version) + 1)
  return { ...derived, ...stamp, version, ...NO_NUMBERS, parent_id: order.record_id }
}

/** The first call that names the work and is not about work ordered before. */
function orderOf(orders: readonly Row[]): Row | undefined {
  return orders.find(({ endpoint }) => !FOLLOW_UP.test(String(endpoint)))
}

/** A record of its own, named after the poll's time and the work. */
function derivedKey({ record_id, created_at, org, provider, response_id }: Row): {
  readonly record_id: string
  readonly created_at: unknown
} {
  const hash = createHash('sha256').update(`${org} ${provider} ${response_id}`).digest('hex')
  return { record_id: derivedRecordId(createdAtMs(String(record_id)), hash), created_at }
}
