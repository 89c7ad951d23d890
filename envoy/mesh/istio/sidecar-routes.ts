import type { Config } from '../../../src/config/schema.ts'
import type { ManifestFile } from '../manifest.ts'
import type { MeshHost } from '../mesh-hosts.ts'
import { HTTP_PORT } from './providers.ts'
import { toProvider } from './to-provider.ts'

/** Where sidecars capture, they reach the providers themselves. */
export function sidecarRoutesFile(
  { mesh: { manifests: mesh } }: Config,
  hosts: readonly MeshHost[],
): ManifestFile {
  return {
    name: 'routes.yaml',
    about: 'From the sidecar to the provider: no retries, and the caller’s headers alone.',
    manifests: hosts.map((host) => ({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: host.slug, namespace: mesh.namespace },
      spec: {
        hosts: [host.host],
        gateways: ['mesh'],
        http: [{ name: host.provider, match: [{ port: HTTP_PORT }], ...toProvider(host) }],
      },
    })),
  }
}
