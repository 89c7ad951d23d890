import type { Config } from '../../../src/config/schema.ts'
import { readTemplate } from '../../template.ts'
import type { Manifest, ManifestFile } from '../manifest.ts'
import type { MeshHost } from '../mesh-hosts.ts'

/** Of envoy/provider.yaml: how connections to providers are kept, wherever Flint makes them. */
interface ProviderFile {
  readonly cluster: {
    readonly connect_timeout: string
    readonly upstream_connection_options: {
      readonly tcp_keepalive: {
        readonly keepalive_time: number
        readonly keepalive_interval: number
        readonly keepalive_probes: number
      }
    }
    readonly typed_extension_protocol_options: Readonly<
      Record<string, { readonly common_http_protocol_options: { readonly idle_timeout: string } }>
    >
  }
}

/** Apps say `http://` and this port; the proxy makes TLS of it. */
export const HTTP_PORT = 80

/**
 * Providers as services of the mesh: plain HTTP inside, TLS to the outside, checked against the
 * provider's name. No port for TLS: what an app encrypts itself could not be read.
 */
export function providersFile(config: Config, hosts: readonly MeshHost[]): ManifestFile {
  return {
    name: 'providers.yaml',
    about:
      'The providers as services of the mesh. Apps call http://<host>, the proxy speaks TLS to the provider and checks its name.',
    manifests: hosts.flatMap((host) => [serviceEntry(config, host), destinationRule(config, host)]),
  }
}

function serviceEntry(
  { mesh: { manifests: mesh } }: Config,
  { host, port, slug }: MeshHost,
): Manifest {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name: slug, namespace: mesh.namespace },
    spec: {
      hosts: [host],
      location: 'MESH_EXTERNAL',
      resolution: 'DNS',
      ports: [{ number: HTTP_PORT, name: 'http', protocol: 'HTTP', targetPort: port }],
    },
  }
}

function destinationRule(
  { mesh: { manifests: mesh } }: Config,
  { host, slug }: MeshHost,
): Manifest {
  const { cluster } = readTemplate('provider.yaml') as ProviderFile
  const { keepalive_time, keepalive_interval, keepalive_probes } =
    cluster.upstream_connection_options.tcp_keepalive
  const [options] = Object.values(cluster.typed_extension_protocol_options)
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: slug, namespace: mesh.namespace },
    spec: {
      host,
      trafficPolicy: {
        portLevelSettings: [
          {
            port: { number: HTTP_PORT },
            connectionPool: {
              tcp: {
                connectTimeout: cluster.connect_timeout,
                tcpKeepalive: {
                  time: `${keepalive_time}s`,
                  interval: `${keepalive_interval}s`,
                  probes: keepalive_probes,
                },
              },
              http: {
                idleTimeout: options?.common_http_protocol_options.idle_timeout,
                h2UpgradePolicy: 'DO_NOT_UPGRADE',
              },
            },
            tls: {
              mode: 'SIMPLE',
              sni: host,
              subjectAltNames: [host],
              ...(mesh.caFile === undefined ? {} : { caCertificates: mesh.caFile }),
            },
          },
        ],
      },
    },
  }
}
