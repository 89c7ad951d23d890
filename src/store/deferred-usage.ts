import { time } from './call-filter.ts'
import type { StoreClient } from './client.ts'
import { EVIDENCE_COLUMNS } from './evidence-columns.ts'

/** A row of `evidence`, under its columns' names. */
export type EvidenceRow = Readonly<Record<string, unknown>>

/** A piece of work by the name its provider gave it. */
export interface Work {
  readonly org: string
  readonly provider: string
  readonly responseId: string
}

/** How the provider says that nothing more will be counted. */
const OVER = ['completed', 'failed', 'incomplete', 'expired', 'cancelled', 'canceled']
const MAX_WORKS = 1_000
const COLUMNS = EVIDENCE_COLUMNS.map((name) => `\`${name}\``).join(', ')

/** The newest poll of every finished piece of work that polls told the usage of since then, and that nobody is the order of yet. */
export function finishedPolls(client: StoreClient, sinceMs: number): Promise<readonly EvidenceRow[]> {
  return client.rows({
    tag: 'deferred:polls',
    sql: `SELECT ${COLUMNS} FROM evidence FINAL
      WHERE ingested_at >= ${time('since_ms')} AND kind = 'observation' AND deferred AND usage_source = 'provider'
        AND response_id IS NOT NULL AND (finish_reason IS NULL OR finish_reason IN {over:Array(String)})
        AND (org, provider, response_id) NOT IN (SELECT org, provider, response_id FROM evidence WHERE kind = 'deferred' AND response_id IS NOT NULL)
      ORDER BY created_at LIMIT 1 BY org, provider, response_id LIMIT ${MAX_WORKS}`,
    params: { since_ms: sinceMs, over: OVER },
  })
}

/** Every POST that told of these works, the first one first: the order, and what may have told of it in a stream. */
export async function ordersOf(client: StoreClient, works: readonly Work[]): Promise<readonly EvidenceRow[]> {
  if (works.length === 0) return []
  return client.rows({
    tag: 'deferred:orders',
    sql: `SELECT ${COLUMNS} FROM evidence FINAL
      WHERE org IN {orgs:Array(String)} AND response_id IN {ids:Array(String)} AND kind IN ('observation', 'report') AND method = 'POST' AND NOT ifNull(deferred, false)
      ORDER BY created_at, record_id`,
    params: { orgs: [...new Set(works.map(({ org }) => org))], ids: [...new Set(works.map(({ responseId }) => responseId))] },
  })
}
