import { asList, asObject, type JsonObject, shortString } from '../json/text.ts'
import type { CountTokens } from './encoding.ts'
import {
  BEFORE_ANSWER,
  messageTokens,
  PER_MESSAGE,
  PER_PAST_CALL,
  partsTokens,
} from './message-tokens.ts'

/**
 * Tokens of a request that is made of items (OpenAI's responses, Gemini's interactions): the
 * system's text, the input as text or items, and what was counted `besides` (tools, schema). Null
 * where a part is not text.
 */
export function itemsInput(
  system: unknown,
  input: unknown,
  besides: number,
  count: CountTokens,
): number | null {
  const items =
    typeof input === 'string'
      ? [{ content: input }]
      : Array.isArray(input)
        ? input
        : input == null
          ? []
          : [input]
  const all = system == null ? items : [{ role: 'system', content: system }, ...items]
  let tokens: number = BEFORE_ANSWER + besides
  for (const item of all.map(asObject)) {
    const counted = item === null ? null : itemTokens(item, count)
    if (counted === null) return null
    tokens += counted
  }
  return tokens
}

function itemTokens(item: JsonObject, count: CountTokens): number | null {
  switch (item.type) {
    case undefined:
    case 'message':
      return messageTokens(shortString(item.role) ?? 'user', item.content, count)
    case 'user_input':
      return messageTokens('user', item.content, count)
    case 'model_output':
      return messageTokens('model', item.content, count)
    // A part that stands by itself is a message of the user.
    case 'text':
      return messageTokens('user', [item], count)
    case 'function_call':
    case 'custom_tool_call':
      return (
        PER_PAST_CALL +
        count(shortString(item.name) ?? '') +
        count(asJson(item.arguments ?? item.input ?? ''))
      )
    case 'function_call_output':
    case 'custom_tool_call_output':
      return resultTokens(item.output, count)
    case 'function_result':
      return resultTokens(item.result, count)
    case 'reasoning':
    case 'thought':
      return 0
    default:
      return null
  }
}

function resultTokens(result: unknown, count: CountTokens): number | null {
  const tokens = Array.isArray(result)
    ? partsTokens(asList(result), count)
    : count(asJson(result ?? ''))
  return tokens === null ? null : PER_MESSAGE + tokens
}

function asJson(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
