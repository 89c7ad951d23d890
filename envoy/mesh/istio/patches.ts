import type { Config } from '../../../src/config/schema.ts'
import type { HttpFilter } from '../../tree.ts'
import type { Chain } from '../chain.ts'
import type { Manifest } from '../manifest.ts'
import { nameOf } from '../names.ts'
import { withIstioCertificates } from '../processor-tls.ts'

export type Context = 'GATEWAY' | 'SIDECAR_OUTBOUND'

const MANAGER = 'envoy.filters.network.http_connection_manager'
const ROUTER = 'envoy.filters.http.router'
const MANAGER_TYPE =
  'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'

export interface Patch {
  readonly applyTo: string
  readonly match: unknown
  readonly patch: { readonly operation: string; readonly value: unknown }
}

/** Gate and observer: an EnvoyFilter reaches no service of the mesh's registry by itself. */
export function clusterPatches(config: Config, { clusters }: Chain, context: Context): Patch[] {
  return clusters.map((cluster) => ({
    applyTo: 'CLUSTER',
    match: { context },
    patch: { operation: 'ADD', value: withIstioCertificates(config, cluster) },
  }))
}

/** Before the router, in this order: each is inserted behind those before it. */
export function filterPatches(filters: readonly HttpFilter[], context: Context): Patch[] {
  return filters.map((value) => ({
    applyTo: 'HTTP_FILTER',
    match: beforeRouter(context),
    patch: { operation: 'INSERT_BEFORE', value },
  }))
}

export function managerPatch(fields: Record<string, unknown>, context: Context): Patch {
  return {
    applyTo: 'NETWORK_FILTER',
    match: { context, listener: { filterChain: { filter: { name: MANAGER } } } },
    patch: {
      operation: 'MERGE',
      value: { typed_config: { '@type': MANAGER_TYPE, ...fields } },
    },
  }
}

export function routerPatch({ router }: Chain, context: Context): Patch {
  return {
    applyTo: 'HTTP_FILTER',
    match: beforeRouter(context),
    patch: { operation: 'MERGE', value: { typed_config: router.typed_config } },
  }
}

function beforeRouter(context: Context) {
  const filter = { name: MANAGER, subFilter: { name: ROUTER } }
  return { context, listener: { filterChain: { filter } } }
}

export function envoyFilter(
  namespace: string,
  labels: Readonly<Record<string, string>> | null,
  configPatches: readonly Patch[],
): Manifest {
  return {
    apiVersion: 'networking.istio.io/v1alpha3',
    kind: 'EnvoyFilter',
    metadata: { name: nameOf('chain'), namespace },
    spec: { ...(labels === null ? {} : { workloadSelector: { labels } }), configPatches },
  }
}
