import { Readable } from 'node:stream'
import type { StoreClient } from '../client/client.ts'
import { CONNECTION_COLUMNS } from '../connections/connection-columns.ts'
import { EVIDENCE_COLUMNS } from './evidence-columns.ts'

/** Tables that take rows as JSON lines, and the columns a writer may name. */
const TABLES = {
  evidence: EVIDENCE_COLUMNS,
  connections: CONNECTION_COLUMNS,
} as const satisfies Record<string, readonly string[]>

interface InsertJsonLinesOptions {
  readonly table: keyof typeof TABLES
  /**
   * JSONEachRow: one object per line. Keep it under 64 MB, so that it stays one block per month and
   * one deduplication unit.
   */
  readonly body: Buffer | Readable
  /** The same for every retry of the same body: ClickHouse then keeps it once. */
  readonly token: string
  readonly signal?: AbortSignal
}

/**
 * Resolves once the rows are on ClickHouse's disk (fsync; on a cluster: on a quorum of replicas).
 * Rejects with a StoreError: `retryable` false means that the rows themselves cannot be stored, and
 * none of the body was.
 */
export async function insertJsonLines(
  client: StoreClient,
  { table, body, token, signal }: InsertJsonLinesOptions,
): Promise<void> {
  const columns = TABLES[table].map((name) => `\`${name}\``).join(', ')
  await client.insert(
    {
      tag: `insert:${table}`,
      sql: `INSERT INTO ${table} (${columns}) FORMAT JSONEachRow`,
      settings: {
        insert_deduplicate: 1,
        insert_deduplication_token: token,
        insert_quorum: 'auto',
        input_format_skip_unknown_fields: 0,
        input_format_null_as_default: 0,
        // Chunks parsed in parallel could become blocks of their own, and a retry's blocks would
        // not be the same ones.
        input_format_parallel_parsing: 0,
      },
      ...(signal === undefined ? {} : { signal }),
    },
    Buffer.isBuffer(body) ? Readable.from([body], { objectMode: false }) : body,
  )
}
