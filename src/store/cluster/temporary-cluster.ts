import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoreClient } from '../client/client.ts'
import { type EmbeddedClickHouse, startEmbeddedClickHouse } from '../embedded/clickhouse.ts'
import type { ClusterMember } from '../embedded/config.ts'
import { freePort } from '../embedded/free-port.ts'
import { createClusterClient } from './cluster-client.ts'
import type { ClusterAddress } from './cluster-hosts.ts'
import { migrateCluster } from './migrate-cluster.ts'
import { databasesOf, placementOf } from './placement.ts'

export interface ClusterOfServers {
  readonly servers: readonly EmbeddedClickHouse[]
  /** Of the cluster `flint`: the first server, and all, as they were started last. */
  readonly address: ClusterAddress & { readonly hosts: readonly EmbeddedClickHouse[] }
  /** Starts a server again that was stopped; with new credentials. */
  startAgain(server: number): Promise<void>
  /** Ends the servers and removes their folders. */
  stop(): Promise<void>
}

interface ServersOptions {
  /** Of each server the number of its shard, from 1. Default: two shards of one server each. */
  readonly shards?: readonly number[]
  /** Names of further clusters, and how many of the shards, from the first one on, each has. */
  readonly parts?: Readonly<Record<string, number>>
  /** Further elements of the configuration of each server (its number in `shards`). */
  readonly sections?: (server: number) => string
  readonly maxMemoryBytes?: number
}

/** Servers on this machine that are one cluster, nothing in it yet: for tests. */
export async function startServers({
  shards = [1, 2],
  parts = {},
  sections = () => '',
  maxMemoryBytes = 2 * 1024 ** 3,
}: ServersOptions = {}): Promise<ClusterOfServers> {
  const members = await Promise.all(
    shards.map(async (shard) => ({
      shard,
      tcpPort: await freePort(),
      dir: mkdtempSync(join(tmpdir(), 'flint-cluster-')),
    })),
  )
  const clusters = Object.entries({ flint: Math.max(...shards), ...parts }).map(
    ([name, count]) =>
      `<${name}><secret>of a test</secret>${Array.from({ length: count }, (_, n) =>
        shardElement(members.filter(({ shard }) => shard === n + 1)),
      ).join('')}</${name}>`,
  )
  const servers: EmbeddedClickHouse[] = []
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()))
    for (const { dir } of members) rmSync(dir, { recursive: true, force: true })
  }
  const start = async (n: number) => {
    const { dir, tcpPort } = members[n] ?? missing()
    const member: ClusterMember = {
      tcpPort,
      sections: `<remote_servers>${clusters.join('')}</remote_servers>${sections(n)}`,
      grants: GRANTS,
    }
    servers[n] = await startEmbeddedClickHouse({ dir, maxMemoryBytes, member })
  }
  try {
    for (const n of members.keys()) await start(n)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    servers,
    get address() {
      const [endpoint = missing()] = servers
      return { endpoint, cluster: 'flint', hosts: [...servers], database: 'flint' }
    },
    startAgain: start,
    stop,
  }
}

function missing(): never {
  throw new Error('the cluster has no such server')
}

function shardElement(replicas: readonly { readonly tcpPort: number }[]): string {
  const elements = replicas.map(
    ({ tcpPort }) => `<replica><host>127.0.0.1</host><port>${tcpPort}</port></replica>`,
  )
  return `<shard><internal_replication>true</internal_replication>${elements.join('')}</shard>`
}

/** What a cluster's user needs besides (docs/scale.md). */
const GRANTS = [
  'GRANT SELECT, INSERT, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW, TRUNCATE, OPTIMIZE, ALTER TABLE, ALTER VIEW, SHOW, DROP DATABASE ON flint*.*',
  ...['clusters', 'macros', 'replicas'].map((table) => `GRANT SELECT ON system.${table}`),
  ...['Distributed', 'ReplicatedMergeTree', 'ReplicatedReplacingMergeTree'].map(
    (engine) => `GRANT TABLE ENGINE ON ${engine}`,
  ),
]

export interface TemporaryCluster extends ClusterOfServers {
  readonly client: StoreClient
  /** Removes all rows of these tables. */
  empty(...tables: readonly string[]): Promise<void>
  /** A statement on the tables themselves, of whose rows each server has its own. */
  onEveryServer(sql: string): Promise<void>
}

/** Two shards with all tables. */
export async function startTemporaryCluster(
  options: { readonly timeoutMs?: number; readonly maxMemoryBytes?: number } = {},
): Promise<TemporaryCluster> {
  const servers = await startServers(options)
  const client = createClusterClient(servers.address, options)
  const stop = async () => {
    await client.close()
    await servers.stop()
  }
  try {
    await migrateCluster(servers.address)
  } catch (error) {
    await stop()
    throw error
  }
  const onEveryServer = async (sql: string) => {
    for (const server of await client.servers()) await server.run({ tag: 'test', sql })
  }
  const { first, shard } = databasesOf(servers.address.database)
  return {
    ...servers,
    get address() {
      return servers.address
    },
    client,
    onEveryServer,
    async empty(...tables) {
      for (const table of tables)
        await onEveryServer(
          `TRUNCATE TABLE ${placementOf(table) === 'first' ? first : shard}.${table}`,
        )
    },
    stop,
  }
}
