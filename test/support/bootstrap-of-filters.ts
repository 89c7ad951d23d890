import type { Cluster, HttpFilter } from '../../envoy/tree.ts'

/** What an EnvoyFilter of the manifests says, as far as it is put into a bootstrap. */
export interface ConfigPatch {
  readonly applyTo: string
  readonly match?: unknown
  readonly patch: { readonly operation: string; readonly value: unknown }
}

interface Value {
  readonly name?: string
  readonly typed_config?: Record<string, unknown>
  readonly typed_per_filter_config?: Record<string, unknown>
}

const EXTENSIONS = 'type.googleapis.com/envoy.extensions'
const HTTP2 = { explicit_http_config: { http2_protocol_options: {} } }
/** What every proxy of Istio has for its certificates. */
const AGENT: Cluster = {
  name: 'sds-grpc',
  type: 'STATIC',
  connect_timeout: '1s',
  typed_extension_protocol_options: {
    [`${EXTENSIONS.split('/')[1]}.upstreams.http.v3.HttpProtocolOptions`]: {
      '@type': `${EXTENSIONS}.upstreams.http.v3.HttpProtocolOptions`,
      ...HTTP2,
    },
  },
  load_assignment: {
    cluster_name: 'sds-grpc',
    endpoints: [{ lb_endpoints: [{ endpoint: { address: { pipe: { path: './agent.sock' } } } }] }],
  },
}

/**
 * A bootstrap in which each value of the patches stands where the control plane would put it: the
 * real Envoy says what istiod does not, that a field is not one.
 */
export function bootstrapOfPatches(patches: readonly ConfigPatch[]): unknown {
  const filters: HttpFilter[] = []
  const clusters: Cluster[] = [AGENT]
  let manager: Record<string, unknown> = {}
  let router: Record<string, unknown> = { '@type': `${EXTENSIONS}.filters.http.router.v3.Router` }
  let host: Record<string, unknown> = {}
  for (const { applyTo, patch } of patches) {
    const value = patch.value as Value
    const place = `${applyTo} ${patch.operation}`
    if (place === 'CLUSTER ADD') clusters.push(patch.value as Cluster)
    else if (place === 'HTTP_FILTER INSERT_BEFORE') filters.push(patch.value as HttpFilter)
    else if (place === 'HTTP_FILTER MERGE') router = { ...router, ...value.typed_config }
    else if (place === 'NETWORK_FILTER MERGE') manager = { ...manager, ...value.typed_config }
    else if (place === 'VIRTUAL_HOST MERGE') host = { ...host, ...(patch.value as object) }
    else throw new Error(`a patch that no test puts into a bootstrap: ${place}`)
  }
  return bootstrapWith(
    {
      ...manager,
      http_filters: [...filters, { name: 'envoy.filters.http.router', typed_config: router }],
    },
    clusters,
    host,
  )
}

/** A listener with this connection manager, and one route. */
export function bootstrapWith(
  manager: Record<string, unknown>,
  clusters: readonly Cluster[],
  host: Record<string, unknown> = {},
): unknown {
  const typed_config = {
    '@type': `${EXTENSIONS}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: 'mesh',
    ...manager,
    route_config: {
      virtual_hosts: [
        {
          ...host,
          name: 'all',
          domains: ['*'],
          routes: [{ match: { prefix: '/' }, direct_response: { status: 200 } }],
        },
      ],
    },
  }
  const filters = [{ name: 'envoy.filters.network.http_connection_manager', typed_config }]
  return {
    node: { id: 'mesh', cluster: 'mesh' },
    static_resources: {
      listeners: [
        {
          name: 'mesh',
          address: { socket_address: { address: '127.0.0.1', port_value: 0 } },
          filter_chains: [{ filters }],
        },
      ],
      clusters,
    },
  }
}
