import type { Config } from '../../../src/config/schema.ts'
import type { Manifest, ManifestFile } from '../manifest.ts'
import type { MeshHost } from '../mesh-hosts.ts'
import { nameOf } from '../names.ts'
import { GATEWAY_LABELS } from './egress-gateway.ts'

/**
 * The mesh's own access log prints paths with their query, in which Gemini's callers may have their
 * key; while apps spoke TLS themselves, it could not. Flint's logs (chain.yaml) have no query.
 */
export function accessLogFile(config: Config, hosts: readonly MeshHost[]): ManifestFile {
  const { captureAt, namespaces, accessLogProvider } = config.mesh.manifests
  return {
    name: 'access-log.yaml',
    about:
      'The mesh’s own access log prints queries, and so keys that stand in them: calls to providers are left out of it. The access log service and the log without queries are in chain.yaml.',
    manifests: [
      ...(captureAt !== 'sidecar' ? [offOnGateway(config)] : []),
      ...namespaces
        .filter(() => accessLogProvider !== 'none')
        .map((namespace) => withoutProviders(namespace, accessLogProvider, hosts)),
    ],
  }
}

function offOnGateway({ mesh: { manifests: mesh } }: Config): Manifest {
  return {
    apiVersion: 'telemetry.istio.io/v1',
    kind: 'Telemetry',
    metadata: { name: nameOf('access-log'), namespace: mesh.namespace },
    spec: {
      selector: { matchLabels: GATEWAY_LABELS },
      accessLogging: [{ disabled: true }],
      tracing: [{ disableSpanReporting: true }],
    },
  }
}

/** A filter is one of a provider of logs: istiod ignores that of an entry which names none. */
function withoutProviders(
  namespace: string,
  accessLogProvider: string,
  hosts: readonly MeshHost[],
): Manifest {
  const named = hosts.map(({ host }) => `request.host.startsWith('${host}')`)
  const expression = `!(${named.join(' || ')})`
  return {
    apiVersion: 'telemetry.istio.io/v1',
    kind: 'Telemetry',
    metadata: { name: nameOf('access-log'), namespace },
    spec: {
      accessLogging: [{ providers: [{ name: accessLogProvider }], filter: { expression } }],
    },
  }
}
