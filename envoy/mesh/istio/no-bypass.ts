import type { Config } from '../../../src/config/schema.ts'
import { insideTheCluster } from '../inside-the-cluster.ts'
import type { Manifest, ManifestFile } from '../manifest.ts'
import { nameOf } from '../names.ts'
import { GATEWAY, GATEWAY_LABELS } from './egress-gateway.ts'

/** What keeps calls from going another way than the one that is captured. */
export function noBypassFile(config: Config): ManifestFile {
  const { captureAt, namespaces } = config.mesh.manifests
  const behindGateway = captureAt !== 'sidecar'
  return {
    name: 'no-bypass.yaml',
    about: behindGateway
      ? 'No way around the gateway: sidecars reach what the mesh knows, the network lets no pod out of the cluster, and the gateway serves these namespaces alone.'
      : 'Sidecars reach what the mesh knows. An app that goes around its own sidecar is not stopped by this: for that, capture at the egress gateway.',
    manifests: [
      ...(behindGateway ? [callersOfGateway(config)] : []),
      ...namespaces.flatMap((namespace) => [
        registryOnly(namespace),
        ...(behindGateway ? [insideTheCluster(namespace)] : []),
      ]),
    ],
  }
}

function callersOfGateway({ mesh: { manifests: mesh } }: Config): Manifest {
  return {
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { name: GATEWAY, namespace: mesh.namespace },
    spec: {
      selector: { matchLabels: GATEWAY_LABELS },
      action: 'ALLOW',
      rules: [{ from: [{ source: { namespaces: mesh.namespaces } }] }],
    },
  }
}

function registryOnly(namespace: string): Manifest {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Sidecar',
    metadata: { name: nameOf('registry-only'), namespace },
    spec: {
      outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
      egress: [{ hosts: ['*/*'] }],
    },
  }
}
