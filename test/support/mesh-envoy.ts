import { MESH_ATTRIBUTES } from '../../src/extproc/mesh-identity.ts'
import type { Certificate } from './authority.ts'
import { type Bootstrap, managerOf } from './envoy.ts'

/** What turns Flint's own bootstrap into that of a proxy of a mesh. */
export interface MeshProxy {
  readonly ca: string
  /** Its own, which it shows to Flint. */
  readonly own?: Certificate
  /** Where Flint listens for proxies; left out: on its sockets. */
  readonly ports?: { readonly gate: number; readonly observer: number }
  /** Callers must show a certificate. */
  readonly callersShowCertificates?: boolean
  readonly hosts: readonly string[]
  readonly node?: object
  /** The proxy that calls go to from here, which captures too; left out: they go to the provider. */
  readonly next?: { readonly port: number }
}

const TLS = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3'
const PER_ROUTE = 'type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExtProcPerRoute'

/** On the route of a mesh alone the filter says so to the gate. */
const meshMode = (next: MeshProxy['next']) => ({
  'flint.auth': {
    '@type': PER_ROUTE,
    overrides: {
      grpc_initial_metadata: [
        { key: 'x-flint-mode', value: 'mesh' },
        { key: 'x-flint-cluster', value: 'eu-1' },
        ...(next === undefined ? [] : [{ key: 'x-flint-next', value: 'proxy' }]),
      ],
    },
  },
})

export function makeMeshProxy(bootstrap: Bootstrap, proxy: MeshProxy): void {
  const { own, ca, ports, callersShowCertificates, hosts, node, next } = proxy
  if (node !== undefined) Object.assign(bootstrap, { node })
  const { http_filters, route_config } = managerOf(bootstrap)
  const auth = (http_filters as NamedFilter[]).find(({ name }) => name === 'flint.auth')
  if (!auth) throw new Error('the bootstrap has no filter flint.auth')
  auth.typed_config['request_attributes'] = MESH_ATTRIBUTES
  route_config.virtual_hosts.unshift({
    ...{ name: 'mesh', domains: hosts },
    routes: [
      {
        ...{ name: 'openai', match: { prefix: '/' } },
        route: { cluster: next === undefined ? 'provider_openai' : 'next_proxy', timeout: '0s' },
        typed_per_filter_config: meshMode(next),
      },
    ],
  })
  if (next !== undefined && own !== undefined)
    bootstrap.static_resources.clusters.push(nextProxy(next.port, own, ca))
  if (callersShowCertificates && own) {
    const [chain] = bootstrap.static_resources.listeners[0]?.filter_chains ?? []
    Object.assign(chain ?? {}, {
      transport_socket: {
        name: 'envoy.transport_sockets.tls',
        typed_config: {
          '@type': `${TLS}.DownstreamTlsContext`,
          require_client_certificate: true,
          common_tls_context: contextOf(own, ca),
        },
      },
    })
    Object.assign(managerOf(bootstrap), {
      forward_client_cert_details: 'SANITIZE_SET',
      set_current_client_cert_details: { uri: true, cert: true },
    })
  }
  if (ports === undefined || own === undefined) return
  for (const cluster of bootstrap.static_resources.clusters) {
    const port = cluster.name === 'flint_gate' ? ports.gate : ports.observer
    if (cluster.name !== 'flint_gate' && cluster.name !== 'flint_observer') continue
    cluster.load_assignment.endpoints = [
      { lb_endpoints: [{ endpoint: { address: { socket_address: at(port) } } }] },
    ]
    Object.assign(cluster, {
      transport_socket: {
        name: 'envoy.transport_sockets.tls',
        typed_config: {
          '@type': `${TLS}.UpstreamTlsContext`,
          common_tls_context: { alpn_protocols: ['h2'], ...contextOf(own, ca) },
        },
      },
    })
  }
}

function nextProxy(port: number, own: Certificate, ca: string) {
  const endpoints = [{ lb_endpoints: [{ endpoint: { address: { socket_address: at(port) } } }] }]
  return {
    ...{ name: 'next_proxy', type: 'STATIC' },
    load_assignment: { cluster_name: 'next_proxy', endpoints },
    transport_socket: {
      name: 'envoy.transport_sockets.tls',
      typed_config: {
        '@type': `${TLS}.UpstreamTlsContext`,
        common_tls_context: contextOf(own, ca),
      },
    },
  }
}

interface NamedFilter {
  readonly name: string
  readonly typed_config: Record<string, unknown>
}

function at(port: number) {
  return { address: '127.0.0.1', port_value: port }
}

function contextOf({ certFile, keyFile }: Certificate, ca: string) {
  return {
    tls_certificates: [
      { certificate_chain: { filename: certFile }, private_key: { filename: keyFile } },
    ],
    validation_context: { trusted_ca: { filename: ca } },
  }
}
