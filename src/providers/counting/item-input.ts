import { asList, asObject, asWord, type JsonObject } from '../json/text.ts'
import type { CountTokens } from './encoding.ts'
import { BEFORE_ANSWER, messageTokens, PER_MESSAGE, PER_PAST_CALL, partsTokens, schemaTokens } from './message-tokens.ts'
import { toolTokens } from './tool-tokens.ts'

/** Members that name input which the provider keeps: how much it is, the request does not tell. */
const KEPT_BY_OPENAI = ['previous_response_id', 'conversation', 'prompt']
const KEPT_BY_GEMINI = ['previous_interaction_id', 'cached_content', 'agent']

/**
 * Tokens of an OpenAI responses request: instructions, input (text or items), tools and schema. Reasoning of earlier turns is
 * encrypted and not counted. Null where a part is no text, or is kept by the provider.
 */
export function responsesInput(body: JsonObject, count: CountTokens): number | null {
  if (KEPT_BY_OPENAI.some((member) => body[member] != null)) return null
  const format = asObject(asObject(body.text)?.format)
  const schema = schemaTokens(format?.type === 'json_schema' ? format : null, count)
  return inputOf(body.instructions, body.input, toolTokens(body.tools, count) + schema, count)
}

/** Tokens of a Gemini interaction's request, in the same way: system instruction, input (text, content, steps or turns), tools and schema. */
export function interactionInput(body: JsonObject, count: CountTokens): number | null {
  if (KEPT_BY_GEMINI.some((member) => body[member] != null)) return null
  return inputOf(
    body.system_instruction,
    body.input,
    toolTokens(body.tools, count) + schemaTokens(asObject(body.response_format), count),
    count,
  )
}

function inputOf(system: unknown, input: unknown, besides: number, count: CountTokens): number | null {
  const items = typeof input === 'string' ? [{ content: input }] : Array.isArray(input) ? input : input == null ? [] : [input]
  const told = system == null ? items : [{ role: 'system', content: system }, ...items]
  let tokens: number = BEFORE_ANSWER + besides
  for (const item of told.map(asObject)) {
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
      return messageTokens(asWord(item.role) ?? 'user', item.content, count)
    case 'user_input':
      return messageTokens('user', item.content, count)
    case 'model_output':
      return messageTokens('model', item.content, count)
    // A part that stands by itself is a message of the user.
    case 'text':
      return messageTokens('user', [item], count)
    case 'function_call':
    case 'custom_tool_call':
      return PER_PAST_CALL + count(asWord(item.name) ?? '') + count(asJson(item.arguments ?? item.input ?? ''))
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
  const tokens = Array.isArray(result) ? partsTokens(asList(result), count) : count(asJson(result ?? ''))
  return tokens === null ? null : PER_MESSAGE + tokens
}

function asJson(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
