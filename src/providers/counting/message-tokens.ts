import { asList, asObject, type JsonObject } from '../json/text.ts'
import type { CountTokens } from './encoding.ts'

/** Around each message, and before the answer (OpenAI cookbook, "How to count tokens"). */
export const PER_MESSAGE = 3
export const BEFORE_ANSWER = 3
/**
 * Around a call of a tool in the history, beside its name and arguments (measured over recorded
 * answers).
 */
export const PER_PAST_CALL = 3

/**
 * Content as text or as a list of parts that are text; null where a part is none: pictures and
 * sound cannot be counted here.
 */
export function partsTokens(content: unknown, count: CountTokens): number | null {
  if (typeof content === 'string') return count(content)
  let tokens = 0
  for (const part of asList(content)) {
    const text = asObject(part)?.text ?? asObject(part)?.refusal
    if (typeof text !== 'string') return null
    tokens += count(text)
  }
  return tokens
}

/** A message of a role with its content. */
export function messageTokens(role: string, content: unknown, count: CountTokens): number | null {
  const tokens = partsTokens(content, count)
  return tokens === null ? null : PER_MESSAGE + count(role) + tokens
}

/** A schema that the answer must follow is put before the model as it is written. */
export function schemaTokens(schema: JsonObject | null, count: CountTokens): number {
  return schema === null ? 0 : count(JSON.stringify(schema))
}
