import { isObject, listOf, member, objectsIn, textOf } from './json-tree.ts'

/** Flint's filters in one HTTP connection manager of a proxy. */
export interface ProxyChain {
  /** The manager's `stat_prefix`: by which it differs from others. */
  readonly name: string
  /** In the order of the chain, as `config_dump` has them. */
  readonly filters: readonly ProxyFilter[]
  readonly accessLogs: readonly unknown[]
  /** Routes on which `flint.auth` is in force. */
  readonly routes: readonly ProxyRoute[]
}

interface ProxyRoute {
  /** Its name or prefix; '' where it has neither. */
  readonly name: string
  /** Its own, or else its virtual host's; undefined where there is none. */
  readonly retryPolicy: unknown
}

interface ProxyFilter {
  /** Flint's own name of it, also where Envoy Gateway names it otherwise. */
  readonly name: string
  readonly typedConfig: unknown
}

const MANAGER = '.HttpConnectionManager'
const ROUTES = '.RouteConfiguration'
const GATE_FILTER = 'flint.auth'
/** Ends of the names that Envoy Gateway gives filters: policy, and place in it (chain.yaml). */
const OF_ENVOY_GATEWAY = [
  { end: '/flint-egress/extproc/0', name: GATE_FILTER },
  { end: '/flint-egress/extproc/1', name: 'flint.observe' },
]

/**
 * The chains of a proxy that ask Flint, out of its `config_dump` (envoy/admin/v3/config_dump.proto,
 * snake_case). What Envoy has taken over counts: a version that it refused is left out.
 */
export function chainsOf(dump: unknown): readonly ProxyChain[] {
  const inForce = withoutRefused(dump)
  const tables = [...objectsIn(inForce)].filter((object) =>
    textOf(object['@type']).endsWith(ROUTES),
  )
  return [...objectsIn(inForce)]
    .filter((object) => textOf(object['@type']).endsWith(MANAGER))
    .map((manager) => chainOf(manager, tables))
    .filter(({ filters }) => filters.some(({ name }) => name === GATE_FILTER))
}

function chainOf(manager: unknown, tables: readonly unknown[]): ProxyChain {
  const filters = listOf(member(manager, 'http_filters'))
  const gate = filters.find((filter) => ownName(filter) === GATE_FILTER)
  const inline = member(manager, 'route_config')
  const byName = textOf(member(manager, 'rds', 'route_config_name'))
  const table = inline ?? tables.find((candidate) => member(candidate, 'name') === byName)
  return {
    name: textOf(member(manager, 'stat_prefix')),
    filters: filters.map((filter) => ({
      name: ownName(filter),
      typedConfig: member(filter, 'typed_config'),
    })),
    accessLogs: listOf(member(manager, 'access_log')),
    routes: listOf(member(table, 'virtual_hosts')).flatMap((host) =>
      listOf(member(host, 'routes'))
        .filter((route) => isInForce([route, host, table], gate))
        .map((route) => ({
          name: textOf(member(route, 'name')) || textOf(member(route, 'match', 'prefix')),
          retryPolicy: member(route, 'route', 'retry_policy') ?? member(host, 'retry_policy'),
        })),
    ),
  }
}

function ownName(filter: unknown): string {
  const name = textOf(member(filter, 'name'))
  return OF_ENVOY_GATEWAY.find(({ end }) => name.endsWith(end))?.name ?? name
}

/** Of route, virtual host and table the innermost decides that says anything of the filter. */
function isInForce(levels: readonly unknown[], gate: unknown): boolean {
  for (const level of levels) {
    const own = member(level, 'typed_per_filter_config', textOf(member(gate, 'name')))
    if (own !== undefined) return member(own, 'disabled') !== true
  }
  return member(gate, 'disabled') !== true
}

/** Static listeners stand in the bootstrap as well. */
function withoutRefused(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutRefused)
  if (!isObject(value)) return value
  if (textOf(value['@type']).endsWith('.BootstrapConfigDump')) return {}
  const { error_state: _, warming_state: __, ...rest } = value
  return Object.fromEntries(Object.entries(rest).map(([name, of]) => [name, withoutRefused(of)]))
}
