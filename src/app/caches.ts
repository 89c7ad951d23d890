import path from 'node:path'
import type { Logger } from 'pino'
import { HoldsCache } from '../identity/holds-cache.ts'
import { KeyCache, toCachedKey } from '../identity/key-cache.ts'
import { MeshOrganisationsCache } from '../identity/mesh-organisations.ts'
import { SettingsCache } from '../identity/settings-cache.ts'
import type { Installation } from '../installation.ts'
import { repeat, warnOnce } from '../process/repeat.ts'
import type { StoreClient } from '../store/client/client.ts'
import { createIdentityLog } from '../store/identity/identity-log.ts'

const REFRESH_MS = 5_000

/** What gate and API hold in memory of identity. */
export interface Caches {
  readonly keys: KeyCache
  readonly settings: SettingsCache
  readonly holds: HoldsCache
  readonly mesh: MeshOrganisationsCache
  refresh(): Promise<void>
  stop(): void
}

/**
 * Tried once before the first caller, so that a key made a moment ago is known; then refreshed
 * every few seconds.
 */
export async function openCaches(
  { paths, secrets }: Installation,
  store: StoreClient,
  log: Logger,
  refreshMs = REFRESH_MS,
): Promise<Caches> {
  const identity = createIdentityLog(store)
  // All are made of the same events.
  const revision = oncePerTurn(() => identity.revision())
  const keys = new KeyCache({
    pepper: secrets.keyPepper,
    previousPepper: secrets.previousKeyPepper,
    file: path.join(paths.secrets, 'key-directory.json'),
    load: async () => (await identity.listKeys()).map(toCachedKey),
    revision,
  })
  const settings = new SettingsCache({
    file: path.join(paths.secrets, 'settings.json'),
    load: () => identity.listSettings(),
    revision,
  })
  const holds = new HoldsCache({
    file: path.join(paths.secrets, 'holds.json'),
    load: () => identity.listHolds(),
    revision,
  })
  const mesh = new MeshOrganisationsCache({
    file: path.join(paths.secrets, 'mesh.json'),
    load: () => identity.listMesh(),
    revision,
  })
  const all = [keys, settings, holds, mesh]
  const refresh = async () => {
    await Promise.all(all.map((cache) => cache.refresh()))
  }
  // A store that hangs must not keep callers waiting for a gate whose copies are good.
  const late = new Promise<void>((resolve) => setTimeout(resolve, 1_000))
  await Promise.race([
    refresh().catch(() =>
      log.warn('ClickHouse does not answer: keys and settings are served from the last copy'),
    ),
    late,
  ])
  for (const cache of all) cache.watchCopy()
  const stopRefreshing = repeat(
    refreshMs,
    refresh,
    warnOnce(log, 'keys and settings could not be refreshed'),
  )
  return {
    keys,
    settings,
    holds,
    mesh,
    refresh,
    stop() {
      void stopRefreshing()
      for (const cache of all) cache.stop()
    },
  }
}

/** One question for all that ask in the same turn of the event loop; it starts after each of them. */
function oncePerTurn<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let asked: Promise<Answer> | null = null
  return () => {
    asked ??= Promise.resolve().then(() => {
      asked = null
      return ask()
    })
    return asked
  }
}
