import { PROVIDER_DEFINITIONS } from '../../providers/registry.ts'
import { time } from '../calls/call-filter.ts'
import type { StoreClient } from '../client/client.ts'
import { EVIDENCE_COLUMNS } from './evidence-columns.ts'

/** A row of `evidence`, under its columns' names. */
export type EvidenceRow = Readonly<Record<string, unknown>>

/** A piece of work by the name its provider gave it. */
export interface Work {
  readonly org: string
  readonly provider: string
  readonly responseId: string
}

const MAX_WORKS = 1_000
const COLUMNS = EVIDENCE_COLUMNS.map((name) => `\`${name}\``).join(', ')
/** How the providers say that nothing more will be counted. */
const FINAL_STATES = PROVIDER_DEFINITIONS.flatMap(({ deferred }) => deferred.finalStates)
/**
 * A read of a file that a batch names: its work is the file, and counts only under the name of its
 * batch. RE2.
 */
const FILE_READ = PROVIDER_DEFINITIONS.flatMap(({ deferred }) => deferred.resultFilePaths).join('|')
/** Work that already counts somewhere. */
const COUNTED = `SELECT org, provider, response_id FROM evidence WHERE kind = 'deferred' AND response_id IS NOT NULL`

/**
 * The first poll of every finished piece of work whose usage polls reported since then, and that
 * counts nowhere yet.
 */
export function finishedPolls(
  client: StoreClient,
  sinceMs: number,
): Promise<readonly EvidenceRow[]> {
  return client.rows({
    tag: 'deferred:polls',
    sql: `SELECT ${COLUMNS} FROM evidence FINAL
      WHERE ingested_at >= ${time('since_ms')} AND kind = 'observation' AND deferred AND usage_source = 'provider'
        AND response_id IS NOT NULL AND (finish_reason IS NULL OR finish_reason IN {over:Array(String)})
        AND NOT match(ifNull(endpoint, ''), {file_read:String})
        AND (org, provider, response_id) NOT IN (${COUNTED})
      ORDER BY created_at LIMIT 1 BY org, provider, response_id LIMIT ${MAX_WORKS}`,
    params: { since_ms: sinceMs, over: FINAL_STATES, file_read: FILE_READ },
  })
}

/**
 * Reads of the result files of batches that reported no usage themselves, each under the name of
 * its batch (`response_id`). `newSinceMs`: looked for only where a batch or a read arrived since
 * then, because batches are looked for in all evidence since `batchesSinceMs`.
 */
export async function readResultFiles(
  client: StoreClient,
  { newSinceMs, batchesSinceMs }: { readonly newSinceMs: number; readonly batchesSinceMs: number },
): Promise<readonly EvidenceRow[]> {
  const news = await client.rows({
    tag: 'deferred:news',
    sql: `SELECT 1 FROM evidence
      WHERE ingested_at >= ${time('since_ms')} AND kind = 'observation'
        AND (result_id IS NOT NULL OR (deferred AND match(ifNull(endpoint, ''), {file_read:String})))
      LIMIT 1`,
    params: { since_ms: newSinceMs, file_read: FILE_READ },
  })
  if (news.length === 0) return []
  const batches = await client.rows({
    tag: 'deferred:batches',
    sql: `SELECT org, provider, result_id, any(response_id) AS batch_id FROM evidence
      WHERE created_at >= ${time('since_ms')} AND kind = 'observation' AND result_id IS NOT NULL AND response_id IS NOT NULL
        AND (org, provider, response_id) NOT IN (${COUNTED})
      GROUP BY org, provider, result_id ORDER BY max(created_at) DESC LIMIT ${MAX_WORKS}`,
    params: { since_ms: batchesSinceMs },
  })
  if (batches.length === 0) return []
  const reads = await client.rows({
    tag: 'deferred:files',
    sql: `SELECT ${COLUMNS} FROM evidence FINAL
      WHERE response_id IN {ids:Array(String)} AND kind = 'observation' AND deferred AND usage_source = 'provider'
        AND match(ifNull(endpoint, ''), {file_read:String})
      ORDER BY created_at LIMIT 1 BY org, provider, response_id`,
    params: {
      ids: [...new Set(batches.map(({ result_id }) => String(result_id)))],
      file_read: FILE_READ,
    },
  })
  return reads.flatMap((read) => {
    const batch = batches.find(
      ({ org, provider, result_id }) =>
        org === read.org && provider === read.provider && result_id === read.response_id,
    )
    return batch === undefined ? [] : [{ ...read, response_id: batch.batch_id }]
  })
}

/**
 * Every POST that names these works, the first one first: the order, and what may have streamed its
 * results.
 */
export async function ordersOf(
  client: StoreClient,
  works: readonly Work[],
): Promise<readonly EvidenceRow[]> {
  if (works.length === 0) return []
  return client.rows({
    tag: 'deferred:orders',
    sql: `SELECT ${COLUMNS} FROM evidence FINAL
      WHERE org IN {orgs:Array(String)} AND response_id IN {ids:Array(String)} AND kind IN ('observation', 'report') AND method = 'POST' AND NOT ifNull(deferred, false)
      ORDER BY created_at, record_id`,
    params: namesOf(works),
  })
}

/**
 * What counts of works whose POST arrived since then: under that POST, or as a record of its own,
 * from before the POST was known.
 */
export function countedOfNewOrders(
  client: StoreClient,
  sinceMs: number,
): Promise<readonly EvidenceRow[]> {
  return client.rows({
    tag: 'deferred:late',
    sql: `SELECT ${COLUMNS} FROM evidence FINAL
      WHERE kind = 'deferred' AND usage_source != 'none' AND (org, provider, response_id) IN (
        SELECT org, provider, response_id FROM evidence
        WHERE ingested_at >= ${time('since_ms')} AND kind IN ('observation', 'report') AND method = 'POST' AND NOT ifNull(deferred, false)
          AND (org, provider, response_id) IN (${COUNTED}))
      LIMIT ${MAX_WORKS}`,
    params: { since_ms: sinceMs },
  })
}

function namesOf(works: readonly Work[]): {
  readonly orgs: readonly string[]
  readonly ids: readonly string[]
} {
  return {
    orgs: [...new Set(works.map(({ org }) => org))],
    ids: [...new Set(works.map(({ responseId }) => responseId))],
  }
}
