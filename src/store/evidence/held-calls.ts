import {
  allOf,
  type CallFilter,
  type Condition,
  filterCondition,
  time,
} from '../calls/call-filter.ts'
import type { StoreClient } from '../client/client.ts'

/** A legal hold of one organisation: what it meets is neither removed by age nor erased. */
export interface HoldInForce {
  readonly id: string
  /** Null: everything of the organisation. */
  readonly filter: CallFilter | null
}

/** Asked for one organisation and its holds, at least one. */
export interface HeldCalls {
  /**
   * Of these calls of a range of time, those whose record is there and is not held: their content
   * may go.
   */
  notHeld(
    org: string,
    range: Range,
    recordIds: readonly string[],
    holds: readonly HoldInForce[],
  ): Promise<ReadonlySet<string>>
  /** SHA-256 of those of these attachments that a held call of the range carried. */
  heldAttachments(
    org: string,
    range: Range,
    sha256s: readonly string[],
    holds: readonly HoldInForce[],
  ): Promise<ReadonlySet<string>>
  /** Held calls created before. Rejects with StoreError code 159 where it takes longer than 5 s. */
  countBefore(org: string, beforeMs: number, holds: readonly HoldInForce[]): Promise<number>
}

export interface Range {
  /** Inclusive. */
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
}

export function keepsEverything(holds: readonly HoldInForce[]): boolean {
  return holds.some(({ filter }) => filter === null)
}

/**
 * A SELECT of `created_at`, `record_id` and `met`: of each held call that meets `where` (over these
 * two columns), an array that says of each hold whether it holds the call. The record decides, as
 * it is now. A call without a record cannot be judged, so every hold of its time holds it.
 */
export function heldCalls(org: string, holds: readonly HoldInForce[], where: Condition): Condition {
  const records = holds.map(({ filter }, index) =>
    filterCondition(filter ?? {}, { prefix: `held_${index}`, withWindow: true }),
  )
  const open = holds.map(({ filter }, index) => {
    const { fromMs, toMs } = filter ?? {}
    return filterCondition({ fromMs, toMs }, { prefix: `open_${index}`, withWindow: true })
  })
  const met = (conditions: readonly Condition[]) =>
    `[${conditions.map(({ sql }) => `toUInt8(ifNull(${sql}, false))`).join(', ')}] AS met`
  const ofOrg = `org = {held_org:String} AND (${where.sql})`
  return {
    sql: `SELECT created_at, record_id, ${met(records)} FROM calls_settled FINAL
        WHERE ${ofOrg} AND outcome != 'erased' AND has(met, 1)
      UNION ALL SELECT DISTINCT created_at, record_id, ${met(open)} FROM evidence
        WHERE ${ofOrg} AND kind NOT IN ('pricing', 'content', 'run_ended', 'sighting', 'erasure') AND has(met, 1)
        AND (created_at, record_id) NOT IN (SELECT created_at, record_id FROM calls_settled WHERE ${ofOrg})`,
    params: Object.assign(
      { held_org: org },
      where.params,
      ...[...records, ...open].map(({ params }) => params),
    ),
  }
}

const MAX_SECONDS = 5

export function createHeldCalls(client: Pick<StoreClient, 'rows'>): HeldCalls {
  return {
    async notHeld(org, range, recordIds, holds) {
      const where = allOf([
        within(range),
        { sql: 'record_id IN {ids:Array(UUID)}', params: { ids: recordIds } },
      ])
      const held = heldCalls(org, holds, where)
      const rows = await client.rows({
        tag: 'held:not',
        sql: `SELECT DISTINCT record_id FROM calls_settled WHERE org = {org:String} AND ${where.sql}
          AND (created_at, record_id) NOT IN (SELECT created_at, record_id FROM (${held.sql}))`,
        params: { ...held.params, org },
      })
      return new Set(rows.map(({ record_id }) => String(record_id)))
    },

    async heldAttachments(org, range, sha256s, holds) {
      const where = within(range)
      const held = heldCalls(org, holds, where)
      const rows = await client.rows({
        tag: 'held:attachments',
        sql: `SELECT DISTINCT arrayJoin(arrayFilter(one -> has({sha256s:Array(String)}, one), attachments)) AS sha256 FROM evidence
          WHERE org = {org:String} AND ${where.sql} AND hasAny(attachments, {sha256s:Array(String)})
          AND (created_at, record_id) IN (SELECT created_at, record_id FROM (${held.sql}))`,
        params: { ...held.params, org, sha256s },
      })
      return new Set(rows.map(({ sha256 }) => String(sha256)))
    },

    async countBefore(org, beforeMs, holds) {
      const held = heldCalls(org, holds, {
        sql: `created_at < ${time('before_ms')}`,
        params: { before_ms: beforeMs },
      })
      const [row] = await client.rows({
        tag: 'held:count',
        sql: `SELECT count() AS n FROM (${held.sql})`,
        params: held.params,
        settings: { max_execution_time: MAX_SECONDS },
      })
      return Number(row?.n ?? 0)
    },
  }
}

function within({ fromMs, toMs }: Range): Condition {
  return {
    sql: `created_at >= ${time('range_from_ms')} AND created_at < ${time('range_to_ms')}`,
    params: { range_from_ms: fromMs, range_to_ms: toMs },
  }
}
