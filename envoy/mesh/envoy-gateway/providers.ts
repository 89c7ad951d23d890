import type { Config } from '../../../src/config/schema.ts'
import { ADDED_ON_THE_WAY } from '../headers-of-proxies.ts'
import type { Manifest, ManifestFile } from '../manifest.ts'
import type { MeshHost } from '../mesh-hosts.ts'
import { authorityIn, backend } from './backends.ts'
import { CERTIFICATES, GATEWAY, GATEWAY_API, toBackend } from './names.ts'

/**
 * Each host of a provider: the route keeps the host that the app named, so there is nothing to
 * rewrite, and the gateway speaks TLS to it.
 */
export function providersFile(config: Config, hosts: readonly MeshHost[]): ManifestFile {
  return {
    name: 'providers.yaml',
    about:
      'The providers: the gateway speaks TLS to each and checks its name, and gives it the caller’s headers alone.',
    manifests: hosts.flatMap((host) => [...place(config, host), route(config, host)]),
  }
}

function place(config: Config, { host, port, slug }: MeshHost): Manifest[] {
  const validation =
    config.mesh.manifests.caFile === undefined
      ? { wellKnownCACertificates: 'System' }
      : authorityIn(CERTIFICATES.providers)
  return backend(config, { name: slug, host, port, validation })
}

function route(
  { mesh: { manifests: mesh } }: Config,
  { host, provider, slug }: MeshHost,
): Manifest {
  return {
    apiVersion: GATEWAY_API,
    kind: 'HTTPRoute',
    metadata: { name: slug, namespace: mesh.namespace },
    spec: {
      parentRefs: [{ name: GATEWAY }],
      hostnames: [host],
      rules: [
        {
          name: provider,
          filters: [
            {
              type: 'RequestHeaderModifier',
              requestHeaderModifier: { remove: ADDED_ON_THE_WAY },
            },
          ],
          backendRefs: [toBackend(slug)],
        },
      ],
    },
  }
}
