import type { SettingsSeen } from '../store/identity/settings-seen.ts'
import type { SettingsCache } from './settings-cache.ts'

/** As often it says what it knows though nothing changed: so it is seen to be there. */
const AGAIN_AFTER_MS = 600_000

/**
 * What a gate says of the settings that it goes by: as soon as they change, and every ten minutes.
 * Rejects while the store is away; the next call says it then.
 */
export function createSettingsReport({
  gate,
  pepper,
  settings,
  seen,
  nowMs = Date.now,
}: {
  readonly gate: string
  /** Fingerprint of the pepper that it runs under. */
  readonly pepper: string
  readonly settings: Pick<SettingsCache, 'loaded' | 'revisions'>
  readonly seen: Pick<SettingsSeen, 'note'>
  readonly nowMs?: () => number
}): () => Promise<void> {
  let [said, saidAtMs] = ['', Number.NEGATIVE_INFINITY]
  return async () => {
    // A gate that knows no settings yet has nothing to say.
    if (!settings.loaded) return
    const revisions = settings.revisions()
    const now = JSON.stringify([...revisions])
    if (now === said && nowMs() - saidAtMs < AGAIN_AFTER_MS) return
    await seen.note(gate, revisions, pepper)
    ;[said, saidAtMs] = [now, nowMs()]
  }
}
