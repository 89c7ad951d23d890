import type { ClickHouseSettings } from '@clickhouse/client'
import { createStoreClient, type StoreClient } from '../client/client.ts'
import { type ClusterAddress, type ClusterHost, clusterHosts } from './cluster-hosts.ts'
import { databasesOf } from './placement.ts'
import { createShardClient } from './shard-client.ts'

/** How long a list of servers is believed: one that was added is seen by then. */
const HOSTS_FOR_MS = 60_000

/** Of every statement, on whichever server. */
export const CLUSTER_SETTINGS: ClickHouseSettings = {
  // Confirmed when every shard has stored its part, and most replicas of it; a repetition of the
  // batch is known by its token on each.
  distributed_foreground_insert: 1,
  insert_quorum: 'auto',
  // Rows go where their sharding key says, also those that a SELECT makes.
  parallel_distributed_insert_select: '0',
  // A list of rows that others are compared with is made of all shards.
  distributed_product_mode: 'global',
  // A part of the rows is an error, and so are rows of minutes ago.
  skip_unavailable_shards: 0,
  max_replica_delay_for_distributed_queries: '60',
  fallback_to_stale_replicas_for_distributed_queries: 0,
  // A call that is looked for by its id is asked of its shard alone.
  optimize_skip_unused_shards: 1,
}

/** A store that is a cluster: statements see the rows of all shards. */
export function createClusterClient(
  address: ClusterAddress,
  options: { readonly timeoutMs?: number } = {},
): StoreClient {
  const { endpoint, database } = address
  const whole = createStoreClient({
    ...endpoint,
    ...options,
    database,
    settings: CLUSTER_SETTINGS,
  })
  const servers = new Map<string, StoreClient>()
  const shards = new Map<string, StoreClient>()
  let found: { readonly hosts: Promise<readonly ClusterHost[]>; readonly atMs: number } | null =
    null

  function hosts(): Promise<readonly ClusterHost[]> {
    if (found === null || performance.now() - found.atMs > HOSTS_FOR_MS) {
      const asked = clusterHosts(address)
      found = { hosts: asked, atMs: performance.now() }
      asked.catch(() => {
        found = null
      })
    }
    return found.hosts
  }

  function serverOf({ name, endpoint: of }: ClusterHost): StoreClient {
    const client =
      servers.get(name) ??
      createStoreClient({
        ...of,
        ...options,
        database: databasesOf(database).shard,
        settings: CLUSTER_SETTINGS,
        name,
      })
    servers.set(name, client)
    return client
  }

  return {
    ...whole,
    async shards() {
      const all = await hosts()
      return [...new Set(all.map(({ shard }) => shard))].map((shard) => {
        const replicas = all.filter((host) => host.shard === shard)
        const id = replicas.map(({ name }) => name).join(' ')
        const client = shards.get(id) ?? createShardClient(shard, replicas.map(serverOf))
        shards.set(id, client)
        return client
      })
    },
    async servers() {
      return (await hosts()).map(serverOf)
    },
    async close() {
      await Promise.all([whole, ...servers.values()].map((client) => client.close()))
    },
  }
}
