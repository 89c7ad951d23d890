import net from 'node:net'
import { type BootstrapTree, clusterOf } from './tree.ts'
import { endpointOf, subjectNames, type Upstream } from './upstream.ts'

const TYPE = 'type.googleapis.com/envoy.extensions'
const CLUSTER = 'egress_proxy'

/**
 * Sends every provider that speaks TLS through an HTTP proxy: the provider's cluster connects to a
 * listener inside this Envoy, which asks the proxy for a tunnel by name (CONNECT, RFC 9110 §9.3.6).
 * TLS stays between Envoy and the provider. Nothing is resolved here but the proxy's own name.
 * Providers on plain http are reached directly. See docs/decisions/028.
 *
 * @param proxy http or https origin, with `user:password@` where the proxy wants them
 */
export function useEgressProxy(
  tree: BootstrapTree,
  proxy: string,
  caFile: string,
  upstreams: ReadonlyMap<string, Upstream>,
): void {
  tree.bootstrap_extensions = [
    {
      name: 'envoy.bootstrap.internal_listener',
      typed_config: { '@type': `${TYPE}.bootstrap.internal_listener.v3.InternalListener` },
    },
  ]
  tree.static_resources.clusters.push(proxyCluster(endpointOf(proxy), caFile))
  for (const [provider, upstream] of upstreams) {
    if (!upstream.secure) continue
    const name = `egress_${provider}`
    const cluster = clusterOf(tree, `provider_${provider}`)
    cluster['type'] = 'STATIC'
    cluster['load_assignment'] = assignment(`provider_${provider}`, {
      envoy_internal_address: { server_listener_name: name },
    })
    delete cluster['dns_lookup_family']
    delete cluster['wait_for_warm_on_init']
    delete cluster['upstream_connection_options']
    tree.static_resources.listeners.push({
      ...{ name, internal_listener: {} },
      filter_chains: [
        {
          filters: [
            {
              name: 'envoy.filters.network.tcp_proxy',
              typed_config: tunnel(name, upstream, proxy),
            },
          ],
        },
      ],
    })
  }
}

function tunnel(name: string, { host, port }: Upstream, proxy: string) {
  const { username, password } = new URL(proxy)
  const credentials = Buffer.from(
    `${decodeURIComponent(username)}:${decodeURIComponent(password)}`,
  ).toString('base64')
  const header = { key: 'proxy-authorization', value: `Basic ${credentials}` }
  return {
    '@type': `${TYPE}.filters.network.tcp_proxy.v3.TcpProxy`,
    ...{ stat_prefix: name, cluster: CLUSTER, idle_timeout: '0s' },
    tunneling_config: {
      hostname: `${host.includes(':') ? `[${host}]` : host}:${port}`,
      ...(username === ''
        ? {}
        : { headers_to_add: [{ header, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' }] }),
    },
  }
}

function proxyCluster({ secure, host, port }: Upstream, caFile: string) {
  return {
    ...{
      name: CLUSTER,
      type: 'LOGICAL_DNS',
      dns_lookup_family: 'ALL',
      wait_for_warm_on_init: false,
      connect_timeout: '5s',
    },
    circuit_breakers: {
      thresholds: [
        { max_connections: 1_000_000, max_pending_requests: 1_000_000, max_requests: 1_000_000 },
      ],
    },
    upstream_connection_options: {
      tcp_keepalive: { keepalive_time: 60, keepalive_interval: 30, keepalive_probes: 4 },
    },
    load_assignment: assignment(CLUSTER, { socket_address: { address: host, port_value: port } }),
    ...(secure
      ? {
          transport_socket: {
            name: 'envoy.transport_sockets.tls',
            typed_config: {
              '@type': `${TYPE}.transport_sockets.tls.v3.UpstreamTlsContext`,
              ...(net.isIP(host) === 0 ? { sni: host } : {}),
              common_tls_context: {
                alpn_protocols: ['http/1.1'],
                validation_context: {
                  trusted_ca: { filename: caFile },
                  match_typed_subject_alt_names: subjectNames(host),
                },
              },
            },
          },
        }
      : {}),
  }
}

function assignment(cluster_name: string, address: unknown) {
  return { cluster_name, endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] }
}
