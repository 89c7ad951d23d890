import type { StoreClient } from '../client/client.ts'

/** What an idempotency key has made before. */
export interface MadeReport {
  readonly requestId: string
  /** SHA-256 of the body, hex. */
  readonly bodyHash: string
}

/**
 * Idempotency keys of reports, for seven days. Of two replicas that race with one key, the earlier
 * record is the answer.
 */
export interface ReportKeys {
  find(key: { readonly org: string; readonly keyHash: string }): Promise<MadeReport | null>
  remember(key: { readonly org: string; readonly keyHash: string }, made: MadeReport): Promise<void>
}

export function createReportKeys(client: StoreClient): ReportKeys {
  return {
    async find({ org, keyHash }) {
      const [row] = await client.rows({
        tag: 'report-keys:find',
        sql: 'SELECT record_id, body_hash FROM report_keys WHERE org = {org:String} AND key_hash = {key_hash:String} ORDER BY created_at LIMIT 1',
        params: { org, key_hash: keyHash },
      })
      return row === undefined
        ? null
        : { requestId: String(row['record_id']), bodyHash: String(row['body_hash']) }
    },
    async remember({ org, keyHash }, { requestId, bodyHash }) {
      await client.run({
        tag: 'report-keys:remember',
        sql: `INSERT INTO report_keys (org, key_hash, body_hash, record_id, created_at)
          SELECT {org:String}, {key_hash:String}, {body_hash:String}, {id:UUID}, now64(3, 'UTC')`,
        params: { org, key_hash: keyHash, body_hash: bodyHash, id: requestId },
      })
    },
  }
}
