import type { CountTokens } from '../counting/encoding.ts'
import { itemsInput } from '../counting/item-input.ts'
import {
  BEFORE_ANSWER,
  messageTokens,
  PER_PAST_CALL,
  schemaTokens,
} from '../counting/message-tokens.ts'
import { textOf } from '../counting/streamed-text.ts'
import type { TokenCounting } from '../counting/token-counting.ts'
import { toolTokens } from '../counting/tool-tokens.ts'
import { asList, asObject, type JsonObject } from '../json/text.ts'

const PER_NAME = 1
/**
 * Members of a responses request that name input which OpenAI keeps: how much it is, the request
 * does not say.
 */
const KEPT = ['previous_response_id', 'conversation', 'prompt']
/**
 * Deltas of a response: what is said, and what a tool is given. Summaries of reasoning are not what
 * is billed for it.
 */
const SAID = [
  'response.output_text.delta',
  'response.refusal.delta',
  'response.reasoning_text.delta',
]
const ASKED =
  /^response\.(function_call_arguments|custom_tool_call_input|mcp_call_arguments|code_interpreter_call_code|shell_call_command|apply_patch_call_operation_diff)\.delta$/

/** Chat completions and legacy completions. */
export const chatCounting: TokenCounting = {
  readEvent(event, into) {
    for (const choice of asList(event.choices)) {
      const { index, delta, text } = asObject(choice) ?? {}
      const said = asObject(delta)
      into.text += textOf(text) + textOf(said?.content) + textOf(said?.refusal)
      const legacy = asObject(said?.function_call)
      into.addCall(`${index} function`, textOf(legacy?.name), textOf(legacy?.arguments))
      for (const call of asList(said?.tool_calls)) {
        const { index: at, id, function: asked } = asObject(call) ?? {}
        into.addCall(
          `${index} ${at}`,
          textOf(asObject(asked)?.name),
          textOf(asObject(asked)?.arguments),
          textOf(id),
        )
      }
    }
  },
  countInput: chatInput,
}

/**
 * Responses: instructions, input (text or items), tools and schema. Reasoning of earlier turns is
 * encrypted and not counted.
 */
export const responsesCounting: TokenCounting = {
  readEvent(event, into) {
    const type = textOf(event.type)
    if (SAID.includes(type)) into.text += textOf(event.delta)
    else if (ASKED.test(type)) into.addCall(String(event.output_index), '', textOf(event.delta))
    else if (type === 'response.output_item.added')
      into.addCall(String(event.output_index), textOf(asObject(event.item)?.name), '')
  },
  countInput(body, count) {
    if (KEPT.some((member) => body[member] != null)) return null
    const format = asObject(asObject(body.text)?.format)
    const schema = schemaTokens(format?.type === 'json_schema' ? format : null, count)
    return itemsInput(body.instructions, body.input, toolTokens(body.tools, count) + schema, count)
  },
}

/** Tokens of a chat request's messages, tools and schema, or of a completion's prompt. */
function chatInput(body: JsonObject, count: CountTokens): number | null {
  if (typeof body.prompt === 'string') return count(body.prompt)
  if (!Array.isArray(body.messages)) return null
  const functions = asList(body.functions).map((definition) => ({ function: definition }))
  const schema = asObject(asObject(body.response_format)?.json_schema)
  let tokens =
    BEFORE_ANSWER +
    toolTokens([...asList(body.tools), ...functions], count) +
    schemaTokens(schema, count)
  for (const message of body.messages.map(asObject)) {
    const said =
      message === null ? null : messageTokens(String(message.role ?? ''), message.content, count)
    if (message === null || said === null) return null
    tokens += said
    if (typeof message.name === 'string') tokens += PER_NAME + count(message.name)
    for (const call of asList(message.tool_calls)) {
      const asked = asObject(asObject(call)?.function)
      tokens +=
        PER_PAST_CALL + count(String(asked?.name ?? '')) + count(String(asked?.arguments ?? ''))
    }
  }
  return tokens
}
