import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStoreClient, type StoreClient } from '../client/client.ts'
import { migrate } from '../client/migrate.ts'
import { startTemporaryCluster } from '../cluster/temporary-cluster.ts'
import { type EmbeddedClickHouse, startEmbeddedClickHouse } from './clickhouse.ts'

export interface TemporaryStore {
  /** Of several the first. */
  readonly server: EmbeddedClickHouse
  readonly client: StoreClient
  /** Property tests run fewer times there: each statement costs twice. */
  readonly isCluster: boolean
  /** Removes all rows of these tables. */
  empty(...tables: readonly string[]): Promise<void>
  /** A statement on the tables themselves, of whose rows each server has its own. */
  onEveryServer(sql: string): Promise<void>
  /** Ends the server and removes its folder. */
  stop(): Promise<void>
}

interface TemporaryStoreOptions {
  readonly timeoutMs?: number
  readonly maxMemoryBytes?: number
}

/** The project `shards` of vitest.config.ts sets it: its suites run on a cluster of two shards. */
const IS_CLUSTER = process.env['TEMPORARY_STORE'] === 'two shards'

/** A real, migrated ClickHouse in a folder of its own: for tests and measurements. */
export async function startTemporaryStore({
  timeoutMs = 30_000,
  maxMemoryBytes = 2 * 1024 ** 3,
}: TemporaryStoreOptions = {}): Promise<TemporaryStore> {
  if (IS_CLUSTER) {
    const { servers, ...cluster } = await startTemporaryCluster({ timeoutMs, maxMemoryBytes })
    const [server] = servers
    if (server !== undefined) return { server, isCluster: true, ...cluster }
  }
  const dir = mkdtempSync(join(tmpdir(), 'flint-store-'))
  const server = await startEmbeddedClickHouse({ dir, maxMemoryBytes })
  const client = createStoreClient({ ...server, timeoutMs })
  const stop = async () => {
    await client.close()
    await server.stop()
    rmSync(dir, { recursive: true, force: true })
  }
  try {
    await migrate({ client })
  } catch (error) {
    await stop()
    throw error
  }
  const onEveryServer = (sql: string) => client.run({ tag: 'test', sql })
  return {
    server,
    client,
    isCluster: false,
    onEveryServer,
    async empty(...tables) {
      for (const table of tables) await onEveryServer(`TRUNCATE TABLE ${table}`)
    },
    stop,
  }
}
