import { asList, asObject, type JsonObject, jsonObject } from '../json-text.ts'
import { answerText } from './answer-words.ts'
import type { CountTokens } from './encoding.ts'
import type { UncountedExchange } from './retained-exchange.ts'
import { toolTokens } from './tool-tokens.ts'

/** What was counted; null where it cannot be told from the text (pictures, sound). */
export interface ExchangeCounts {
  readonly inputTokens: number | null
  readonly outputTokens: number
}

/** Around each message, and before the answer (OpenAI cookbook, "How to count tokens"). */
const PER_MESSAGE = 3
const PER_NAME = 1
const BEFORE_ANSWER = 3
/** Around a call of a tool, beside its name and arguments: in the history, and as an answer (measured over recorded answers). */
const PER_PAST_CALL = 3
const PER_CALL = 7

/** Counts both sides of a call. The request is JSON, the answer server-sent events; either may be cut short. */
export function countExchange({ format, request, answer }: UncountedExchange, count: CountTokens): ExchangeCounts {
  const decoder = new TextDecoder()
  const { text, calls } = answerText(format, decoder.decode(answer))
  const outputTokens = count(text) + calls.reduce((sum, call) => sum + PER_CALL + count(call.name) + count(call.arguments), 0)
  return { inputTokens: request === null ? null : inputTokens(jsonObject(decoder.decode(request)), count), outputTokens }
}

function inputTokens(body: JsonObject | null, count: CountTokens): number | null {
  if (body === null) return null
  if (typeof body.prompt === 'string') return count(body.prompt)
  if (!Array.isArray(body.messages)) return null
  const functions = asList(body.functions).map((definition) => ({ function: definition }))
  let tokens = BEFORE_ANSWER + toolTokens([...asList(body.tools), ...functions], count) + schemaTokens(body.response_format, count)
  for (const message of body.messages.map(asObject)) {
    const content = contentTokens(message?.content, count)
    if (message === null || content === null) return null
    tokens += PER_MESSAGE + content + count(String(message.role ?? ''))
    if (typeof message.name === 'string') tokens += PER_NAME + count(message.name)
    for (const call of asList(message.tool_calls)) {
      const asked = asObject(asObject(call)?.function)
      tokens += PER_PAST_CALL + count(String(asked?.name ?? '')) + count(String(asked?.arguments ?? ''))
    }
  }
  return tokens
}

/** A schema that the answer must follow is put before the model as it is written. */
function schemaTokens(format: unknown, count: CountTokens): number {
  const schema = asObject(asObject(format)?.json_schema)
  return schema === null ? 0 : count(JSON.stringify(schema))
}

/** Null where a part is no text: pictures and sound cannot be counted here. */
function contentTokens(content: unknown, count: CountTokens): number | null {
  if (typeof content === 'string') return count(content)
  let tokens = 0
  for (const part of asList(content)) {
    const text = asObject(part)?.text ?? asObject(part)?.refusal
    if (typeof text !== 'string') return null
    tokens += count(text)
  }
  return tokens
}
