import type { DumpedFilter } from './http-filters.ts'

interface Json {
  readonly [field: string]: unknown
}

function objectsBelow(node: unknown): Json[] {
  if (typeof node !== 'object' || node === null) return []
  const own = Array.isArray(node) ? [] : [node as Json]
  return [...own, ...Object.values(node).flatMap(objectsBelow)]
}

/** The connection managers of Envoy's listeners, as its dump has them. */
export function managersDelivered(dump: unknown): Json[] {
  const { configs } = dump as { readonly configs: readonly Json[] }
  const listeners = configs.find((one) => String(one['@type']).endsWith('ListenersConfigDump'))
  return objectsBelow(listeners).filter((one) => 'http_filters' in one)
}

/** What routes do, wherever they stand. */
export const routesBelow = (node: unknown): Json[] =>
  objectsBelow(node).flatMap((one) => ('route' in one ? [one['route'] as Json] : []))

/** The names that Envoy Gateway gives, and that filters are switched on route by route. */
export function withoutNames({ typed_config }: DumpedFilter): unknown {
  const text = JSON.stringify(typed_config, (key, value) =>
    key === 'cluster_name' || key === 'authority' ? undefined : (value as unknown),
  )
  return JSON.parse(text) as unknown
}
