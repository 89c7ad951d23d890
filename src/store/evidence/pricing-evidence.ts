import { currentCostReason } from '../../evidence/cost-reason-names.ts'
import { time } from '../calls/call-filter.ts'
import type { StoreClient } from '../client/client.ts'

/** What the price of a call depends on, and the price it has now. Columns of the tables. */
export type PricedRow = Readonly<Record<string, unknown>>

export interface PricedRange {
  readonly org: string | null
  readonly fromMs: number
  readonly toMs: number
}

/** Rows of one page: evidence is read in the order of its key, so a page costs what it holds. */
const PAGE_ROWS = 5_000
const USAGE = [
  ...[
    'input_tokens',
    'output_tokens',
    'total_tokens',
    'cached_input_tokens',
    'cache_write_tokens',
    'cache_write_5m_tokens',
  ],
  ...['cache_write_1h_tokens', 'reasoning_tokens', 'audio_input_tokens', 'audio_output_tokens'],
]
const USAGE_AND_TERMS = [
  'provider',
  'model',
  'service_tier',
  'usage_source',
  'billable',
  'billed',
  'cost_status',
  'endpoint',
  ...USAGE,
]
const PRICE = ['cost_usd', 'cost_status', 'price_version', 'cost_reason']

/**
 * Every observed or reported call of the range whose price was asked for, page by page: the newest
 * statement of each.
 */
export async function* pricedRows(
  client: StoreClient,
  { org, fromMs, toMs }: PricedRange,
): AsyncGenerator<readonly PricedRow[]> {
  let after = { org: '', at_ms: 0, record_id: '00000000-0000-0000-0000-000000000000' }
  for (;;) {
    const rows = await client.rows({
      tag: 'reprice:page',
      sql: `SELECT org, toUnixTimestamp64Milli(created_at) AS at_ms, created_at, record_id,
          argMaxIf(tuple(${USAGE_AND_TERMS.map((name) => `\`${name}\``).join(', ')}), (usage_source = 'provider', usage_source != 'none', kind = 'observation', version), kind != 'pricing') AS reported,
          argMax(tuple(${PRICE.join(', ')}), (kind = 'pricing', ifNull(usage_source, 'none') = 'provider', ifNull(usage_source, 'none') != 'none', kind = 'observation', version)) AS price
        FROM evidence
        WHERE kind IN ('observation', 'report', 'deferred', 'pricing') AND created_at >= ${time('from_ms')} AND created_at < ${time('to_ms')}
          AND ({org:String} = '' OR org = {org:String})
          AND (org, toUnixTimestamp64Milli(created_at), record_id) > ({after_org:String}, {after_ms:Int64}, {after_id:UUID})
        GROUP BY org, created_at, record_id
        HAVING countIf(kind != 'pricing') > 0
        ORDER BY org, created_at, record_id LIMIT ${PAGE_ROWS}`,
      params: {
        org: org ?? '',
        from_ms: fromMs,
        to_ms: toMs,
        after_org: after.org,
        after_ms: after.at_ms,
        after_id: after.record_id,
      },
    })
    if (rows.length === 0) return
    yield rows.map((row) => ({
      ...row,
      reported: named(USAGE_AND_TERMS, row.reported),
      price: priceOf(row.price),
    }))
    const last = rows[rows.length - 1]
    if (rows.length < PAGE_ROWS || last === undefined) return
    after = { org: String(last.org), at_ms: Number(last.at_ms), record_id: String(last.record_id) }
  }
}

/**
 * Models of calls on the bill, since then; with how many calls they have and how many of these have
 * no price.
 */
export function pricedModels(client: StoreClient, sinceMs: number): Promise<readonly PricedRow[]> {
  return client.rows({
    tag: 'prices:models',
    sql: `SELECT provider, model, count() AS calls, countIf(cost_status = 'unpriced') AS unpriced,
        topKIf(3)(ifNull(cost_reason, ''), cost_status = 'unpriced') AS reasons, max(created_at) AS last_at
      FROM calls WHERE created_at >= ${time('since_ms')} AND cost_status IS NOT NULL AND model IS NOT NULL
      GROUP BY provider, model ORDER BY unpriced DESC, calls DESC LIMIT 1000`,
    params: { since_ms: sinceMs },
  })
}

/** Under the names of today, so that a reason that was renamed is no other price. */
function priceOf(tuple: unknown): Readonly<Record<string, unknown>> {
  const price = named(PRICE, tuple)
  const { cost_reason: reason } = price
  return { ...price, cost_reason: typeof reason === 'string' ? currentCostReason(reason) : null }
}

/** A tuple comes as a list of its members. */
function named(names: readonly string[], tuple: unknown): Readonly<Record<string, unknown>> {
  const values: readonly unknown[] = Array.isArray(tuple)
    ? tuple
    : Object.values(typeof tuple === 'object' && tuple !== null ? tuple : {})
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? null]))
}
