import { ConfigError } from '../../config/config-error.ts'
import { createStoreClient } from '../client/client.ts'
import type { StoreEndpoint } from '../embedded/credentials.ts'

/** How a cluster is reached. */
export interface ClusterAddress {
  /** One server, or what spreads connections over all. */
  readonly endpoint: StoreEndpoint
  /** Its name in `remote_servers`. */
  readonly cluster: string
  /**
   * One per server, in the order of `remote_servers`. Default: those of `system.clusters`, with
   * scheme, port and user of `endpoint`.
   */
  readonly hosts?: readonly StoreEndpoint[] | undefined
  readonly database: string
}

export interface ClusterHost {
  /** For messages. */
  readonly name: string
  readonly endpoint: StoreEndpoint
  /** From 1, in the order of `remote_servers`. */
  readonly shard: number
  /** From 1. */
  readonly replica: number
}

/** All servers of the cluster, as `remote_servers` of `endpoint` has them, by shard and replica. */
export async function clusterHosts({
  endpoint,
  cluster,
  hosts,
}: ClusterAddress): Promise<readonly ClusterHost[]> {
  const client = createStoreClient({ ...endpoint, database: 'system' })
  try {
    const rows = await client.rows({
      tag: 'cluster:hosts',
      sql: `SELECT shard_num, shard_weight, replica_num, host_name FROM system.clusters
        WHERE cluster = {cluster:String} ORDER BY shard_num, replica_num`,
      params: { cluster },
    })
    if (rows.length === 0)
      throw new ConfigError(
        `clickhouse.cluster (FLINT_CLICKHOUSE_CLUSTER) is "${cluster}": ${new URL(endpoint.url).host} has no such cluster in remote_servers`,
        'clickhouse.cluster',
      )
    if (hosts !== undefined && hosts.length !== rows.length)
      throw new ConfigError(
        `clickhouse.hosts (FLINT_CLICKHOUSE_HOSTS) has ${hosts.length} servers, the cluster "${cluster}" has ${rows.length}: name each, in the order of remote_servers`,
        'clickhouse.hosts',
      )
    if (rows.some(({ shard_weight }) => Number(shard_weight) !== 1))
      throw new ConfigError(
        `the cluster "${cluster}" gives its shards weights in remote_servers: Flint needs a weight of 1 for each`,
        'clickhouse.cluster',
      )
    return rows.map((row, n) => {
      const address = hosts?.[n] ?? onHost(endpoint, String(row.host_name))
      return {
        name: new URL(address.url).host,
        endpoint: address,
        shard: Number(row.shard_num),
        replica: Number(row.replica_num),
      }
    })
  } finally {
    await client.close()
  }
}

function onHost(endpoint: StoreEndpoint, hostName: string): StoreEndpoint {
  const url = new URL(endpoint.url)
  // An address of IPv6 stands in brackets in a URL.
  url.hostname = hostName.includes(':') ? `[${hostName}]` : hostName
  return { ...endpoint, url: url.href.replace(/\/$/, '') }
}
