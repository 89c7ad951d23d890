import path from 'node:path'
import type { Logger } from 'pino'
import { type MeshOrganisations, MeshOrganisationsCache } from '../identity/mesh-organisations.ts'
import { connectStore, type Installation } from '../installation.ts'
import { repeat, warnOnce } from '../process/repeat.ts'
import type { StoreClient } from '../store/client/client.ts'
import { createIdentityLog } from '../store/identity/identity-log.ts'

const REFRESH_MS = 10_000

/**
 * Whose connections are, for the observer. Nothing waits for it: it goes by the copy on disk, which
 * the gate keeps as well, until the store has answered.
 */
export function openMeshOrganisations(
  installation: Installation,
  log: Logger,
): { readonly organisations: MeshOrganisations; close(): Promise<void> } {
  let store: StoreClient | undefined
  // Where no ClickHouse is known yet an observer sees calls all the same.
  const identity = async () => {
    store ??= connectStore(installation)
    return createIdentityLog(store)
  }
  const organisations = new MeshOrganisationsCache({
    file: path.join(installation.paths.secrets, 'mesh.json'),
    load: async () => (await identity()).listMesh(),
    revision: async () => (await identity()).revision(),
  })
  const warn = warnOnce(log, 'workloads of organisations could not be refreshed')
  organisations.watchCopy()
  organisations.refresh().catch(warn)
  const stopRefreshing = repeat(REFRESH_MS, () => organisations.refresh(), warn)
  return {
    organisations,
    async close() {
      organisations.stop()
      await stopRefreshing()
      await store?.close()
    },
  }
}
