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
  const patterns: Array<readonly [string, ActiveProvider]> = []
  const known = knownProviders()
  const nameIsConfigured = new Map(all.map((provider) => [provider.name, provider]))
  for (const provider of all) put(exact, new URL(provider.upstream).host, provider)
  for (const provider of known) {
    // Under its own name the operator's settings of it hold, e.g. other prices.
    const meant = nameIsConfigured.get(provider.name) ?? provider
    if (!provider.upstream.includes('*')) put(exact, new URL(provider.upstream).host, meant)
    for (const host of provider.hosts ?? [])
      if (host.includes('*')) patterns.push([host, meant])
      else put(exact, host, meant)
  }
  return (authority) => {
    const host = authority.toLowerCase().replace(/\.?(:443|:80)?$/, '')
    return exact.get(host) ?? patterns.find(([pattern]) => meets(host, pattern))?.[1]
  }
}

function put(map: Map<string, ActiveProvider>, host: string, provider: ActiveProvider): void {
  if (!map.has(host)) map.set(host, provider)
}

/** Label by label: `evil.com/.openai.azure.com` is no host of `*.openai.azure.com`. */
function meets(host: string, pattern: string): boolean {
  const labels = host.split('.')
  const wanted = pattern.split('.')
  return (
    labels.length === wanted.length &&
    wanted.every((label, place) => meetsLabel(labels[place] ?? '', label))
  )
}

const LABEL = /^[a-z0-9-]{1,63}$/

/** `*` is one character or more of the label that it stands in. */
function meetsLabel(label: string, wanted: string): boolean {
  const [before = '', after] = wanted.split('*')
  if (after === undefined) return label === wanted
  return (
    LABEL.test(label) &&
    label.length >= wanted.length &&
    label.startsWith(before) &&
    label.endsWith(after)
  )
}
