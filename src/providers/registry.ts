import type { ShippedProvider } from '../evidence/evidence.ts'
import { anthropic } from './anthropic/definition.ts'
import { azure } from './azure/definition.ts'
import { bedrock } from './bedrock/definition.ts'
import { chatgpt } from './chatgpt/definition.ts'
import { gemini } from './gemini/definition.ts'
import { openai } from './openai/definition.ts'
import { openaiCompatible } from './openai-compatible/definition.ts'
import type { ProviderDefinition } from './provider.ts'
import { vertex } from './vertex/definition.ts'

/**
 * One line per definition, in the order in which people read them. The compiler asks for each
 * folder that declares its name.
 */
const DEFINITIONS: Readonly<Record<ShippedProvider, ProviderDefinition>> = {
  openai,
  anthropic,
  gemini,
  chatgpt,
  azure,
  vertex,
  bedrock,
  'openai-compatible': openaiCompatible,
}

/** All that Flint ships. What an installation uses of it: `active-providers.ts`. */
export const PROVIDER_DEFINITIONS: readonly ProviderDefinition[] = Object.values(DEFINITIONS)

export function definitionOf(provider: ShippedProvider): ProviderDefinition {
  return DEFINITIONS[provider]
}

/** The definition of this name, or undefined: for names that come from outside. */
export function definitionNamed(name: unknown): ProviderDefinition | undefined {
  return PROVIDER_DEFINITIONS.find((known) => known.name === name)
}
