import type { Config } from '../../../src/config/schema.ts'
import type { HttpFilter } from '../../tree.ts'
import type { Chain } from '../chain.ts'
import type { Manifest } from '../manifest.ts'
import { ENVOY_GATEWAY_API, GATEWAY, listenerName, THE_GATEWAY } from './names.ts'

const LISTENER = 'type.googleapis.com/envoy.config.listener.v3.Listener'

interface Operation {
  readonly op: 'add' | 'remove'
  readonly jsonPath: string
  readonly path: string
  readonly value?: unknown
}

/**
 * What no field of Envoy Gateway's says. Filters are found by the end of their names, because the
 * beginning differs with the way the control plane runs, and never by their place, because other
 * policies add filters.
 */
export function patchPolicy(config: Config, chain: Chain): Manifest {
  const [auth, guard, copying] = chain.filters
  const filterAt = (index: number) => nthFilter(config.mesh.manifests.namespace, index)
  const operations = [
    ...filterPatches(filterAt(0), auth),
    ...filterPatches(filterAt(1), copying),
    // An element that is added where another stands goes before it.
    { op: 'add' as const, jsonPath: filterAt(1), path: '', value: guard },
    ...managerPatches(chain),
  ]
  return {
    apiVersion: ENVOY_GATEWAY_API,
    kind: 'EnvoyPatchPolicy',
    metadata: { name: GATEWAY, namespace: config.mesh.manifests.namespace },
    spec: {
      targetRef: THE_GATEWAY,
      type: 'JSONPatch',
      jsonPatches: operations.map((operation) => ({
        type: LISTENER,
        name: `${config.mesh.manifests.namespace}/${GATEWAY}/${listenerName(config)}`,
        operation,
      })),
    },
  }
}

/** With its namespace, so that a policy whose name only ends like this one is another. */
const nthFilter = (namespace: string, index: number) =>
  `..http_filters[?(@.name =~ /.${namespace}.${GATEWAY}.extproc.${index}$/)]`

/** Fields that an EnvoyExtensionPolicy says in full (chain.ts). */
const SAID = [
  '@type',
  'observability_mode',
  'failure_mode_allow',
  'status_on_error',
  'message_timeout',
  'response_attributes',
  'metadata_options',
]

function filterPatches(path: string, filter: HttpFilter | undefined): Operation[] {
  const at = `${path}.typed_config`
  const { grpc_service, processing_mode, ...others } = filter?.typed_config ?? {}
  const { envoy_grpc, ...service } = grpc_service as Record<string, Record<string, unknown>>
  const { cluster_name: _ofEnvoyGateway, ...connection } = envoy_grpc ?? {}
  const add = (jsonPath: string, fields: Record<string, unknown>): Operation[] =>
    Object.entries(fields).map(([field, value]) => ({
      ...{ op: 'add', jsonPath, path: `/${field}`, value },
    }))
  return [
    ...add(at, Object.fromEntries(Object.entries(others).filter(([name]) => !SAID.includes(name)))),
    ...add(at, { processing_mode }),
    ...add(`${at}.grpc_service`, service),
    ...add(`${at}.grpc_service.envoy_grpc`, connection),
    // It would end a stream that a sync filter has open for longer.
    { op: 'remove', jsonPath: `${at}.grpc_service`, path: '/timeout' },
  ]
}

const MANAGER =
  '..filters[?(@.name == "envoy.filters.network.http_connection_manager")].typed_config'

function managerPatches({ manager, accessLogs, localReplies }: Chain): Operation[] {
  const fields = { ...manager, local_reply_config: localReplies }
  const [closing] = accessLogs as unknown as ReadonlyArray<{
    readonly typed_config: { readonly common_config: Readonly<Record<string, unknown>> }
  }>
  const {
    log_name,
    grpc_service,
    transport_api_version: _same,
    ...others
  } = closing?.typed_config.common_config ?? {}
  const log = `..access_log[?(@.typed_config.common_config.log_name == "${log_name}")].typed_config.common_config`
  const { envoy_grpc } = grpc_service as { readonly envoy_grpc: Readonly<Record<string, unknown>> }
  return [
    ...Object.entries(fields).map(([field, value]): Operation => {
      return { op: 'add', jsonPath: MANAGER, path: `/${field}`, value }
    }),
    ...Object.entries(others).map(([field, value]): Operation => {
      return { op: 'add', jsonPath: log, path: `/${field}`, value }
    }),
    {
      ...{ op: 'add', jsonPath: `${log}.grpc_service.envoy_grpc`, path: '/skip_envoy_headers' },
      value: envoy_grpc['skip_envoy_headers'],
    },
  ]
}
