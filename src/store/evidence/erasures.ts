import type { Provider } from '../../evidence/evidence.ts'
import { isProviderName } from '../../evidence/provider-name.ts'
import { createdAtMs } from '../../evidence/record-id.ts'
import { allOf, type Condition, time } from '../calls/call-filter.ts'
import type { StoreClient } from '../client/client.ts'
import { oncePerShard } from '../client/once-per-shard.ts'
import { BY_CALLS, byCalls } from './by-calls.ts'
import { type HoldInForce, heldCalls, keepsEverything } from './held-calls.ts'
import { removeRows } from './remove-rows.ts'

/**
 * Which records of one organisation to erase; every part narrows, and at least one must be there.
 */
export interface ErasureFilter {
  readonly requestId?: string | undefined
  /** As it stands in the records. */
  readonly promptHash?: string | undefined
  readonly keyId?: string | undefined
  readonly tag?: { readonly name: string; readonly value: string } | undefined
  /** Inclusive. */
  readonly fromMs?: number | undefined
  /** Exclusive. */
  readonly toMs?: number | undefined
}

export interface ErasedCall {
  readonly org: string
  readonly recordId: string
  readonly provider: Provider
}

/** What an erasure would meet. */
export interface ErasureCount {
  /** Records, open calls among them, held ones too. */
  readonly matched: number
  /** Of these, records that a legal hold keeps. */
  readonly held: number
  /** Ids of the holds that keep them. */
  readonly holds: readonly string[]
}

/** Tombstones: written at once, worked off by src/delivery/erasing.ts. */
export interface Erasures {
  count(org: string, filter: ErasureFilter, holds: readonly HoldInForce[]): Promise<ErasureCount>
  /**
   * Hides all that is not held forever; resolves to how many. `erasureId` names the act: done again
   * with the same id, it changes nothing.
   */
  erase(
    org: string,
    filter: ErasureFilter,
    erasureId: string,
    holds: readonly HoldInForce[],
  ): Promise<number>
  /** Of these calls, those that were erased. */
  erasedAmong(
    calls: readonly { readonly org: string; readonly recordId: string }[],
  ): Promise<ReadonlySet<string>>
  /** Erased calls of which something may be left on disk, oldest first. */
  unfinished(limit: number): Promise<readonly ErasedCall[]>
  /**
   * SHA-256 of attachments that these calls of one organisation and day carried and no other call
   * of that day does.
   */
  ownAttachments(
    org: string,
    day: { readonly fromMs: number; readonly toMs: number },
    recordIds: readonly string[],
  ): Promise<readonly string[]>
  /**
   * Takes everything but the tombstones off the disks of all servers; resolves when it is gone.
   */
  removeRows(calls: readonly ErasedCall[]): Promise<void>
  /**
   * Tombstones that were written before `beforeMs` are done; younger ones are looked at again, for
   * what was on its way.
   */
  finish(calls: readonly ErasedCall[], beforeMs: number): Promise<void>
}

/** Larger than any version of a fold: what settling writes later never replaces it. */
const LAST_VERSION = '18446744073709551615'
const VERSION = `toUInt64(toUnixTimestamp64Micro(now64(6, 'UTC')))`

export function createErasures(client: StoreClient): Erasures {
  /**
   * Not the fold: any row that matches is enough, and open calls are erased too.
   */
  const matching = (org: string, filter: ErasureFilter, holds: readonly HoldInForce[] = []) => {
    const { where, having } = conditionsOf(filter)
    const held = holds.length === 0 ? null : heldCalls(org, holds, where)
    const unheld =
      held === null
        ? ''
        : `AND (created_at, record_id) NOT IN (SELECT created_at, record_id FROM (${held.sql}))`
    return {
      sql: `SELECT org, created_at, record_id, any(provider) AS provider FROM evidence
        WHERE org = {org:String} AND ${where.sql} ${unheld} GROUP BY org, created_at, record_id
        HAVING countIf(kind = 'erasure') = 0 AND countIf(kind != 'content') > 0 AND ${having.sql}`,
      params: { org, ...where.params, ...having.params, ...held?.params },
    }
  }

  /** How many of the matching calls are held, and by which holds. */
  async function heldAmong(org: string, filter: ErasureFilter, holds: readonly HoldInForce[]) {
    const calls = matching(org, filter)
    const held = heldCalls(org, holds, conditionsOf(filter).where)
    const [row] = await client.rows({
      tag: 'erasures:held',
      sql: `SELECT count() AS held, sumForEach(met) AS of_holds FROM (${held.sql})
        WHERE (created_at, record_id) IN (SELECT created_at, record_id FROM (${calls.sql}))`,
      params: { ...calls.params, ...held.params },
    })
    const ofHolds = Array.isArray(row?.of_holds) ? row.of_holds.map(Number) : []
    return {
      held: Number(row?.held ?? 0),
      holds: holds.filter((_, index) => (ofHolds[index] ?? 0) > 0).map(({ id }) => id),
    }
  }

  /** Pages over settled hours read it there: the final state of the record. */
  const hideSettled = (condition: Condition, shard: StoreClient) =>
    shard.run({
      tag: 'erasures:settled',
      sql: `INSERT INTO calls_settled (org, created_at, record_id, provider, outcome, source, usage_source, ingested_at, version)
        SELECT DISTINCT org, created_at, record_id, provider, 'erased', 'proxy', 'none', now64(3, 'UTC'), ${LAST_VERSION}
        FROM evidence WHERE kind = 'erasure' AND ${condition.sql}`,
      params: condition.params,
    })

  return {
    async count(org, filter, holds) {
      const { sql, params } = matching(org, filter)
      const [row] = await client.rows({
        tag: 'erasures:count',
        sql: `SELECT count() AS n FROM (${sql})`,
        params,
      })
      const matched = Number(row?.n ?? 0)
      return matched === 0 || holds.length === 0
        ? { matched, held: 0, holds: [] }
        : { matched, ...(await heldAmong(org, filter, holds)) }
    },

    async erase(org, filter, erasureId, holds) {
      if (keepsEverything(holds)) return 0
      const { sql, params } = matching(org, filter, holds)
      const writer = `erasure/${erasureId}`
      const mine = {
        sql: 'org = {org:String} AND writer = {writer:String}',
        params: { org, writer },
      }
      await oncePerShard(client, async (shard) => {
        await shard.run({
          tag: 'erasures:tombstones',
          sql: `INSERT INTO evidence (org, created_at, record_id, kind, version, writer, provider, final)
            SELECT org, created_at, record_id, 'erasure', ${VERSION}, {writer:String}, provider, false FROM (${sql})`,
          params: { ...params, writer },
        })
        await hideSettled(mine, shard)
      })
      const [row] = await client.rows({
        tag: 'erasures:erased',
        sql: `SELECT uniqExact(record_id) AS n FROM evidence WHERE kind = 'erasure' AND ${mine.sql}`,
        params: mine.params,
      })
      return Number(row?.n ?? 0)
    },

    async erasedAmong(calls) {
      if (calls.length === 0) return new Set()
      const rows = await client.rows({
        tag: 'erasures:among',
        sql: `SELECT DISTINCT record_id FROM evidence WHERE kind = 'erasure' AND ${BY_CALLS}`,
        params: byCalls(calls),
      })
      return new Set(rows.map(({ record_id }) => String(record_id)))
    },

    async unfinished(limit) {
      const rows = await client.rows({
        tag: 'erasures:unfinished',
        sql: `SELECT org, record_id, any(provider) AS provider FROM evidence WHERE kind = 'erasure'
          GROUP BY org, created_at, record_id HAVING NOT max(ifNull(final, false)) ORDER BY org, created_at LIMIT {limit:UInt32}`,
        params: { limit },
      })
      return rows.map((row) => ({
        org: String(row.org),
        recordId: String(row.record_id),
        provider: providerOf(row.provider),
      }))
    },

    async ownAttachments(org, { fromMs, toMs }, recordIds) {
      const rows = await client.rows({
        tag: 'erasures:attachments',
        sql: `SELECT sha256 FROM (SELECT arrayJoin(attachments) AS sha256, record_id FROM evidence
            WHERE org = {org:String} AND created_at >= ${time('from_ms')} AND created_at < ${time('to_ms')} AND notEmpty(attachments))
          GROUP BY sha256 HAVING countIf(record_id NOT IN {ids:Array(UUID)}) = 0`,
        params: { org, from_ms: fromMs, to_ms: toMs, ids: recordIds },
      })
      return rows.map(({ sha256 }) => String(sha256))
    },

    async removeRows(calls) {
      const params = byCalls(calls)
      await oncePerShard(client, (shard) => hideSettled({ sql: BY_CALLS, params }, shard))
      const rest: ReadonlyArray<readonly [table: string, condition: string]> = [
        ['evidence', `kind != 'erasure' AND ${BY_CALLS}`],
        ['calls_settled', `outcome != 'erased' AND ${BY_CALLS}`],
      ]
      for (const [table, condition] of rest)
        await removeRows(client, table, { sql: condition, params }, 'erasures')
    },

    async finish(calls, beforeMs) {
      await client.run({
        tag: 'erasures:finish',
        sql: `INSERT INTO evidence (org, created_at, record_id, kind, version, writer, provider, final)
          SELECT org, created_at, record_id, 'erasure', max(version) + 1, any(writer), any(provider), true FROM evidence
          WHERE kind = 'erasure' AND ${BY_CALLS} GROUP BY org, created_at, record_id HAVING max(ingested_at) < ${time('before_ms')}`,
        params: { ...byCalls(calls), before_ms: beforeMs },
      })
    },
  }
}

function providerOf(value: unknown): Provider {
  if (!isProviderName(value)) throw new Error('an erased call names no provider')
  return value
}

function conditionsOf({ requestId, promptHash, keyId, tag, fromMs, toMs }: ErasureFilter): {
  where: Condition
  having: Condition
} {
  return {
    where: allOf([
      ...(requestId === undefined
        ? []
        : [
            {
              sql: `created_at = ${time('id_ms')} AND record_id = {id:UUID}`,
              params: { id_ms: createdAtMs(requestId), id: requestId },
            },
          ]),
      ...(fromMs === undefined
        ? []
        : [{ sql: `created_at >= ${time('from_ms')}`, params: { from_ms: fromMs } }]),
      ...(toMs === undefined
        ? []
        : [{ sql: `created_at < ${time('to_ms')}`, params: { to_ms: toMs } }]),
    ]),
    having: allOf([
      ...(promptHash === undefined
        ? []
        : [{ sql: 'countIf(prompt_hash = {hash:String}) > 0', params: { hash: promptHash } }]),
      ...(keyId === undefined
        ? []
        : [{ sql: 'countIf(key_id = {key_id:String}) > 0', params: { key_id: keyId } }]),
      ...(tag === undefined
        ? []
        : [
            {
              sql: 'countIf(mapContains(tags, {tag_name:String}) AND tags[{tag_name:String}] = {tag_value:String}) > 0',
              params: { tag_name: tag.name, tag_value: tag.value },
            },
          ]),
    ]),
  }
}
