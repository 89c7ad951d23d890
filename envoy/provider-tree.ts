import { pathRulesOf } from '../src/providers/path-rules.ts'
import type { PathRule, ProviderDefinition } from '../src/providers/provider.ts'
import { fill, readTemplate, type TemplateValues } from './template.ts'
import { type BootstrapTree, type Cluster, patternsOf, type Route, virtualHostsOf } from './tree.ts'
import type { Upstream } from './upstream.ts'

/** envoy/provider.yaml, filled for one provider. */
interface ProviderTemplate {
  readonly path_rule: Route
  readonly routes: readonly Route[]
  readonly uploads: Record<string, unknown>
  readonly cluster: Cluster
}

/** Filters that see a call's headers for the observer; they see no others than these. */
const OBSERVING = ['flint.observe', 'flint.acked']

/**
 * Puts the provider's routes, after those of earlier ones and before that of what names none, and
 * its cluster into the bootstrap.
 */
export function addProvider(
  tree: BootstrapTree,
  definition: ProviderDefinition,
  upstream: Upstream,
  values: TemplateValues,
): void {
  const { basePath, uploads } = definition
  const file = readTemplate('provider.yaml')
  const templateFor = (rule: PathRule) =>
    fill(
      file,
      valuesOf(definition, upstream, values)
        .set('path_rule.from', rule.from)
        .set('path_rule.to', rule.to),
    ) as ProviderTemplate
  const template = templateFor({ from: '/', to: '/' })
  const routes = [
    ...pathRulesOf(definition).map((rule) => templateFor(rule).path_rule),
    // The second route is for callers that leave the base path out.
    ...template.routes.slice(0, basePath === '' ? 1 : 2),
  ]
  const complete = routes.map((route) =>
    uploads === null ? route : { ...route, typed_per_filter_config: template.uploads },
  )
  for (const host of virtualHostsOf(tree))
    host.routes.splice(endOfProviders(host.routes), 0, ...complete)
  tree.static_resources.clusters.push(template.cluster)
  showAnswerHeaders(tree, definition)
}

function valuesOf(
  { name, basePath, uploads }: ProviderDefinition,
  { host, port, authority }: Upstream,
  values: TemplateValues,
) {
  return new Map<string, string | number | boolean>([
    ...values,
    ...([
      ['provider.name', name],
      ['provider.base_path', basePath],
      ['upstream.host', host],
      ['upstream.port', port],
      ['upstream.authority', authority],
      ['uploads.prefix', uploads?.pathPrefix ?? ''],
      ['uploads.header', uploads?.addressHeader ?? ''],
    ] as const),
  ])
}

/** Where the next provider's routes go: before the one that refuses what names no provider. */
function endOfProviders(routes: readonly Route[]): number {
  const index = routes.findIndex(({ name }) => name === 'unknown_provider')
  if (index < 0) throw new Error('envoy/bootstrap.yaml has no route unknown_provider')
  return index
}

/** Lets the observer see the headers of answers that the provider's formats read. */
export function showAnswerHeaders(tree: BootstrapTree, definition: ProviderDefinition): void {
  for (const header of readHeaders(definition)) letObserversSee(tree, header)
}

function readHeaders(definition: ProviderDefinition): readonly string[] {
  const { requestIdHeader, answerHeaders = [], sockets } = definition
  return [
    ...(requestIdHeader === null ? [] : [requestIdHeader]),
    ...answerHeaders,
    ...sockets.map((socket) => socket.requestIdHeader),
  ]
}

function letObserversSee(tree: BootstrapTree, header: string): void {
  for (const filter of OBSERVING) {
    const patterns = patternsOf(tree, filter)
    if (!patterns.some(({ exact }) => exact === header)) patterns.push({ exact: header })
  }
}
