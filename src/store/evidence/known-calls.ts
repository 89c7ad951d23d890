import { time } from '../calls/call-filter.ts'
import type { StoreClient } from '../client/client.ts'
import { BY_CALLS, byCalls } from './by-calls.ts'
import { ACCESS_LOG_ROWS, END_ROWS } from './end-kinds.ts'

/** What one kind of log said of a call's end. */
export interface KnownEnd {
  readonly status: number | null
  readonly requestBytes: number
  readonly responseBytes: number
}

/**
 * What ClickHouse knows of a call: its end as Envoy's access log stream has it, and as its JSON
 * log has it.
 */
export interface KnownCall {
  readonly closing: KnownEnd | null
  readonly accessLog: KnownEnd | null
  /** Its record was erased: nothing more is to be known of it. */
  readonly erased: boolean
}

interface EndedWindow {
  readonly createdFromMs: number
  readonly createdToMs: number
  /** When the calls ended, by Flint's account. */
  readonly endedFromMs: number
  readonly endedToMs: number
}

/** The questions of `flint reconcile` (delivery/reconcile.ts). */
export interface KnownCalls {
  /** By record id; calls without any evidence are left out. */
  find(
    calls: ReadonlyArray<{ readonly org: string; readonly recordId: string }>,
  ): Promise<ReadonlyMap<string, KnownCall>>
  /** Calls that were let through and ended within the window, oldest first, in pieces. */
  ended(
    window: EndedWindow,
  ): AsyncGenerator<ReadonlyArray<{ readonly org: string; readonly recordId: string }>>
}

const END = 'tuple(status, request_bytes, response_bytes, latency_ms)'
const PIECE = 20_000

export function createKnownCalls(client: StoreClient): KnownCalls {
  return {
    async find(calls) {
      if (calls.length === 0) return new Map()
      const rows = await client.rows({
        tag: 'reconcile:find',
        sql: `SELECT record_id, countIf(kind = 'closing') > 0 AS has_closing, countIf(kind IN ${ACCESS_LOG_ROWS}) > 0 AS has_access_log, countIf(kind = 'erasure') > 0 AS erased,
            argMaxIf(${END}, version, kind = 'closing') AS closing, argMaxIf(${END}, version, kind IN ${ACCESS_LOG_ROWS}) AS access_log
          FROM evidence WHERE ${BY_CALLS}
          GROUP BY org, created_at, record_id`,
        params: byCalls(calls),
      })
      return new Map(
        rows.map((row) => [
          String(row.record_id),
          {
            closing: Number(row.has_closing) ? endOf(row.closing) : null,
            accessLog: Number(row.has_access_log) ? endOf(row.access_log) : null,
            erased: Number(row.erased) > 0,
          },
        ]),
      )
    },

    async *ended({ createdFromMs, createdToMs, endedFromMs, endedToMs }) {
      let after = { ms: createdFromMs, id: '00000000-0000-0000-0000-000000000000' }
      for (;;) {
        const rows = await client.rows({
          tag: 'reconcile:ended',
          sql: `SELECT org, record_id, toUnixTimestamp64Milli(created_at) AS ms,
              argMaxIf(${END}, (kind = 'closing', version), kind IN ${END_ROWS}) AS closing,
              ms + ifNull(tupleElement(closing, 4), 0) AS ended_ms
            FROM evidence WHERE (created_at, record_id) > (${time('after_ms')}, {after_id:UUID}) AND created_at <= ${time('to_ms')}
            GROUP BY org, created_at, record_id
            HAVING countIf(kind IN ${END_ROWS}) > 0 AND countIf(kind = 'erasure' OR (kind = 'intent' AND error_code IS NOT NULL)) = 0
              AND ended_ms BETWEEN {ended_from:Int64} AND {ended_to:Int64}
            ORDER BY created_at, record_id LIMIT {piece:UInt32}`,
          params: {
            after_ms: after.ms,
            after_id: after.id,
            to_ms: createdToMs,
            ended_from: endedFromMs,
            ended_to: endedToMs,
            piece: PIECE,
          },
        })
        if (rows.length > 0)
          yield rows.map((row) => ({ org: String(row.org), recordId: String(row.record_id) }))
        const last = rows.at(-1)
        if (last === undefined || rows.length < PIECE) return
        after = { ms: Number(last.ms), id: String(last.record_id) }
      }
    },
  }
}

/** Tuples come as lists; anything else than a number there is a row of another shape. */
function endOf(tuple: unknown): KnownEnd {
  const [status, requestBytes, responseBytes] = Array.isArray(tuple) ? tuple : []
  return {
    status: status === null ? null : Number(status),
    requestBytes: Number(requestBytes),
    responseBytes: Number(responseBytes),
  }
}
