import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { activeProviders } from './config/active-providers.ts'
import { ConfigError } from './config/config-error.ts'
import { type DataPaths, dataPaths } from './config/data-paths.ts'
import { oidcSettings } from './config/oidc-settings.ts'
import type { Config } from './config/schema.ts'
import { createKeyAdmin, type KeyAdmin, type NewKey } from './identity/key-admin.ts'
import { type InstallationSecrets, installationSecrets } from './identity/secrets.ts'
import { refuseForeign } from './private-directory.ts'
import type { ActiveProviders } from './providers/active-providers.ts'
import { openSocketDirectory } from './socket-directory.ts'
import { createStoreClient, type StoreClient } from './store/client/client.ts'
import { migrate } from './store/client/migrate.ts'
import { createClusterClient } from './store/cluster/cluster-client.ts'
import type { ClusterAddress } from './store/cluster/cluster-hosts.ts'
import { migrateCluster } from './store/cluster/migrate-cluster.ts'
import { embeddedEndpoint } from './store/embedded/credentials.ts'
import { createIdentityLog } from './store/identity/identity-log.ts'

/** What every role of one installation shares. */
export interface Installation {
  readonly config: Config
  readonly providers: ActiveProviders
  readonly paths: DataPaths
  readonly secrets: InstallationSecrets
  /** Stable name of this data directory among replicas; part of every row's `writer`. */
  readonly instance: string
}

export function openInstallation(config: Config): Installation {
  const paths = dataPaths(config.dataDir)
  const directories = [
    paths.root,
    paths.run,
    paths.spool,
    paths.contentSpool,
    paths.connectionSpool,
    paths.secrets,
    paths.logs,
  ]
  // Before anything is made in them.
  for (const directory of [...directories, paths.clickhouse, paths.content, paths.deadLetters])
    refuseForeign(directory)
  for (const directory of directories) {
    try {
      fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
    } catch (cause) {
      throw new ConfigError(
        `dataDir (FLINT_DATA_DIR) cannot be used: ${directory} cannot be made`,
        'dataDir',
        { cause },
      )
    }
  }
  openSocketDirectory(paths)
  refuseHalfABucket(config)
  refuseHalfACluster(config)
  oidcSettings(config)
  return {
    config,
    providers: activeProviders(config),
    paths,
    secrets: installationSecrets(config.keyPepper, paths.secrets, config.previousKeyPepper),
    instance: instanceName(paths.root),
  }
}

/** Half of a bucket's settings would silently keep prompts elsewhere than was meant. */
function refuseHalfABucket({ s3 }: Config): void {
  const given = Object.keys(s3)
  if (given.length > 0 && s3.bucket === undefined)
    throw new ConfigError(
      `s3.bucket (FLINT_S3_BUCKET) is missing, but s3.${given[0]} is set`,
      's3.bucket',
    )
  if ((s3.accessKeyId === undefined) !== (s3.secretAccessKey === undefined))
    throw new ConfigError(
      's3.accessKeyId (FLINT_S3_ACCESS_KEY_ID) and s3.secretAccessKey go together: set both or neither',
      's3.accessKeyId',
    )
}

function refuseHalfACluster({ clickhouse: { url, cluster, hosts } }: Config): void {
  if (cluster !== undefined && url === undefined)
    throw new ConfigError(
      'clickhouse.cluster (FLINT_CLICKHOUSE_CLUSTER) needs clickhouse.url (FLINT_CLICKHOUSE_URL): the embedded ClickHouse is one server',
      'clickhouse.cluster',
    )
  if (hosts !== undefined && cluster === undefined)
    throw new ConfigError(
      'clickhouse.hosts (FLINT_CLICKHOUSE_HOSTS) are servers of a cluster: set clickhouse.cluster (FLINT_CLICKHOUSE_CLUSTER) too',
      'clickhouse.hosts',
    )
}

function instanceName(root: string): string {
  const file = path.join(root, 'instance')
  if (!fs.existsSync(file)) {
    // Written to a temporary file and linked: roles that start first at the same moment agree on
    // one name, and none reads half of it.
    const temporary = `${file}.${randomUUID()}`
    fs.writeFileSync(temporary, randomUUID().slice(0, 8), { mode: 0o600 })
    try {
      fs.linkSync(temporary, file)
    } catch (error) {
      if (!fs.existsSync(file)) throw error
    } finally {
      fs.unlinkSync(temporary)
    }
  }
  return fs.readFileSync(file, 'utf8').trim()
}

export function connectStore({ config, paths }: Installation): StoreClient {
  const { url, username, password, database } = config.clickhouse
  const cluster = clusterAddress(config)
  if (cluster !== null) return createClusterClient(cluster)
  if (url !== undefined)
    return createStoreClient({ url, username, password: password ?? '', headers: {}, database })
  const embedded = embeddedEndpoint(paths.clickhouse)
  if (embedded === null) {
    throw new ConfigError(
      `no Flint has run in ${paths.root} yet: start it first, or set dataDir (FLINT_DATA_DIR) or clickhouse.url (FLINT_CLICKHOUSE_URL)`,
      'dataDir',
    )
  }
  return createStoreClient({ ...embedded, database })
}

/** Null where ClickHouse is one server. */
function clusterAddress({ clickhouse }: Config): ClusterAddress | null {
  const { url, username, password = '', database, cluster, hosts } = clickhouse
  if (cluster === undefined || url === undefined) return null
  const endpoint = { url, username, password, headers: {} }
  return { endpoint, cluster, database, hosts: hosts?.map((host) => ({ ...endpoint, url: host })) }
}

/**
 * Brings the tables up to date and makes the first organisation; its key, when Flint made it and
 * no one has seen it yet.
 */
export async function prepareInstallation(installation: Installation): Promise<NewKey | null> {
  const store = connectStore(installation)
  try {
    await store.ensureDatabase()
    const cluster = clusterAddress(installation.config)
    const migrated = cluster === null ? migrate({ client: store }) : migrateCluster(cluster)
    await migrated.catch((cause: unknown) => {
      if (cause instanceof ConfigError) throw cause
      const why = cause instanceof Error ? cause.message : 'unknown error'
      throw new Error(`ClickHouse is there but its tables could not be prepared: ${why}`, { cause })
    })
    const { bootstrapKey } = installation.config
    const first = await keyAdmin(installation, store).ensureFirstOrganisation(bootstrapKey)
    // Do not print a bootstrap key that the operator supplied: stdout may be logged.
    return bootstrapKey === undefined ? first : null
  } finally {
    await store.close()
  }
}

export function keyAdmin(installation: Installation, store: StoreClient): KeyAdmin {
  return createKeyAdmin({ log: createIdentityLog(store), pepper: installation.secrets.keyPepper })
}
