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
  readonly filter_chains: readonly FilterChain[]
}

interface FilterChain {
  readonly filters: ReadonlyArray<{
    readonly name: string
    readonly typed_config: Manager
  }>
  transport_socket?: unknown
  transport_socket_connect_timeout?: string
}

/** Of a connection manager; tunnels on the way out have none of these. */
export interface Manager {
  readonly route_config?: { readonly virtual_hosts: VirtualHost[] }
  readonly http_filters?: readonly HttpFilter[]
  readonly [field: string]: unknown
}

export interface HttpFilter {
  readonly name: string
  disabled?: boolean
  readonly typed_config: {
    readonly forward_rules?: { readonly allowed_headers?: { readonly patterns: HeaderPattern[] } }
    readonly [field: string]: unknown
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

export function listenerOf({ static_resources }: BootstrapTree, name: string): Listener {
  const listener = static_resources.listeners.find((candidate) => candidate.name === name)
  if (!listener) throw new Error(`envoy/bootstrap.yaml has no listener ${name}`)
  return listener
}

export function virtualHostsOf(tree: BootstrapTree): VirtualHost[] {
  return managersOf(tree).flatMap(({ route_config }) => route_config?.virtual_hosts ?? [])
}

/** What the connection managers of a bootstrap are configured with. */
export function managersOf({ static_resources }: BootstrapTree): Manager[] {
  return static_resources.listeners.flatMap(({ filter_chains }) =>
    filter_chains.flatMap(({ filters }) => filters.map(({ typed_config }) => typed_config)),
  )
}

/** A filter for HTTP, by its name. */
export function filterOf(tree: BootstrapTree, filter: string): HttpFilter {
  const found = managersOf(tree)
    .flatMap(({ http_filters }) => http_filters ?? [])
    .find(({ name }) => name === filter)
  if (found === undefined) throw new Error(`envoy/bootstrap.yaml has no filter ${filter}`)
  return found
}

/** The headers that an ext_proc filter passes on. */
export function patternsOf(tree: BootstrapTree, filter: string): HeaderPattern[] {
  const patterns = filterOf(tree, filter).typed_config.forward_rules?.allowed_headers?.patterns
  if (patterns === undefined)
    throw new Error(`envoy/bootstrap.yaml has no filter ${filter} with allowed headers`)
  return patterns
}
