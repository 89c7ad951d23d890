import { Value } from 'typebox/value'
import { isProviderName } from '../evidence/provider-name.ts'
import {
  type ActiveProvider,
  type ActiveProviders,
  createActiveProviders,
  definedPath,
  ownPath,
  SHIPPED_PROVIDERS,
} from '../providers/active-providers.ts'
import type { KnownHost, ProviderDefinition } from '../providers/provider.ts'
import { bookPrices, type ProviderPrices } from '../providers/provider-prices.ts'
import { definitionNamed, PROVIDER_DEFINITIONS } from '../providers/registry.ts'
import { ConfigError } from './config-error.ts'
import { variableName } from './environment.ts'
import { type Config, FurtherProvider } from './schema.ts'

/**
 * The providers that a configuration names: those that Flint ships, with their settings, and the
 * operator's own. Throws ConfigError with the setting that is wrong or missing.
 */
export function activeProviders({ providers }: Pick<Config, 'providers'>): ActiveProviders {
  const { idleTimeoutSeconds: _, ...named } = providers
  const settings: Readonly<Record<string, unknown>> = named
  const shipped = SHIPPED_PROVIDERS.all.map((provider) => {
    const { upstream, profile } = settingsOf(provider.name, settings[provider.name])
    return { ...provider, upstream: originOf(upstream ?? provider.upstream), profile }
  })
  const further = Object.keys(settings)
    .filter((name) => SHIPPED_PROVIDERS.named(name) === undefined)
    .map((name) => furtherProvider(name, settingsOf(name, settings[name])))
  return createActiveProviders([...shipped, ...further])
}

function settingsOf(name: string, value: unknown): FurtherProvider {
  if (!Value.Check(FurtherProvider, value))
    throw new ConfigError(`providers.${name} is not valid`, `providers.${name}`)
  return value
}

/** `name` may be a host that is known by it; then its settings can be empty. */
function furtherProvider(name: string, settings: FurtherProvider): ActiveProvider {
  if (!isProviderName(name))
    throw new ConfigError(
      `providers.${name} is no name for a provider: a lower-case letter, then letters, digits and hyphens, 32 in all at most`,
      `providers.${name}`,
    )
  const { definition, host } = definitionFor(name, settings.format)
  const upstream = settings.upstream ?? host?.upstream ?? definition.upstream
  if (upstream === null) throw missing(name, 'upstream', 'the https origin that is your own')
  const own = {
    definedBasePath: definition.basePath,
    basePath: basePathOf(settings.basePath) ?? host?.basePath ?? definition.basePath,
  }
  const header = settings.credential === BEARER ? null : (settings.credential ?? null)
  if (header !== null && RESERVED_HEADER.test(header))
    throw new ConfigError(
      `providers.${name}.credential (${variableName(['providers', name, 'credential'])}) is no header for a key: ${header}`,
      `providers.${name}.credential`,
    )
  return {
    ...definition,
    ...own,
    name,
    upstream: originOf(upstream),
    profile: settings.profile,
    pathRules: definition.pathRules.map(({ from, to }) => ({ from, to: ownPath(own, to) })),
    keyHeaders: [...new Set([...definition.keyHeaders, ...(header === null ? [] : [header])])],
    credential:
      settings.credential === undefined
        ? (key, endpoint) => definition.credential(key, definedPath(own, endpoint))
        : (key) => (header === null ? ['authorization', `Bearer ${key}`] : [header, key]),
    prices: pricesNamed(settings.prices) ?? host?.prices ?? definition.prices,
    welcome: [{ title: name, path: '' }],
  }
}

const BEARER = 'bearer'
/** What carries the message, or is Flint's own: a key there would break the call. */
const RESERVED_HEADER =
  /^(x-flint-.*|x-provider-key|authorization|host|connection|content-.*|transfer-encoding|te|trailer|upgrade|expect|cookie|sec-.*|proxy-.*|accept.*|user-agent|traceparent)$/

/** What a name speaks: by its setting, as a host that is known by it, or as a definition's own name. */
function definitionFor(
  name: string,
  format: string | undefined,
): { readonly definition: ProviderDefinition; readonly host: KnownHost | undefined } {
  for (const definition of PROVIDER_DEFINITIONS) {
    const host = definition.knownHosts?.find((known) => known.name === name)
    const isMeant = format === undefined ? host !== undefined : definition.name === format
    if (isMeant) return { definition, host }
  }
  const definition = format === undefined ? definitionNamed(name) : undefined
  if (definition === undefined)
    throw missing(
      name,
      'format',
      `what it speaks, one of ${PROVIDER_DEFINITIONS.map((known) => known.name).join(', ')}`,
    )
  return { definition, host: undefined }
}

function missing(name: string, setting: string, wish: string): ConfigError {
  const path = ['providers', name, setting]
  return new ConfigError(
    `${path.join('.')} (${variableName(path)}) is missing: ${wish}`,
    path.join('.'),
  )
}

function originOf(upstream: string): string {
  return upstream.replace(/\/$/, '')
}

function basePathOf(setting: string | undefined): ProviderDefinition['basePath'] | undefined {
  return setting === undefined || setting === ''
    ? (setting as '' | undefined)
    : `/${setting.slice(1)}`
}

/** A definition's own prices know its multipliers and fees; another book's are its rates alone. */
function pricesNamed(setting: string | undefined): ProviderPrices | undefined {
  if (setting === undefined) return undefined
  if (setting === 'none') return bookPrices(null)
  const known = [
    ...PROVIDER_DEFINITIONS,
    ...PROVIDER_DEFINITIONS.flatMap(({ knownHosts = [] }) => knownHosts),
  ]
  return known.find(({ prices }) => prices.bookId === setting)?.prices ?? bookPrices(setting)
}
