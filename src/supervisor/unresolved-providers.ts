import net from 'node:net'
import type { ActiveProviders } from '../providers/active-providers.ts'
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
  providers: ActiveProviders,
  say: (line: string) => void,
): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    const addresses = await admin.addresses()
    const unresolved = providers.all.filter(
      ({ name, upstream }) => addresses?.get(`provider_${name}`) === 0 && isName(upstream),
    )
    if (unresolved.length === 0) return
    if (performance.now() > deadline) {
      for (const { name, upstream } of unresolved) {
        const { hostname } = new URL(upstream)
        say(
          `warning: DNS knows no address of ${hostname} (providers.${name}.upstream); calls to ${name} get 502 until it does`,
        )
      }
      return
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS).unref())
  }
}

function isName(upstream: string): boolean {
  return net.isIP(new URL(upstream).hostname.replace(/^\[(.*)\]$/, '$1')) === 0
}
