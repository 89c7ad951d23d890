import { activeProviders } from '../../src/config/active-providers.ts'
import { dataPaths } from '../../src/config/data-paths.ts'
import type { Config } from '../../src/config/schema.ts'
import { bootstrapValues } from '../bootstrap-values.ts'
import { showAnswerHeaders } from '../provider-tree.ts'
import { fill, readTemplate } from '../template.ts'
import {
  type BootstrapTree,
  type Cluster,
  clusterOf,
  filterOf,
  type HttpFilter,
  type Manager,
  managersOf,
} from '../tree.ts'
import { localRepliesOf } from './local-replies.ts'

/**
 * Flint's part of a proxy that is someone else's: taken out of envoy/bootstrap.yaml, so that a mesh
 * runs what every end-to-end test has run.
 */
export interface Chain {
  /** In their order, before the router. */
  readonly filters: readonly HttpFilter[]
  readonly router: HttpFilter
  /**
   * Fields of the connection manager; a proxy that carries other traffic gets the last two alone.
   */
  readonly manager: Manager
  readonly accessLogs: readonly AccessLog[]
  readonly localReplies: unknown
  /** Replies that only calls which Flint has seen can get. */
  readonly localRepliesOfCalls: unknown
  /** Of gate and observer, with the addresses of the setting and without their TLS. */
  readonly clusters: readonly Cluster[]
}

/**
 * In the gate's mode for the mesh no caller has a Flint key: who calls is what its proxy proves.
 */
const MODE = { key: 'x-flint-mode', value: 'mesh' }
/** A second proxy that captures comes next: the gate gives the call a seal for it. */
const NEXT = { key: 'x-flint-next', value: 'proxy' }
/**
 * What the gate knows a caller by that has no key. Of the node only what says who it is: all of it
 * would be every extension of Envoy's, tens of kilobytes with each call.
 */
const IDENTITY = [
  'connection.uri_san_peer_certificate',
  'source.address',
  'xds.node.id',
  'xds.node.metadata.WORKLOAD_NAME',
  'xds.node.metadata.NAMESPACE',
  'xds.node.metadata.SERVICE_ACCOUNT',
  'xds.node.metadata.CLUSTER_ID',
]
/**
 * Fields for a proxy that carries nothing but calls to providers: the answer is the provider's, and
 * the request is the caller's.
 */
const OF_MANAGER = [
  'generate_request_id',
  'preserve_external_request_id',
  'server_header_transformation',
  'skip_xff_append',
  'internal_address_config',
  'path_with_escaped_slashes_action',
  'proxy_100_continue',
  'request_headers_timeout',
  'stream_idle_timeout',
  'common_http_protocol_options',
]

/** Where calls go from the proxy that has the chain. */
export type NextHop = 'provider' | 'proxy'

export function chainOf(config: Config, next: NextHop = 'provider'): Chain {
  const providers = activeProviders(config)
  const values = bootstrapValues(config, providers, dataPaths(config.dataDir), '').set(
    'envoy.run',
    '',
  )
  const tree = fill(readTemplate('bootstrap.yaml'), values) as BootstrapTree
  for (const provider of providers.all) showAnswerHeaders(tree, provider)
  const [manager = {}] = managersOf(tree)
  const { profile, gate, observer } = config.mesh.manifests
  const copying = filterOf(tree, profile === 'acked' ? 'flint.acked' : 'flint.observe')
  return {
    filters: [
      inMeshMode(filterOf(tree, 'flint.auth'), next),
      filterOf(tree, 'flint.guard'),
      { name: copying.name, typed_config: copying.typed_config },
    ],
    router: filterOf(tree, 'envoy.filters.http.router'),
    manager: Object.fromEntries(OF_MANAGER.map((field) => [field, manager[field]])),
    accessLogs: accessLogsOf(manager),
    ...localRepliesOf(manager),
    clusters: [
      at(clusterOf(tree, 'flint_gate'), gate),
      at(clusterOf(tree, 'flint_observer'), observer),
    ],
  }
}

function inMeshMode({ name, typed_config }: HttpFilter, next: NextHop): HttpFilter {
  const service = typed_config['grpc_service'] as Record<string, unknown>
  return {
    name,
    typed_config: {
      ...typed_config,
      grpc_service: { ...service, initial_metadata: next === 'proxy' ? [MODE, NEXT] : [MODE] },
      request_attributes: IDENTITY,
    },
  }
}

const STDOUT = 'type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog'

interface AccessLog {
  readonly name: string
  readonly typed_config: { readonly path?: string; readonly log_format?: unknown }
}

/** In a container the log is its output, which Kubernetes collects. */
function accessLogsOf(manager: Manager): readonly AccessLog[] {
  const logs = manager['access_log'] as readonly AccessLog[]
  return logs.map((log) =>
    log.typed_config.path === undefined
      ? log
      : {
          name: log.name,
          typed_config: { '@type': STDOUT, log_format: log.typed_config.log_format },
        },
  )
}

function at(cluster: Cluster, endpoint: string): Cluster {
  const colon = endpoint.lastIndexOf(':')
  const socket_address = {
    address: endpoint.slice(0, colon),
    port_value: Number(endpoint.slice(colon + 1)),
  }
  return {
    ...cluster,
    type: 'STRICT_DNS',
    load_assignment: {
      cluster_name: cluster['name'],
      endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address } } }] }],
    },
  }
}
