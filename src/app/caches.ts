import path from 'node:path'
import type { Logger } from 'pino'
import { KeyCache, toCachedKey } from '../identity/key-cache.ts'
import { SettingsCache } from '../identity/settings-cache.ts'
import type { Installation } from '../installation.ts'
import { warnOnce } from '../process/repeat.ts'
import type { StoreClient } from '../store/client/client.ts'
import { createIdentityLog } from '../store/identity/identity-log.ts'

/** What gate and API hold in memory of identity. */
export interface Caches {
  readonly keys: KeyCache
  readonly settings: SettingsCache
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
): Promise<Caches> {
  const identity = createIdentityLog(store)
  const keys = new KeyCache({
    pepper: secrets.keyPepper,
    previousPepper: secrets.previousKeyPepper,
    file: path.join(paths.secrets, 'key-directory.json'),
    load: async () => (await identity.listKeys()).map(toCachedKey),
    revision: () => identity.revision(),
  })
  const settings = new SettingsCache({
    file: path.join(paths.secrets, 'settings.json'),
    load: () => identity.listSettings(),
    revision: () => identity.revision(),
  })
  const all = [keys, settings]
  const refresh = async () => {
    await Promise.all(all.map((directory) => directory.refresh()))
  }
  // A store that hangs must not keep callers waiting for a gate whose copies are good.
  const late = new Promise<void>((resolve) => setTimeout(resolve, 1_000))
  await Promise.race([
    refresh().catch(() =>
      log.warn('ClickHouse does not answer: keys and settings are served from the last copy'),
    ),
    late,
  ])
  for (const directory of all)
    directory.start(warnOnce(log, 'keys and settings could not be refreshed'))
  return {
    keys,
    settings,
    refresh,
    stop() {
      for (const directory of all) directory.stop()
    },
  }
}
