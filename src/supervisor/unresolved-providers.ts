import net from 'node:net'
import type { Config } from '../config/schema.ts'
import type { Provider } from '../evidence/evidence.ts'
import { PROVIDERS } from '../providers/registry.ts'
import type { EnvoyAdmin } from './envoy-admin.ts'

const PATIENCE_MS = 5_000
const LOOK_EVERY_MS = 500

/**
 * Envoy serves before it knows where its providers are (`wait_for_warm_on_init: false`), so that a
 * silent name server does not keep Flint from starting. Says which of them are still unknown after
 * a while, because their calls fail.
 */
export async function sayUnresolvedProviders(
  admin: EnvoyAdmin,
  config: Config,
  say: (line: string) => void,
): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    const addresses = await admin.addresses()
    const unresolved = PROVIDERS.filter(
      (provider) => addresses?.get(`provider_${provider}`) === 0 && isName(config, provider),
    )
    if (unresolved.length === 0) return
    if (performance.now() > deadline) {
      for (const provider of unresolved) {
        const { hostname } = new URL(config.providers[provider].upstream)
        say(
          `warning: DNS knows no address of ${hostname} (providers.${provider}.upstream); calls to ${provider} get 502 until it does`,
        )
      }
      return
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS).unref())
  }
}

function isName(config: Config, provider: Provider): boolean {
  return (
    net.isIP(new URL(config.providers[provider].upstream).hostname.replace(/^\[(.*)\]$/, '$1')) ===
    0
  )
}
