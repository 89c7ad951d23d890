import { allOf, type Condition, type Position, time } from '../calls/call-filter.ts'
import { HOUR, QUARTER } from '../calls/rollup-columns.ts'
import type { StoreClient } from '../client/client.ts'
import { type HoldInForce, heldCalls, keepsEverything, type Range } from './held-calls.ts'
import { removeRows } from './remove-rows.ts'

/**
 * Takes rows whose time is over off the disk. Queries already hide expired rows, by the retention
 * setting; this frees the disk.
 */
export interface ExpiredRows {
  /**
   * Of one organisation, calls created before (the begin of a day), but those that are held;
   * resolves when they are gone. `holdsOf` is asked before each removal: what is removed takes time,
   * and a hold placed meanwhile keeps what is still there.
   */
  remove(org: string, beforeMs: number, holdsOf: HoldsOf): Promise<void>
}

type HoldsOf = (org: string) => Promise<readonly HoldInForce[]>

/** Rows first, then the record, by which it is known whether the rows are held. */
const TABLES_OF_CALLS = ['evidence', 'calls_settled'] as const
/** Ids in one statement: what ZooKeeper takes as the text of a mutation is 1 MB. */
const HELD_AT_ONCE = 5_000

export function createExpiredRows(
  client: StoreClient,
  { heldAtOnce = HELD_AT_ONCE } = {},
): ExpiredRows {
  const removeWhere = (table: string, condition: Condition) =>
    removeRows(client, table, condition, 'expired')

  const removeCalls = async (org: string, condition: Condition) => {
    const ofOrg = allOf([{ sql: 'org = {org:String}', params: { org } }, condition])
    for (const table of TABLES_OF_CALLS) await removeWhere(table, ofOrg)
  }

  /** Stretches without a gap between them, of few held calls each if no hour has many. */
  async function stretches(org: string, beforeMs: number, holds: readonly HoldInForce[]) {
    const held = heldCalls(org, holds, before(beforeMs))
    const hours = await client.rows({
      tag: 'expired:held-hours',
      sql: `SELECT toUnixTimestamp(toStartOfHour(created_at)) AS hour, count() AS calls FROM (${held.sql}) GROUP BY hour ORDER BY hour`,
      params: held.params,
    })
    const found: Range[] = []
    let [fromMs, calls] = [0, 0]
    for (const { hour, calls: ofHour } of hours) {
      const hourMs = Number(hour) * 1_000
      if (calls > 0 && calls + Number(ofHour) > heldAtOnce) {
        found.push({ fromMs, toMs: hourMs })
        fromMs = hourMs
        calls = 0
      }
      calls += Number(ofHour)
    }
    return [...found, { fromMs, toMs: beforeMs }]
  }

  /** The next held calls of a stretch, in the order of the sorting key. */
  async function heldAfter(
    org: string,
    condition: Condition,
    holds: readonly HoldInForce[],
  ): Promise<readonly Position[]> {
    const held = heldCalls(org, holds, condition)
    const rows = await client.rows({
      tag: 'expired:held',
      sql: `SELECT toUnixTimestamp64Milli(created_at) AS at_ms, record_id FROM (${held.sql})
        ORDER BY created_at, record_id LIMIT {limit:UInt32}`,
      params: { ...held.params, limit: heldAtOnce },
    })
    return rows.map(({ at_ms, record_id }) => ({
      createdAtMs: Number(at_ms),
      recordId: String(record_id),
    }))
  }

  async function removeUnheld(org: string, stretch: Range, holdsOf: HoldsOf) {
    let last: Position | null = null
    do {
      const rest = allOf([from(stretch.fromMs), before(stretch.toMs), after(last)])
      const holds = await holdsOf(org)
      if (keepsEverything(holds)) return
      const held = holds.length === 0 ? [] : await heldAfter(org, rest, holds)
      last = held.length < heldAtOnce ? null : (held.at(-1) ?? null)
      const kept = {
        sql: 'record_id NOT IN {held_ids:Array(UUID)}',
        params: { held_ids: held.map(({ recordId }) => recordId) },
      }
      await removeCalls(org, allOf([rest, upTo(last), ...(held.length === 0 ? [] : [kept])]))
    } while (last !== null)
  }

  return {
    async remove(org, beforeMs, holdsOf) {
      // Sums say nothing of one call: they end with their time, held calls or not.
      for (const { table, begin } of [QUARTER, HOUR])
        await removeWhere(table, {
          sql: `org = {org:String} AND ${begin} < ${time('before_ms')}`,
          params: { org, before_ms: beforeMs },
        })
      const holds = await holdsOf(org)
      // A hold that is about certain calls says nothing of connections, which are no calls.
      if (!keepsEverything(holds))
        await removeWhere('connections', {
          sql: `org = {org:String} AND opened_at < ${time('before_ms')}`,
          params: { org, before_ms: beforeMs },
        })
      if (holds.length === 0) return removeCalls(org, before(beforeMs))
      if (keepsEverything(holds)) return
      for (const stretch of await stretches(org, beforeMs, holds))
        await removeUnheld(org, stretch, holdsOf)
    },
  }
}

const from = (ms: number): Condition => ({
  sql: `created_at >= ${time('start_ms')}`,
  params: { start_ms: ms },
})
const before = (ms: number): Condition => ({
  sql: `created_at < ${time('before_ms')}`,
  params: { before_ms: ms },
})
const after = (position: Position | null): Condition =>
  position === null
    ? allOf([])
    : {
        sql: `(created_at, record_id) > (${time('after_ms')}, {after_id:UUID})`,
        params: { after_ms: position.createdAtMs, after_id: position.recordId },
      }
const upTo = (position: Position | null): Condition =>
  position === null
    ? allOf([])
    : {
        sql: `(created_at, record_id) <= (${time('last_ms')}, {last_id:UUID})`,
        params: { last_ms: position.createdAtMs, last_id: position.recordId },
      }
