import type { Provider } from '../evidence/evidence.ts'
import { knownProviders } from './known-providers.ts'
import type { ProviderDefinition } from './provider.ts'
import { PROVIDER_DEFINITIONS } from './registry.ts'

/** A provider that calls go to: a definition with an address. */
export interface ActiveProvider extends ProviderDefinition {
  readonly upstream: string
  /**
   * The base path of the definition, where the provider's is another one: its endpoints are known
   * by that.
   */
  readonly definedBasePath?: ProviderDefinition['basePath']
  /** docs/reliability.md */
  readonly profile: 'available' | 'acked'
}

/**
 * The providers of one installation. Every process makes them from the same configuration, and
 * hands them to what looks one up.
 */
export interface ActiveProviders {
  /** In the order in which people read them: those Flint ships, then the operator's own. */
  readonly all: readonly ActiveProvider[]
  readonly names: readonly Provider[]
  /** `openai, anthropic or gemini`, for people. */
  readonly list: string
  /** The provider of this name, or undefined: for names that come from outside. */
  named(name: unknown): ActiveProvider | undefined
  /** The same, or one that is known by its host alone: for names that stand in records. */
  ofRecord(name: unknown): ActiveProvider | undefined
}

export function createActiveProviders(all: readonly ActiveProvider[]): ActiveProviders {
  const names = all.map(({ name }) => name)
  const byName = new Map<unknown, ActiveProvider>(all.map((provider) => [provider.name, provider]))
  return {
    all,
    names,
    list: [names.slice(0, -1).join(', '), ...names.slice(-1)]
      .filter((part) => part !== '')
      .join(' or '),
    named: (name) => byName.get(name),
    ofRecord: (name) => byName.get(name) ?? KNOWN.get(name),
  }
}

const KNOWN: ReadonlyMap<unknown, ActiveProvider> = new Map(
  knownProviders().map((provider) => [provider.name, provider]),
)

export type BasePaths = Pick<ActiveProvider, 'basePath' | 'definedBasePath'>

/** A path of the provider as its definition has it: for all that the definition knows by paths. */
export function definedPath({ basePath, definedBasePath = basePath }: BasePaths, path: string) {
  return rebased(path, basePath, definedBasePath)
}

/** A path of the definition as the provider has it. */
export function ownPath(
  { basePath, definedBasePath = basePath }: BasePaths,
  path: string,
): `/${string}` {
  return `/${rebased(path, definedBasePath, basePath).slice(1)}`
}

function rebased(path: string, from: string, to: string): string {
  if (from === to) return path
  return path === from || path.startsWith(`${from}/`) ? to + path.slice(from.length) : path
}

/** What every installation has without a setting: the definitions with an address of their own. */
export const SHIPPED_PROVIDERS: ActiveProviders = createActiveProviders(
  PROVIDER_DEFINITIONS.flatMap((definition) =>
    definition.upstream === null
      ? []
      : [{ ...definition, upstream: definition.upstream, profile: 'available' as const }],
  ),
)
