import fs from 'node:fs'
import path from 'node:path'
import { stringify } from 'yaml'
import { activeProviders } from '../src/config/active-providers.ts'
import { ConfigError } from '../src/config/config-error.ts'
import type { DataPaths } from '../src/config/data-paths.ts'
import { publicTls } from '../src/config/public-listener.ts'
import type { Config } from '../src/config/schema.ts'
import type { Provider } from '../src/evidence/evidence.ts'
import type { ActiveProviders } from '../src/providers/active-providers.ts'
import { bootstrapValues } from './bootstrap-values.ts'
import { allowBrowsers } from './browsers.ts'
import { useEgressProxy } from './egress-proxy.ts'
import { addProvider } from './provider-tree.ts'
import { usePublicTls } from './public-tls.ts'
import { fill, readTemplate } from './template.ts'
import { type BootstrapTree, virtualHostsOf } from './tree.ts'
import { endpointOf, type Upstream, useUpstream } from './upstream.ts'

/**
 * Fills envoy/bootstrap.yaml, and envoy/provider.yaml for each provider, from the configuration and
 * returns YAML that Envoy reads (`flint envoy config`). `envoyRun` names one start of a supervised
 * Envoy; '' where no one here will know when it ends.
 */
export function renderBootstrap(
  config: Config,
  paths: DataPaths,
  instance: string,
  envoyRun = '',
): string {
  const providers = activeProviders(config)
  const tls = publicTls(config)
  const values = bootstrapValues(config, providers, paths, instance)
    .set('envoy.run', envoyRun)
    .set('tls.ca_file', needsAuthorities(config, providers) ? certificateAuthorities(config) : '')
  const filled = fill(readTemplate('bootstrap.yaml'), values) as BootstrapTree
  const upstreams = new Map<string, Upstream>()
  for (const provider of providers.all) {
    const { name } = provider
    const upstream = endpointOf(provider.upstream)
    upstreams.set(name, upstream)
    addProvider(filled, provider, upstream, values)
    if (provider.profile === 'acked') useAcked(filled, name)
    useUpstream(filled, name, upstream)
  }
  if (tls !== null)
    usePublicTls(filled, tls, envoyRun === '' ? paths.printedEnvoyTls : paths.envoyTls)
  if (config.cors.origins.length > 0) allowBrowsers(filled, config.cors.origins)
  if (config.egress.proxy !== undefined)
    useEgressProxy(filled, config.egress.proxy, String(values.get('tls.ca_file')), upstreams)
  return stringify(filled, { aliasDuplicateObjects: false, lineWidth: 0 })
}

function needsAuthorities(config: Config, { all }: ActiveProviders): boolean {
  const { proxy } = config.egress
  const isProxySecure = proxy !== undefined && endpointOf(proxy).secure
  return isProxySecure || all.some(({ upstream }) => endpointOf(upstream).secure)
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
      throw new ConfigError(
        `envoy.caFile (FLINT_ENVOY_CA_FILE) names no file: ${config.envoy.caFile}`,
        'envoy.caFile',
      )
    return path.resolve(config.envoy.caFile)
  }
  const found = SYSTEM_CA_FILES.find((file) => fs.existsSync(file))
  if (found === undefined)
    throw new ConfigError(
      'no certificate authorities found on this system: set envoy.caFile (FLINT_ENVOY_CA_FILE)',
      'envoy.caFile',
    )
  return found
}

const FILTER_CONFIG = 'type.googleapis.com/envoy.config.route.v3.FilterConfig'
const EXT_PROC_ROUTE =
  'type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExtProcPerRoute'

/**
 * On a provider's routes, the filter that waits instead of the one that copies: both at once would
 * see every byte twice.
 */
function useAcked(tree: BootstrapTree, provider: Provider): void {
  for (const { routes } of virtualHostsOf(tree))
    for (const route of routes)
      if (route['name'] === provider)
        route['typed_per_filter_config'] = {
          ...(route['typed_per_filter_config'] as Record<string, unknown> | undefined),
          'flint.observe': { '@type': FILTER_CONFIG, disabled: true },
          'flint.acked': {
            '@type': FILTER_CONFIG,
            config: { '@type': EXT_PROC_ROUTE, overrides: {} },
          },
        }
}
