import type { Provider } from '../evidence/evidence.ts'
import { anthropic } from './anthropic/definition.ts'
import { bedrock } from './bedrock/definition.ts'
import { chatgpt } from './chatgpt/definition.ts'
import { gemini } from './gemini/definition.ts'
import { openai } from './openai/definition.ts'
import type { ProviderDefinition } from './provider.ts'

/**
 * One line per provider, in the order in which people read them. The compiler asks for each folder
 * that declares its name.
 */
const DEFINITIONS: Readonly<Record<Provider, ProviderDefinition>> = {
  openai,
  anthropic,
  gemini,
  chatgpt,
  bedrock,
}

export const PROVIDER_DEFINITIONS: readonly ProviderDefinition[] = Object.values(DEFINITIONS)
export const PROVIDERS: readonly Provider[] = PROVIDER_DEFINITIONS.map(({ name }) => name)
/** `openai, anthropic or gemini`, for people. */
export const PROVIDER_LIST = [PROVIDERS.slice(0, -1).join(', '), ...PROVIDERS.slice(-1)]
  .filter((part) => part !== '')
  .join(' or ')

export function definitionOf(provider: Provider): ProviderDefinition {
  return DEFINITIONS[provider]
}

/** The provider of this name, or undefined: for names that come from outside. */
export function providerNamed(name: unknown): Provider | undefined {
  return PROVIDERS.find((known) => known === name)
}

/** An object with one member for each provider. */
export function byProvider<T>(
  make: (definition: ProviderDefinition) => T,
): Readonly<Record<Provider, T>> {
  return Object.fromEntries(
    PROVIDER_DEFINITIONS.map((definition) => [definition.name, make(definition)]),
  ) as Record<Provider, T>
}
