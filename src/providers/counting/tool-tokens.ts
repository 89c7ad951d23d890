import { asObject } from '../json/text.ts'
import type { CountTokens } from './encoding.ts'

// What a definition costs beside its text (OpenAI cookbook, "How to count tokens", for gpt-4o and
// later).
const PER_FUNCTION = 7
const PER_PROPERTIES = 3
const PER_PROPERTY = 3
const PER_ENUM = -3
const PER_ENUM_VALUE = 3
const AFTER_FUNCTIONS = 12

/**
 * Tokens of the tools a request defines: names, descriptions and the properties of the first level.
 */
export function toolTokens(tools: unknown, count: CountTokens): number {
  if (!Array.isArray(tools) || tools.length === 0) return 0
  let tokens = AFTER_FUNCTIONS
  for (const tool of tools) {
    const { function: nested, type } = asObject(tool) ?? {}
    // Chat puts the definition inside, responses and interactions beside the type; the provider's
    // own tools have none.
    const definition = asObject(nested) ?? (type === 'function' ? asObject(tool) : null)
    if (definition === null) continue
    tokens += PER_FUNCTION + count(`${definition.name ?? ''}:${withoutDot(definition.description)}`)
    const properties = Object.entries(asObject(asObject(definition.parameters)?.properties) ?? {})
    if (properties.length > 0) tokens += PER_PROPERTIES
    for (const [name, value] of properties) tokens += propertyTokens(name, value, count)
  }
  return tokens
}

function propertyTokens(name: string, value: unknown, count: CountTokens): number {
  const property = asObject(value)
  const allowed = property?.enum
  let tokens =
    PER_PROPERTY + count(`${name}:${property?.type ?? ''}:${withoutDot(property?.description)}`)
  if (Array.isArray(allowed))
    tokens +=
      PER_ENUM +
      allowed.reduce((sum: number, value) => sum + PER_ENUM_VALUE + count(String(value)), 0)
  return tokens
}

function withoutDot(description: unknown): string {
  return typeof description === 'string' ? description.replace(/\.$/, '') : ''
}
