import { GATEWAY, GATEWAY_LABELS, GATEWAY_PORT } from '../../../envoy/mesh/istio/egress-gateway.ts'
import type { Manifest } from '../../../envoy/mesh/manifest.ts'

/** Kinds that istiod reads; the others are Kubernetes'. */
const OF_ISTIO = /\.istio\.io\//

/**
 * The manifests where there is no cluster: names do not resolve, there are no services, and nothing
 * redirects an app's connections to its sidecar. All else stays as it was rendered.
 */
export function onLoopback(
  manifests: readonly Manifest[],
  gatewayPort: number,
  sidecars: Readonly<Record<string, string>>,
): Manifest[] {
  const ofIstio = manifests.filter(({ apiVersion }) => OF_ISTIO.test(apiVersion))
  const text = JSON.stringify(ofIstio).replaceAll(`:${GATEWAY_PORT}`, `:${gatewayPort}`)
  const adapted = (JSON.parse(text) as Manifest[]).map((manifest) => {
    const spec = manifest['spec'] as Record<string, unknown>
    const withSpec = (change: Record<string, unknown>) => ({
      ...manifest,
      spec: { ...spec, ...change },
    })
    if (manifest.kind === 'ServiceEntry')
      return withSpec({ resolution: 'STATIC', endpoints: [{ address: '127.0.0.1' }] })
    if (manifest.kind === 'Gateway')
      return withSpec({
        servers: (spec['servers'] as object[]).map((server) => ({ ...server, bind: '127.0.0.1' })),
      })
    if (manifest.kind === 'Sidecar') {
      const bind = sidecars[manifest.metadata.namespace ?? '']
      const listener = { port: HTTP, bind, captureMode: 'NONE', hosts: ['*/*'] }
      return withSpec({ egress: [listener, ...(spec['egress'] as object[])] })
    }
    return manifest
  })
  return [...adapted, gatewayService(adapted, gatewayPort)]
}

const HTTP = { number: 80, name: 'http', protocol: 'HTTP' }

/** Stands in for the Service of the gateway. */
function gatewayService(adapted: readonly Manifest[], gatewayPort: number): Manifest {
  const gateway = adapted.find(({ kind }) => kind === 'Gateway')
  const namespace = gateway?.metadata.namespace ?? 'flint'
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name: `service-of-${GATEWAY}`, namespace },
    spec: {
      hosts: [`${GATEWAY}.${namespace}.svc.cluster.local`],
      location: 'MESH_INTERNAL',
      resolution: 'STATIC',
      ports: [{ number: gatewayPort, name: 'https', protocol: 'HTTPS' }],
      endpoints: [{ address: '127.0.0.1', labels: GATEWAY_LABELS }],
    },
  }
}
