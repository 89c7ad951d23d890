import fs from 'node:fs'
import path from 'node:path'
import { parse, stringify } from 'yaml'
import { ConfigError } from '../src/config/config-error.ts'
import type { DataPaths } from '../src/config/data-paths.ts'
import { packageRoot } from '../src/config/package-root.ts'
import type { Config } from '../src/config/schema.ts'
import { ERRORS, type ErrorCode, errorBody } from '../src/errors.ts'
import { PROVIDERS, type Provider } from '../src/evidence/evidence.ts'

/**
 * Fills envoy/bootstrap.yaml from the configuration and returns YAML that Envoy reads (`flint envoy config`).
 * `envoyRun` names one start of a supervised Envoy; '' where nobody here will know when it ends.
 */
export function renderBootstrap(config: Config, paths: DataPaths, instance: string, envoyRun = ''): string {
  const template: unknown = parse(fs.readFileSync(path.join(packageRoot(), 'envoy', 'bootstrap.yaml'), 'utf8'), { merge: true })
  const values = bootstrapValues(config, paths, instance).set('envoy.run', envoyRun)
  const filled = fill(template, values)
  for (const provider of PROVIDERS) {
    if (config.providers[provider].profile === 'acked') useAcked(filled, provider)
    if (upstreamOf(config, provider).secure) continue
    const cluster = findCluster(filled, `provider_${provider}`)
    delete cluster['transport_socket']
  }
  return stringify(filled, { aliasDuplicateObjects: false, lineWidth: 0 })
}

interface Upstream {
  readonly secure: boolean
  readonly host: string
  readonly port: number
  /** What the provider sees as Host: without the scheme's own port. */
  readonly authority: string
}

function upstreamOf(config: Config, provider: (typeof PROVIDERS)[number]): Upstream {
  const url = new URL(config.providers[provider].upstream)
  const secure = url.protocol === 'https:'
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  return { secure, host, port: url.port === '' ? (secure ? 443 : 80) : Number(url.port), authority: url.host }
}

/** Profile acked: the observer was lost after the call had gone out. */
const ANSWER_WITHHELD =
  'The audit service is not available; the provider was called, but its answer could not be recorded and is withheld. A retry is a second call.'

function bootstrapValues(config: Config, paths: DataPaths, instance: string): Map<string, string | number> {
  const values = new Map<string, string | number>([
    ['node.id', instance],
    ['listen.host', config.host],
    ['listen.port', config.port],
    ['socket.gate', paths.sockets.gate],
    ['socket.observer', paths.sockets.observer],
    ['socket.api', paths.sockets.api],
    ['socket.admin', paths.sockets.envoyAdmin],
    ['log.witness', paths.witnessLog],
    ['route.idle_timeout', `${config.providers.idleTimeoutSeconds}s`],
  ])
  for (const code of Object.keys(ERRORS) as ErrorCode[]) values.set(`error.${code}`, JSON.stringify(errorBody(code)))
  values.set('error.answer_withheld', JSON.stringify(errorBody('audit_unavailable', ANSWER_WITHHELD)))
  let anySecure = false
  for (const provider of PROVIDERS) {
    const upstream = upstreamOf(config, provider)
    anySecure ||= upstream.secure
    values.set(`upstream.${provider}.host`, upstream.host)
    values.set(`upstream.${provider}.port`, upstream.port)
    values.set(`upstream.${provider}.authority`, upstream.authority)
  }
  values.set('tls.ca_file', anySecure ? certificateAuthorities(config) : '')
  return values
}

/** Where the distributions keep their bundle; Debian, Fedora, SUSE, Alpine, macOS. */
const SYSTEM_CA_FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

function certificateAuthorities(config: Config): string {
  if (config.envoy.caFile !== undefined) {
    if (!fs.existsSync(config.envoy.caFile))
      throw new ConfigError(`envoy.caFile (FLINT_ENVOY_CA_FILE) names no file: ${config.envoy.caFile}`, 'envoy.caFile')
    return path.resolve(config.envoy.caFile)
  }
  const found = SYSTEM_CA_FILES.find((file) => fs.existsSync(file))
  if (found === undefined)
    throw new ConfigError('no certificate authorities found on this system: set envoy.caFile (FLINT_ENVOY_CA_FILE)', 'envoy.caFile')
  return found
}

/** A scalar that is nothing but `${name}` takes the value's own type; inside a longer text it is spliced in. */
function fill(node: unknown, values: ReadonlyMap<string, string | number>): unknown {
  if (Array.isArray(node)) return node.map((member) => fill(member, values))
  if (typeof node === 'object' && node !== null)
    return Object.fromEntries(Object.entries(node).map(([key, member]) => [key, fill(member, values)]))
  if (typeof node !== 'string') return node
  const lookup = (name: string): string | number => {
    const value = values.get(name)
    if (value === undefined) throw new Error(`envoy/bootstrap.yaml names \${${name}}, which nothing fills`)
    return value
  }
  const whole = /^\$\{([\w.]{1,64})\}$/.exec(node)
  if (whole?.[1] !== undefined) return lookup(whole[1])
  return node.replace(/\$\{([\w.]{1,64})\}/g, (_, name: string) => String(lookup(name)))
}

function findCluster(bootstrap: unknown, name: string): Record<string, unknown> {
  const { clusters } = (bootstrap as { static_resources: { clusters: Array<Record<string, unknown>> } }).static_resources
  const cluster = clusters.find((candidate) => candidate['name'] === name)
  if (!cluster) throw new Error(`envoy/bootstrap.yaml has no cluster ${name}`)
  return cluster
}

const FILTER_CONFIG = 'type.googleapis.com/envoy.config.route.v3.FilterConfig'
const EXT_PROC_ROUTE = 'type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExtProcPerRoute'

/** On a provider's routes, the filter that waits instead of the one that copies: both at once would see every byte twice. */
function useAcked(bootstrap: unknown, provider: Provider): void {
  const { listeners } = (bootstrap as { static_resources: { listeners: Listener[] } }).static_resources
  for (const { filter_chains } of listeners)
    for (const { filters } of filter_chains)
      for (const { typed_config } of filters)
        for (const { routes } of typed_config.route_config.virtual_hosts)
          for (const route of routes)
            if (route['name'] === provider)
              route['typed_per_filter_config'] = {
                'flint.observe': { '@type': FILTER_CONFIG, disabled: true },
                'flint.acked': { '@type': FILTER_CONFIG, config: { '@type': EXT_PROC_ROUTE, overrides: {} } },
              }
}

interface Listener {
  readonly filter_chains: ReadonlyArray<{
    readonly filters: ReadonlyArray<{
      readonly typed_config: {
        readonly route_config: { readonly virtual_hosts: ReadonlyArray<{ readonly routes: Array<Record<string, unknown>> }> }
      }
    }>
  }>
}
