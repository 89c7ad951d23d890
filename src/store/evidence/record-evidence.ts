import type { EvidenceRow } from '../../evidence/record-sources.ts'
import { time } from '../calls/call-filter.ts'
import { createdAtOf } from '../calls/call-id.ts'
import { isoTime } from '../calls/call-row.ts'
import type { StoreClient } from '../client/client.ts'
import { EVIDENCE_COLUMNS } from './evidence-columns.ts'

interface StoredRow {
  /** ISO 8601, milliseconds, UTC. */
  readonly ingestedAt: string
  /** Columns of the table that hold something. */
  readonly row: EvidenceRow
}

/** Rates as the table `prices` has them. */
interface StoredRates {
  /** JSON: key of the rate → its text. */
  readonly rates: string
  readonly terms: readonly string[]
}

export interface RecordEvidence {
  /** The newest row of each kind, in the order they arrived; empty for a call that is not there. */
  rowsOf(call: { readonly org: string; readonly requestId: string }): Promise<readonly StoredRow[]>
  /** Null for a price version whose rates have not reached the store. */
  ratesOf(priceVersion: string): Promise<StoredRates | null>
}

export function createRecordEvidence(client: Pick<StoreClient, 'rows'>): RecordEvidence {
  return {
    async rowsOf({ org, requestId }) {
      const createdAtMs = createdAtOf(requestId)
      if (createdAtMs === null) return []
      const rows = await client.rows({
        tag: 'evidence:rows',
        sql: `SELECT ${EVIDENCE_COLUMNS.map((name) => `\`${name}\``).join(', ')}, ingested_at FROM evidence FINAL
          WHERE org = {org:String} AND created_at = ${time('created_ms')} AND record_id = {id:UUID} ORDER BY ingested_at, version`,
        params: { org, created_ms: createdAtMs, id: requestId },
      })
      return rows.map(({ ingested_at: ingestedAt, ...columns }) => ({
        ingestedAt: isoTime(String(ingestedAt)),
        row: {
          ...Object.fromEntries(Object.entries(columns).filter(([, value]) => hasValue(value))),
          kind: String(columns.kind),
          version: Number(columns.version),
        },
      }))
    },

    async ratesOf(priceVersion) {
      const [row] = await client.rows({
        tag: 'evidence:rates',
        sql: 'SELECT rates, terms FROM prices FINAL WHERE price_version = {version:String}',
        params: { version: priceVersion },
      })
      if (row === undefined) return null
      const terms = Array.isArray(row.terms) ? row.terms.map(String) : []
      return { rates: String(row.rates), terms }
    },
  }
}

/** Lists and maps have no null: what a kind of row does not have is empty there. */
function hasValue(value: unknown): boolean {
  if (value === null) return false
  return typeof value !== 'object' || Object.keys(value).length > 0
}
