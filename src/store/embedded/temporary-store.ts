import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStoreClient, type StoreClient } from '../client/client.ts'
import { migrate } from '../client/migrate.ts'
import { type EmbeddedClickHouse, startEmbeddedClickHouse } from './clickhouse.ts'

export interface TemporaryStore {
  readonly server: EmbeddedClickHouse
  readonly client: StoreClient
  /** Ends the server and removes its folder. */
  stop(): Promise<void>
}

interface TemporaryStoreOptions {
  readonly timeoutMs?: number
  readonly maxMemoryBytes?: number
}

/** A real, migrated ClickHouse in a folder of its own: for tests and measurements. */
export async function startTemporaryStore({
  timeoutMs = 30_000,
  maxMemoryBytes = 2 * 1024 ** 3,
}: TemporaryStoreOptions = {}): Promise<TemporaryStore> {
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
  return { server, client, stop }
}
