import type { StoreClient } from '../client/client.ts'
import { BOUNDED_READ } from './bounded-read.ts'
import { type Position, time } from './call-filter.ts'
import { CALL_COLUMNS, type CallRecord, toCallRecord } from './call-row.ts'

/** A row of a record that was written: of one record more come, each of a greater version. */
export interface Arrival extends Position {
  /** When its insert began, by the store's clock: it can be seen when the insert ends. */
  readonly ingestedAtMs: number
  readonly version: bigint
}

/** What an organisation's records become while one looks on. */
export interface LiveQueries {
  /** Milliseconds of the store's clock. */
  clock(): Promise<number>
  /** What was written at `sinceMs` or later, the latest `limit` rows, oldest first. */
  arrivals(org: string, sinceMs: number, limit: number): Promise<readonly Arrival[]>
  /** The records that stand there now; erased ones as their id alone. In any order. */
  records(
    org: string,
    positions: readonly Position[],
  ): Promise<{ readonly records: readonly CallRecord[]; readonly erased: readonly string[] }>
}

export function createLiveQueries(client: Pick<StoreClient, 'rows'>): LiveQueries {
  return {
    async clock() {
      const sql = `SELECT toUnixTimestamp64Milli(now64(3, 'UTC')) AS now`
      const [row] = await client.rows({ tag: 'live:clock', sql })
      return Number(row?.now)
    },

    async arrivals(org, sinceMs, limit) {
      const rows = await client.rows({
        tag: 'live:arrivals',
        sql: `SELECT toUnixTimestamp64Milli(ingested_at) AS ingested_ms, toUnixTimestamp64Milli(created_at) AS created_ms,
            record_id, toString(version) AS row_version
          FROM calls_settled WHERE org = {org:String} AND ingested_at >= ${time('since_ms')}
          ORDER BY ingested_at DESC, record_id DESC LIMIT {limit:UInt32}`,
        params: { org, since_ms: sinceMs, limit },
        settings: BOUNDED_READ,
      })
      return rows
        .map((row) => ({
          ingestedAtMs: Number(row.ingested_ms),
          createdAtMs: Number(row.created_ms),
          recordId: String(row.record_id),
          version: BigInt(String(row.row_version)),
        }))
        .reverse()
    },

    async records(org, positions) {
      if (positions.length === 0) return { records: [], erased: [] }
      const createdMs = positions.map(({ createdAtMs }) => createdAtMs)
      const rows = await client.rows({
        tag: 'live:records',
        sql: `SELECT ${CALL_COLUMNS.join(', ')} FROM calls_settled FINAL WHERE org = {org:String}
          AND created_at IN (SELECT fromUnixTimestamp64Milli(arrayJoin({created_ms:Array(Int64)}), 'UTC')) AND record_id IN {ids:Array(UUID)}`,
        params: { org, created_ms: createdMs, ids: positions.map(({ recordId }) => recordId) },
        settings: BOUNDED_READ,
      })
      return {
        records: rows.filter(({ outcome }) => outcome !== 'erased').map(toCallRecord),
        erased: rows
          .filter(({ outcome }) => outcome === 'erased')
          .map(({ record_id: id }) => String(id)),
      }
    },
  }
}
