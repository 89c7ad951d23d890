import type { Config } from '../../../src/config/schema.ts'
import type { Manifest, ManifestFile } from '../manifest.ts'
import type { MeshHost } from '../mesh-hosts.ts'
import { HTTP_PORT } from './providers.ts'
import { NO_RETRIES, toProvider } from './to-provider.ts'

/** Of the gateway: its deployment, service, service account, and the Gateway that they carry. */
export const GATEWAY = 'flint-egress'
export const GATEWAY_LABELS = { istio: GATEWAY }
export const GATEWAY_PORT = 8443

/** Routes of the mesh to the gateway, and of the gateway to the providers. */
export function egressRoutesFile(config: Config, hosts: readonly MeshHost[]): ManifestFile {
  return {
    name: 'routes.yaml',
    about:
      'Calls to providers go through the gateway. From the sidecar to it the mesh’s mutual TLS, so that the gateway knows the workload.',
    manifests: [
      gateway(config, hosts),
      toGateway(config, hosts),
      ...hosts.map((host) => route(config, host)),
    ],
  }
}

function gateway({ mesh: { manifests: mesh } }: Config, hosts: readonly MeshHost[]): Manifest {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: { name: GATEWAY, namespace: mesh.namespace },
    spec: {
      selector: GATEWAY_LABELS,
      servers: [
        {
          port: { number: GATEWAY_PORT, name: 'https-providers', protocol: 'HTTPS' },
          hosts: hosts.map(({ host }) => host),
          tls: { mode: 'ISTIO_MUTUAL' },
        },
      ],
    },
  }
}

/** One subset per host: the gateway finds its certificate and its routes by the server name. */
function toGateway(config: Config, hosts: readonly MeshHost[]): Manifest {
  const mesh = config.mesh.manifests
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: GATEWAY, namespace: mesh.namespace },
    spec: {
      host: gatewayHost(config),
      subsets: hosts.map(({ host, slug }) => ({
        name: slug,
        trafficPolicy: {
          tls: {
            mode: 'ISTIO_MUTUAL',
            sni: host,
            subjectAltNames: [`spiffe://${mesh.trustDomain}/ns/${mesh.namespace}/sa/${GATEWAY}`],
          },
        },
      })),
    },
  }
}

function route(config: Config, host: MeshHost): Manifest {
  const destination = {
    host: gatewayHost(config),
    subset: host.slug,
    port: { number: GATEWAY_PORT },
  }
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: host.slug, namespace: config.mesh.manifests.namespace },
    spec: {
      hosts: [host.host],
      gateways: ['mesh', GATEWAY],
      http: [
        {
          name: 'to-gateway',
          match: [{ gateways: ['mesh'], port: HTTP_PORT }],
          ...NO_RETRIES,
          route: [{ destination }],
        },
        {
          name: host.provider,
          match: [{ gateways: [GATEWAY], port: GATEWAY_PORT }],
          ...toProvider(host),
        },
      ],
    },
  }
}

function gatewayHost({ mesh: { manifests: mesh } }: Config): string {
  return `${GATEWAY}.${mesh.namespace}.svc.cluster.local`
}
