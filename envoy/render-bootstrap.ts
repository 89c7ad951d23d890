import fs from 'node:fs'
import path from 'node:path'
import { parse, stringify } from 'yaml'
import { ConfigError } from '../src/config/config-error.ts'
import type { DataPaths } from '../src/config/data-paths.ts'
import { packageRoot } from '../src/config/package-root.ts'
import type { Config } from '../src/config/schema.ts'
import { ERRORS, type ErrorCode, errorBody } from '../src/errors.ts'
import type { Provider } from '../src/evidence/evidence.ts'
import { PROVIDERS } from '../src/providers/registry.ts'
import { allowBrowsers } from './browsers.ts'
import { useEgressProxy } from './egress-proxy.ts'
import { affordableConnections } from './open-files.ts'
import { type BootstrapTree, virtualHostsOf } from './tree.ts'
import { endpointOf, type Upstream, upstreamOf, useUpstream } from './upstream.ts'

/**
 * Fills envoy/bootstrap.yaml from the configuration and returns YAML that Envoy reads (`flint envoy config`).
 * `envoyRun` names one start of a supervised Envoy; '' where nobody here will know when it ends.
 */
export function renderBootstrap(config: Config, paths: DataPaths, instance: string, envoyRun = ''): string {
  const template: unknown = parse(fs.readFileSync(path.join(packageRoot(), 'envoy', 'bootstrap.yaml'), 'utf8'), { merge: true })
  const values = bootstrapValues(config, paths, instance).set('envoy.run', envoyRun)
  const filled = fill(template, values) as BootstrapTree
  const upstreams = new Map<string, Upstream>()
  for (const provider of PROVIDERS) {
    const upstream = upstreamOf(config, provider)
    upstreams.set(provider, upstream)
    if (config.providers[provider].profile === 'acked') useAcked(filled, provider)
    useUpstream(filled, provider, upstream)
  }
  if (config.cors.origins.length > 0) allowBrowsers(filled, config.cors.origins)
  if (config.egress.proxy !== undefined) useEgressProxy(filled, config.egress.proxy, String(values.get('tls.ca_file')), upstreams)
  return stringify(filled, { aliasDuplicateObjects: false, lineWidth: 0 })
}

/** For what Envoy refuses by itself: which of these it was, the status says. */
const UNANSWERABLE = 'The request line, Host, Expect, Upgrade or the framing of the body is not valid here.'
/** Profile acked: the observer was lost after the call had gone out. */
const ANSWER_WITHHELD =
  'The audit service is not available; the provider was called, but its answer could not be recorded and is withheld. A retry is a second call.'

function bootstrapValues(config: Config, paths: DataPaths, instance: string): Map<string, string | number | boolean> {
  const values = new Map<string, string | number | boolean>([
    ['node.id', instance],
    ['listen.host', config.host],
    ['listen.port', config.port],
    ['listen.both_families', config.host === '::'],
    ['trusted_hops', config.trustedHops],
    ['limit.connections', config.limits.connections ?? affordableConnections()],
    ['limit.address.per_second', config.limits.callsPerSecondPerAddress],
    ['limit.address.burst', 2 * config.limits.callsPerSecondPerAddress],
    ['socket.gate', paths.sockets.gate],
    ['socket.observer', paths.sockets.observer],
    ['socket.api', paths.sockets.api],
    ['socket.admin', paths.sockets.envoyAdmin],
    ['log.witness', paths.witnessLog],
    ['route.idle_timeout', `${config.providers.idleTimeoutSeconds}s`],
  ])
  for (const code of Object.keys(ERRORS) as ErrorCode[]) values.set(`error.${code}`, JSON.stringify(errorBody(code)))
  values.set('error.answer_withheld', JSON.stringify(errorBody('audit_unavailable', ANSWER_WITHHELD)))
  values.set('error.unanswerable', JSON.stringify(errorBody('invalid_request', UNANSWERABLE)))
  let anySecure = false
  for (const provider of PROVIDERS) {
    const upstream = upstreamOf(config, provider)
    anySecure ||= upstream.secure
    values.set(`upstream.${provider}.host`, upstream.host)
    values.set(`upstream.${provider}.port`, upstream.port)
    values.set(`upstream.${provider}.authority`, upstream.authority)
  }
  anySecure ||= config.egress.proxy !== undefined && endpointOf(config.egress.proxy).secure
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
function fill(node: unknown, values: ReadonlyMap<string, string | number | boolean>): unknown {
  if (Array.isArray(node)) return node.map((member) => fill(member, values))
  if (typeof node === 'object' && node !== null)
    return Object.fromEntries(Object.entries(node).map(([key, member]) => [key, fill(member, values)]))
  if (typeof node !== 'string') return node
  const lookup = (name: string): string | number | boolean => {
    const value = values.get(name)
    if (value === undefined) throw new Error(`envoy/bootstrap.yaml names \${${name}}, which nothing fills`)
    return value
  }
  const whole = /^\$\{([\w.]{1,64})\}$/.exec(node)
  if (whole?.[1] !== undefined) return lookup(whole[1])
  return node.replace(/\$\{([\w.]{1,64})\}/g, (_, name: string) => String(lookup(name)))
}

const FILTER_CONFIG = 'type.googleapis.com/envoy.config.route.v3.FilterConfig'
const EXT_PROC_ROUTE = 'type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExtProcPerRoute'

/** On a provider's routes, the filter that waits instead of the one that copies: both at once would see every byte twice. */
function useAcked(tree: BootstrapTree, provider: Provider): void {
  for (const { routes } of virtualHostsOf(tree))
    for (const route of routes)
      if (route['name'] === provider)
        route['typed_per_filter_config'] = {
          ...(route['typed_per_filter_config'] as Record<string, unknown> | undefined),
          'flint.observe': { '@type': FILTER_CONFIG, disabled: true },
          'flint.acked': { '@type': FILTER_CONFIG, config: { '@type': EXT_PROC_ROUTE, overrides: {} } },
        }
}
