import type { ProviderDefinition } from './provider.ts'
import { PROVIDER_DEFINITIONS } from './registry.ts'

/** Shaped as an ActiveProvider (active-providers.ts). */
interface KnownProvider extends ProviderDefinition {
  readonly upstream: string
  readonly definedBasePath?: ProviderDefinition['basePath']
  readonly profile: 'available'
}

/**
 * Every provider that has a host of its own by which it is known, configured or not: calls through
 * a mesh name a host, and no provider of Flint's configuration.
 */
export function knownProviders(): readonly KnownProvider[] {
  return PROVIDER_DEFINITIONS.flatMap((definition) => {
    const { name, upstream, hosts = [], knownHosts = [] } = definition
    // Its address is only that of one of its hosts: nothing is sent there by it.
    const address = upstream ?? (hosts[0] === undefined ? null : `https://${hosts[0]}`)
    const own =
      address === null
        ? []
        : [{ ...definition, name, upstream: address, profile: 'available' as const }]
    const further = knownHosts
      .filter((host) => host.upstream.startsWith('https:'))
      .map((host) => ({
        ...definition,
        ...host,
        hosts: [],
        definedBasePath: definition.basePath,
        profile: 'available' as const,
      }))
    return [...own, ...further]
  })
}
