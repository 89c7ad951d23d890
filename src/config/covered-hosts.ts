import { activeProviders } from './active-providers.ts'
import type { Config } from './schema.ts'

/**
 * Hosts that manifests rendered from these settings are about: those of `mesh.manifests.hosts`, else
 * of every provider that speaks TLS.
 */
export function coveredHosts(config: Config): ReadonlySet<string> {
  const { hosts } = config.mesh.manifests
  if (hosts !== undefined) return new Set(hosts)
  const upstreams = activeProviders(config).all.map(({ upstream }) => new URL(upstream))
  return new Set(
    upstreams.filter(({ protocol }) => protocol === 'https:').map(({ hostname }) => hostname),
  )
}
