import { activeProviders } from '../../src/config/active-providers.ts'
import { ConfigError } from '../../src/config/config-error.ts'
import type { Config } from '../../src/config/schema.ts'
import { endpointOf } from '../upstream.ts'

/** A host that calls of the mesh go to. */
export interface MeshHost {
  readonly host: string
  /** Its provider, which its routes are named after, as those of Flint's own Envoy are. */
  readonly provider: string
  /** Where the provider speaks TLS. */
  readonly port: number
  /** `api-openai-com`: what objects that are about this host are called. */
  readonly slug: string
}

/**
 * The hosts that manifests are rendered for: those of `mesh.manifests.hosts`, else of every provider that
 * speaks TLS. Throws ConfigError where no provider is behind one: the gate would refuse its calls.
 */
export function meshHosts(config: Config): readonly MeshHost[] {
  const known = new Map<string, MeshHost>()
  for (const { name, upstream } of activeProviders(config).all) {
    const { secure, host, port } = endpointOf(upstream)
    if (secure && !known.has(host))
      known.set(host, { host, provider: name, port, slug: host.replaceAll('.', '-') })
  }
  const { hosts } = config.mesh.manifests
  if (hosts === undefined) return [...known.values()]
  return [...new Set(hosts)].map((host) => {
    const found = known.get(host)
    if (found === undefined)
      throw new ConfigError(
        `mesh.manifests.hosts (FLINT_MESH_MANIFESTS_HOSTS) names ${host}, which is the https upstream of no provider: these are ${[...known.keys()].join(', ')}; add one under providers:`,
        'mesh.manifests.hosts',
      )
    return found
  })
}
