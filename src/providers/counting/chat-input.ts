import { asList, asObject, type JsonObject } from '../json/text.ts'
import type { CountTokens } from './encoding.ts'
import { BEFORE_ANSWER, messageTokens, PER_PAST_CALL, schemaTokens } from './message-tokens.ts'
import { toolTokens } from './tool-tokens.ts'

const PER_NAME = 1

/** Tokens of a chat request's messages, tools and schema, or of a completion's prompt; null where a part of them is no text. */
export function chatInput(body: JsonObject, count: CountTokens): number | null {
  if (typeof body.prompt === 'string') return count(body.prompt)
  if (!Array.isArray(body.messages)) return null
  const functions = asList(body.functions).map((definition) => ({ function: definition }))
  const schema = asObject(asObject(body.response_format)?.json_schema)
  let tokens = BEFORE_ANSWER + toolTokens([...asList(body.tools), ...functions], count) + schemaTokens(schema, count)
  for (const message of body.messages.map(asObject)) {
    const said = message === null ? null : messageTokens(String(message.role ?? ''), message.content, count)
    if (message === null || said === null) return null
    tokens += said
    if (typeof message.name === 'string') tokens += PER_NAME + count(message.name)
    for (const call of asList(message.tool_calls)) {
      const asked = asObject(asObject(call)?.function)
      tokens += PER_PAST_CALL + count(String(asked?.name ?? '')) + count(String(asked?.arguments ?? ''))
    }
  }
  return tokens
}
