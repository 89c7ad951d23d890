/**
 * Parts of the parsed bootstrap that depend on a setting or a provider; everything else passes
 * through as it stands in the file.
 */
export interface BootstrapTree {
  bootstrap_extensions?: unknown[]
  readonly static_resources: { readonly listeners: Listener[]; readonly clusters: Cluster[] }
}

export type Cluster = Record<string, unknown>
export type Route = Record<string, unknown>

interface Listener {
  readonly name: string
  readonly filter_chains: ReadonlyArray<{
    readonly filters: ReadonlyArray<{
      readonly name: string
      readonly typed_config: {
        readonly route_config?: { readonly virtual_hosts: VirtualHost[] }
        readonly http_filters?: readonly HttpFilter[]
        readonly [field: string]: unknown
      }
    }>
  }>
}

interface HttpFilter {
  readonly name: string
  readonly typed_config: {
    readonly forward_rules?: { readonly allowed_headers?: { readonly patterns: HeaderPattern[] } }
  }
}

interface HeaderPattern {
  readonly exact: string
}

export interface VirtualHost {
  readonly routes: Route[]
  typed_per_filter_config?: Record<string, unknown>
}

export function clusterOf({ static_resources }: BootstrapTree, name: string): Cluster {
  const cluster = static_resources.clusters.find((candidate) => candidate['name'] === name)
  if (!cluster) throw new Error(`envoy/bootstrap.yaml has no cluster ${name}`)
  return cluster
}

export function virtualHostsOf({ static_resources }: BootstrapTree): VirtualHost[] {
  return static_resources.listeners.flatMap(({ filter_chains }) =>
    filter_chains.flatMap(({ filters }) =>
      filters.flatMap(({ typed_config }) => typed_config.route_config?.virtual_hosts ?? []),
    ),
  )
}

/** The headers that an ext_proc filter passes on. */
export function patternsOf({ static_resources }: BootstrapTree, filter: string): HeaderPattern[] {
  const found = static_resources.listeners
    .flatMap(({ filter_chains }) =>
      filter_chains.flatMap(({ filters }) =>
        filters.flatMap(({ typed_config }) => typed_config.http_filters ?? []),
      ),
    )
    .find(({ name }) => name === filter)
  const patterns = found?.typed_config.forward_rules?.allowed_headers?.patterns
  if (patterns === undefined)
    throw new Error(`envoy/bootstrap.yaml has no filter ${filter} with allowed headers`)
  return patterns
}
