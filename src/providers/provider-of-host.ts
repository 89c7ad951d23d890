import type { ActiveProvider, ActiveProviders } from './active-providers.ts'
import { knownProviders } from './known-providers.ts'

/** The provider that serves a host, as a caller writes it (`:authority`); undefined: none is known. */
export type ProviderOfHost = (authority: string) => ActiveProvider | undefined

/**
 * First the hosts that the operator configured, then those that definitions know. Of two providers
 * at one host the first counts.
 */
export function createProviderOfHost({ all }: Pick<ActiveProviders, 'all'>): ProviderOfHost {
  const exact = new Map<string, ActiveProvider>()
  const patterns: Array<readonly [RegExp, ActiveProvider]> = []
  const known = knownProviders()
  const nameIsConfigured = new Map(all.map((provider) => [provider.name, provider]))
  for (const provider of all) put(exact, new URL(provider.upstream).host, provider)
  for (const provider of known) {
    // Under its own name the operator's settings of it hold, e.g. other prices.
    const meant = nameIsConfigured.get(provider.name) ?? provider
    if (!provider.upstream.includes('*')) put(exact, new URL(provider.upstream).host, meant)
    for (const host of provider.hosts ?? [])
      if (host.includes('*')) patterns.push([patternOf(host), meant])
      else put(exact, host, meant)
  }
  return (authority) => {
    const host = authority.toLowerCase().replace(/\.?(:443|:80)?$/, '')
    return exact.get(host) ?? patterns.find(([pattern]) => pattern.test(host))?.[1]
  }
}

function put(map: Map<string, ActiveProvider>, host: string, provider: ActiveProvider): void {
  if (!map.has(host)) map.set(host, provider)
}

/** `*` is a label or a part of one, never several: `evil.com/.openai.azure.com` is no host of it. */
function patternOf(host: string): RegExp {
  const parts = host.split('*').map((part) => part.replaceAll('.', '\\.'))
  return new RegExp(`^${parts.join('[a-z0-9-]{1,63}')}$`)
}
