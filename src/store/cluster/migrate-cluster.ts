import { ConfigError } from '../../config/config-error.ts'
import type { Migration } from '../client/applied-migrations.ts'
import { readMigrations, readViews } from '../client/migrate.ts'
import { type ClusterAddress, clusterHosts } from './cluster-hosts.ts'
import { type ClusterServer, isReplicated, openServer, tablesOn } from './cluster-server.ts'
import { distributeTables, migrateViews } from './distributed-tables.ts'
import { migrateTables } from './migrate-tables.ts'
import { SHARD_COUNTS, shardCounts, shardingKey } from './shard-counts.ts'

interface MigrateClusterOptions extends ClusterAddress {
  /** Default: the files of `src/store/migrations`. */
  readonly migrations?: readonly Migration[]
  /** Default: the files of `src/store/views`. */
  readonly views?: readonly Migration[]
}

/**
 * Brings every server of the cluster to the newest migration, one after the other; returns the
 * names of the scripts that ran on any. A server that is new gets everything.
 *
 * Several processes may do this at once, and one may die anywhere: there is no lock to be left
 * behind, because every statement can be repeated, and what a process decides (since when a new
 * shard takes calls) it reads again when it is done.
 */
export async function migrateCluster({
  migrations = readMigrations(),
  views = readViews(),
  ...address
}: MigrateClusterOptions): Promise<readonly string[]> {
  const { cluster, database } = address
  const servers = (await clusterHosts(address)).map((host) => openServer(host, database))
  const [first] = servers
  if (first === undefined) return []
  const ran = new Set<string>()
  const note = (names: readonly string[]) => {
    for (const name of names) ran.add(name)
  }
  try {
    const replicated = await isReplicated(servers)
    for (const server of servers) await refuseOwnTables(server)
    const scripts = { cluster, migrations: [SHARD_COUNTS, ...migrations], views }
    for (const server of servers) note(await migrateTables(server, scripts.migrations, replicated))
    // Views see tables of other servers: these are there by now.
    for (const server of servers) note(await migrateViews(server, scripts))
    const shards = new Set(servers.map(({ shard }) => shard)).size
    const currentKey = async () => shardingKey(await shardCounts(first.firstTables, shards))
    for (let key = ''; key !== (await currentKey()); ) {
      key = await currentKey()
      for (const server of servers) await distributeTables(server, { ...scripts, key })
    }
    return [...ran]
  } finally {
    await Promise.all(servers.map((server) => server.close()))
  }
}

/** What is replaced there must hold nothing: the records of a single server are no views of it. */
async function refuseOwnTables(server: ClusterServer): Promise<void> {
  const { whole } = server.databases
  const own = (await tablesOn(server)).find(
    ({ database, engine }) => database === whole && engine.endsWith('MergeTree'),
  )
  if (own !== undefined)
    throw new ConfigError(
      `the database ${whole} of ${server.name} has records of a single server (table ${own.name}): name another one in clickhouse.database (FLINT_CLICKHOUSE_DATABASE) for the cluster, and copy them (docs/scale.md)`,
      'clickhouse.database',
    )
}
