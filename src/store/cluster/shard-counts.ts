import { ConfigError } from '../../config/config-error.ts'
import type { Migration } from '../client/applied-migrations.ts'
import type { StoreClient } from '../client/client.ts'

/** How many shards the calls since a time are spread over. A cluster only grows. */
export interface ShardCount {
  readonly shards: number
  /** Of the call's id, milliseconds; 0 for the first count. */
  readonly sinceMs: number
}

/** On the first shard, as other tables that are not of calls. */
export const SHARD_COUNTS: Migration = {
  name: 'cluster_shard_counts',
  sql: `CREATE TABLE IF NOT EXISTS shard_counts (shards UInt32, since DateTime64(3, 'UTC'))
    ENGINE = MergeTree ORDER BY since SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`,
}

/**
 * By then all servers spread calls in the same way, and calls younger than that are spread over the
 * new shards too.
 */
const NEW_SHARDS_SINCE = `toStartOfTenMinutes(now64(3, 'UTC')) + INTERVAL 20 MINUTE`

/**
 * The counts so far, oldest first; a number of shards that is new is noted. `client`: of the
 * database of the first shard. Of processes that note it at once the earliest counts: who reads
 * them again afterwards reads the same.
 */
export async function shardCounts(
  client: StoreClient,
  shards: number,
): Promise<readonly ShardCount[]> {
  const counts = await readCounts(client)
  const last = counts.at(-1)
  if (last?.shards === shards) return counts
  if (last !== undefined && last.shards > shards)
    throw new ConfigError(
      `clickhouse.cluster (FLINT_CLICKHOUSE_CLUSTER) names a cluster of ${shards} shards, but records lie on ${last.shards}: a shard cannot be left out`,
      'clickhouse.cluster',
    )
  await client.run({
    tag: 'cluster:count',
    sql: `INSERT INTO shard_counts (shards, since)
      SELECT {shards:UInt32}, ${last === undefined ? `toDateTime64(0, 3, 'UTC')` : NEW_SHARDS_SINCE}`,
    params: { shards },
  })
  return readCounts(client)
}

async function readCounts(client: StoreClient): Promise<readonly ShardCount[]> {
  const rows = await client.rows({
    tag: 'cluster:counts',
    sql: `SELECT shards, toUnixTimestamp64Milli(min(since)) AS since_ms FROM shard_counts
      GROUP BY shards ORDER BY shards`,
  })
  return rows.map((row) => ({ shards: Number(row.shards), sinceMs: Number(row.since_ms) }))
}

const HASH = 'cityHash64(record_id)'

/**
 * The sharding key of tables of calls: an expression whose remainder by the number of shards is the
 * shard. It speaks of the id alone, so all evidence of a call goes to one shard, whenever it comes:
 * a call that is older than a new shard stays where its evidence is.
 */
export function shardingKey(counts: readonly ShardCount[]): string {
  const earlier = counts.slice(0, -1).map(({ shards }, n) => {
    const untilMs = counts[n + 1]?.sinceMs ?? 0
    return `UUIDv7ToDateTime(record_id, 'UTC') < fromUnixTimestamp64Milli(${untilMs}, 'UTC'), ${HASH} % ${shards}`
  })
  return earlier.length === 0 ? HASH : `multiIf(${[...earlier, HASH].join(', ')})`
}
