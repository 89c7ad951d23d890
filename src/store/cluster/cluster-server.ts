import { MigrationError } from '../client/applied-migrations.ts'
import { createStoreClient, type StoreClient } from '../client/client.ts'
import { CLUSTER_SETTINGS } from './cluster-client.ts'
import type { ClusterHost } from './cluster-hosts.ts'
import { type Databases, databasesOf } from './placement.ts'

/** One server of the cluster, as the migrator sees it: a client per database. */
export interface ClusterServer extends ClusterHost {
  readonly databases: Databases
  readonly whole: StoreClient
  readonly shardTables: StoreClient
  readonly firstTables: StoreClient
  close(): Promise<void>
}

export function openServer(host: ClusterHost, database: string): ClusterServer {
  const databases = databasesOf(database)
  const clientOf = (name: string) =>
    createStoreClient({
      ...host.endpoint,
      database: name,
      // A change of a replicated table is done when all replicas have it.
      settings: { ...CLUSTER_SETTINGS, alter_sync: '2' },
      name: host.name,
    })
  const [whole, shardTables, firstTables] = [
    clientOf(databases.whole),
    clientOf(databases.shard),
    clientOf(databases.first),
  ]
  return {
    ...host,
    databases,
    whole,
    shardTables,
    firstTables,
    async close() {
      await Promise.all([whole, shardTables, firstTables].map((client) => client.close()))
    },
  }
}

export interface ServerTable {
  readonly database: string
  readonly name: string
  readonly engine: string
}

/** Tables and views of the server's databases. */
export async function tablesOn({
  databases,
  shardTables,
}: ClusterServer): Promise<readonly ServerTable[]> {
  const rows = await shardTables.rows({
    tag: 'cluster:tables',
    sql: `SELECT database, name, engine FROM system.tables
      WHERE database IN {databases:Array(String)} ORDER BY database, name`,
    params: { databases: Object.values(databases) },
  })
  return rows.map(({ database, name, engine }) => ({
    database: String(database),
    name: String(name),
    engine: String(engine),
  }))
}

/**
 * Whether tables are to be replicated, which `macros` of the servers say. Throws where they would
 * make replicas of what is not the same shard, or leave out one that is.
 */
export async function isReplicated(servers: readonly ClusterServer[]): Promise<boolean> {
  const named = await Promise.all(servers.map(macrosOf))
  const of = (server: ClusterServer) => named[servers.indexOf(server)] ?? {}
  const without = servers.find((server) => !('shard' in of(server) && 'replica' in of(server)))
  if (without !== undefined) {
    const several = servers.some(({ replica }) => replica > 1)
    const other = servers.find((server) => 'shard' in of(server) || 'replica' in of(server))
    if (several || other !== undefined)
      throw new MigrationError(
        `${without.name} has no macros {shard} and {replica} in its configuration: replicated tables need both on every server`,
      )
    return false
  }
  for (const one of servers)
    for (const other of servers) {
      if (one === other) continue
      const isSameShard = of(one).shard === of(other).shard
      if (isSameShard !== (one.shard === other.shard))
        throw new MigrationError(
          `the macro {shard} of ${one.name} and ${other.name} does not say what remote_servers says: the same for replicas of one shard, different for different shards`,
        )
      if (isSameShard && of(one).replica === of(other).replica)
        throw new MigrationError(
          `${one.name} and ${other.name} have the same macro {replica}: give each replica of a shard its own`,
        )
    }
  return true
}

async function macrosOf({
  shardTables,
  databases,
}: ClusterServer): Promise<Readonly<Record<string, string>>> {
  await shardTables.ensureDatabase()
  const rows = await shardTables.rows({
    tag: `cluster:macros:${databases.whole}`,
    sql: `SELECT macro, substitution FROM system.macros WHERE macro IN ('shard', 'replica')`,
  })
  return Object.fromEntries(rows.map(({ macro, substitution }) => [macro, String(substitution)]))
}
