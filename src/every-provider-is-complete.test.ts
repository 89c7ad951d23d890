import fs from 'node:fs'
import path from 'node:path'
import { findProvider } from '@pydantic/genai-prices'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { renderBootstrap } from '../envoy/render-bootstrap.ts'
import { temporaryDirectory } from '../test/support/temporary-directory.ts'
import { activeProviders } from './config/active-providers.ts'
import { dataPaths } from './config/data-paths.ts'
import { variableName } from './config/environment.ts'
import { loadConfig } from './config/load.ts'
import { isProviderName } from './evidence/provider-name.ts'
import { keyHeadersOf } from './extproc/credentials.ts'
import { routeOf } from './extproc/route.ts'
import type { ActiveProviders } from './providers/active-providers.ts'
import { countingOf } from './providers/endpoints.ts'
import { canonicalPath } from './providers/path-rules.ts'
import { PROVIDER_DEFINITIONS } from './providers/registry.ts'

/**
 * What is asked of every provider, also of one that is added: forgetting a part must not be silent
 * (docs/adding-a-provider.md).
 */

const FOLDER = path.resolve(import.meta.dirname, 'providers')
/** Folders that know no provider; the list of .dependency-cruiser.cjs. */
const SHARED = ['json', 'body', 'usage', 'text', 'counting', 'socket', 'reading', 'fixtures']

interface Bootstrap {
  readonly static_resources: {
    readonly listeners: ReadonlyArray<{
      readonly filter_chains: ReadonlyArray<{
        readonly filters: ReadonlyArray<{
          readonly typed_config: {
            readonly http_filters: readonly HttpFilter[]
            readonly route_config: {
              readonly virtual_hosts: ReadonlyArray<{ readonly routes: readonly EnvoyRoute[] }>
            }
          }
        }>
      }>
    }>
    readonly clusters: ReadonlyArray<{
      readonly name: string
      readonly transport_socket?: { readonly typed_config: { readonly sni: string } }
    }>
  }
}
interface HttpFilter {
  readonly name: string
  readonly typed_config: {
    readonly forward_rules?: {
      readonly allowed_headers?: { readonly patterns: ReadonlyArray<{ exact: string }> }
    }
  }
}
interface EnvoyRoute {
  readonly name: string
  readonly match: {
    readonly prefix?: string
    readonly path_separated_prefix?: string
    readonly headers?: unknown
  }
  readonly route?: { readonly cluster: string; readonly prefix_rewrite?: string }
}

let directory: string
let bootstrap: Bootstrap
let active: ActiveProviders
beforeAll(() => {
  directory = temporaryDirectory()
  const caFile = path.join(directory, 'ca.pem')
  fs.writeFileSync(caFile, '')
  const { config } = loadConfig(
    { FLINT_DATA_DIR: directory, FLINT_ENVOY_CA_FILE: caFile, ...addresses() },
    directory,
  )
  active = activeProviders(config)
  bootstrap = parse(renderBootstrap(config, dataPaths(directory), 'test')) as Bootstrap
})

/** Settings for the definitions whose address is the customer's own. */
function addresses(): Record<string, string> {
  const unaddressed = PROVIDER_DEFINITIONS.filter(({ upstream }) => upstream === null)
  return Object.fromEntries(
    unaddressed.map(({ name }) => [
      variableName(['providers', name, 'upstream']),
      `https://${name}.example.com`,
    ]),
  )
}

/** The connection manager of the one listener. */
function manager() {
  const config = bootstrap.static_resources.listeners[0]?.filter_chains[0]?.filters[0]?.typed_config
  if (config === undefined) throw new Error('the bootstrap has no listener')
  return config
}

/** What Envoy's matcher takes of a path, whose first match counts; null where it does not match. */
/** The prefix by which a route takes a call of this path that has no headers of its own. */
function matched(
  { prefix, path_separated_prefix: segments, headers }: EnvoyRoute['match'],
  path: string,
) {
  if (headers !== undefined) return null
  if (prefix !== undefined && path.startsWith(prefix)) return prefix
  return segments !== undefined && (path === segments || path.startsWith(`${segments}/`))
    ? segments
    : null
}

test('every folder of a provider is in the registry, and every provider has a folder of its name', () => {
  const folders = fs
    .readdirSync(FOLDER, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  const providers = PROVIDER_DEFINITIONS.map(({ name }) => name)
  expect(folders.filter((name) => !SHARED.includes(name)).sort()).toEqual(providers.toSorted())
  for (const name of providers)
    for (const file of ['definition.ts', 'usage.ts', 'prices.ts'])
      expect(fs.existsSync(path.join(FOLDER, name, file)), `${name}/${file}`).toBe(true)
})

describe.each(PROVIDER_DEFINITIONS.map((definition) => [definition.name, definition] as const))(
  '%s',
  (name, definition) => {
    test('has a name that routes, settings and columns can carry, and an upstream or a setting for it', () => {
      expect(isProviderName(name)).toBe(true)
      if (definition.upstream !== null) expect(definition.upstream).toMatch(/^https:\/\/[^/]+$/)
      const own = 'https://127.0.0.1:9'
      const { config } = loadConfig(
        { FLINT_DATA_DIR: directory, [variableName(['providers', name, 'upstream'])]: own },
        directory,
      )
      expect(activeProviders(config).named(name)).toMatchObject({ name, upstream: own })
    })

    test('knows each of its hosts by its name alone', () => {
      for (const { name: host, upstream, basePath } of definition.knownHosts ?? []) {
        const { config } = loadConfig(
          {
            FLINT_DATA_DIR: directory,
            [variableName(['providers', host, 'profile'])]: 'available',
          },
          directory,
        )
        expect(activeProviders(config).named(host)).toMatchObject({ upstream, basePath })
      }
    })

    test('has a route of the gate that is also Envoy’s, and a cluster behind it', () => {
      const routes = manager().route_config.virtual_hosts.flatMap((host) => host.routes)
      const { basePath } = definition
      const canonical = [
        [`/some/thing`, `${basePath}/some/thing`],
        [`${basePath}/some/thing`, `${basePath}/some/thing`],
        [`${basePath}${basePath}/some/thing`, `${basePath}/some/thing`],
        ...definition.pathRules.flatMap(({ from, to }) => [
          [from, to],
          [`${from}/some/thing`, `${to}/some/thing`],
          // Whole segments: what only begins like a rule is a path of its own.
          [`${from}x/y`, null],
        ]),
      ] as const
      for (const [path, expected] of canonical) {
        const publicPath = `/v1/proxy/${name}${path}`
        const endpoint = routeOf(publicPath, active)?.endpoint
        if (expected !== null) expect(endpoint).toBe(expected)
        const route = routes.find(({ match }) => matched(match, publicPath) !== null)
        expect(route).toMatchObject({ name, route: { cluster: `provider_${name}` } })
        const { length } = matched(route?.match ?? {}, publicPath) ?? ''
        expect(`${route?.route?.prefix_rewrite}${publicPath.slice(length)}`).toBe(endpoint)
      }
      const cluster = bootstrap.static_resources.clusters.find(
        (candidate) => candidate.name === `provider_${name}`,
      )
      expect(cluster?.transport_socket?.typed_config.sni).toBe(
        new URL(active.named(name)?.upstream ?? '').hostname,
      )
    })

    test('has no rule for paths that another of its own would change again', () => {
      for (const { to } of definition.pathRules)
        expect(canonicalPath(definition, `${to}/some/thing`)).toBe(`${to}/some/thing`)
    })

    test('puts the key where the gate also takes a caller’s key out', () => {
      for (const header of definition.keyHeaders) expect(header).toBe(header.toLowerCase())
      for (const { path: endpoint } of definition.endpoints) {
        const [header, value] = definition.credential('the-key', endpoint.source)
        expect(['authorization', ...keyHeadersOf(active)]).toContain(header)
        expect(value).toContain('the-key')
      }
    })

    test('lets the observer see the headers that hold its request ids, and those it reads', () => {
      const wanted = [
        definition.requestIdHeader,
        ...(definition.answerHeaders ?? []),
        ...definition.sockets.map(({ requestIdHeader }) => requestIdHeader),
      ]
      for (const filter of ['flint.observe', 'flint.acked']) {
        const found = manager().http_filters.find((candidate) => candidate.name === filter)
        const seen = found?.typed_config.forward_rules?.allowed_headers?.patterns.map(
          ({ exact }) => exact,
        )
        for (const header of wanted) if (header !== null) expect(seen).toContain(header)
      }
    })

    test('is in the price book, where anyone publishes its prices', () => {
      const books = [definition, ...(definition.knownHosts ?? [])].map(
        ({ prices }) => prices.bookId,
      )
      for (const bookId of books)
        if (bookId !== null) expect(findProvider({ providerId: bookId })?.id).toBe(bookId)
    })

    test('reads the text of each endpoint that is billed, or says why not', () => {
      for (const { path: endpoint, billing, text, withoutText } of definition.endpoints) {
        if (billing === 'free')
          expect([text, withoutText], String(endpoint)).toEqual([undefined, undefined])
        else
          expect(
            [text, withoutText].filter((part) => part !== undefined),
            String(endpoint),
          ).toHaveLength(1)
        if (withoutText !== undefined) expect(withoutText.length).toBeGreaterThan(10)
      }
    })

    test('counts what its formats say can be counted, in one way for each format', () => {
      for (const { path: endpoint, format, billing, counting } of definition.endpoints) {
        if (counting !== undefined) expect(counting, String(endpoint)).toBe(countingOf(format.name))
        if (billing === 'free' || format.countable === undefined) continue
        expect(countingOf(format.name), String(endpoint)).toBeDefined()
        if (format.countable === 'both')
          expect(countingOf(format.name)?.countInput, String(endpoint)).toBeDefined()
      }
    })

    test('names files of results by paths that are endpoints of its own', () => {
      for (const pattern of definition.deferred.resultFilePaths) {
        const example = pattern.replaceAll('[^/]+', 'id').replace('$', '')
        const full = ['', '/v1', '/v1beta', definition.basePath].map((base) => base + example)
        const known = full.some((endpoint) =>
          definition.endpoints.some(
            (candidate) => candidate.path.test(endpoint) && candidate.format.lines === true,
          ),
        )
        expect(known, pattern).toBe(true)
        expect(full.every((endpoint) => new RegExp(pattern).test(endpoint))).toBe(true)
      }
    })

    test('is welcomed by name', () => {
      expect(definition.welcome.length).toBeGreaterThan(0)
      for (const { title } of definition.welcome) expect(title.length).toBeLessThanOrEqual(22)
    })
  },
)
