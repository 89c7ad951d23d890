import { itemsInput } from '../counting/item-input.ts'
import { schemaTokens } from '../counting/message-tokens.ts'
import { textOf } from '../counting/streamed-text.ts'
import type { TokenCounting } from '../counting/token-counting.ts'
import { toolTokens } from '../counting/tool-tokens.ts'
import { asObject } from '../json/text.ts'

/** Members that name input which Gemini keeps: how much it is, the request does not say. */
const KEPT = ['previous_interaction_id', 'cached_content', 'agent']

/** Interactions: system instruction, input (text, content, steps or turns), tools and schema. */
export const interactionsCounting: TokenCounting = {
  /** Steps of an interaction; in earlier betas their content, whose calls come whole. */
  readEvent(event, into) {
    const delta = asObject(event.delta)
    if (delta?.type === 'text') into.text += textOf(delta.text)
    const asked = delta?.arguments
    const step = asObject(event.step)
    const name = textOf(step?.type === 'function_call' ? step.name : delta?.name)
    into.addCall(
      String(event.index),
      name,
      typeof asked === 'object' && asked !== null ? JSON.stringify(asked) : textOf(asked),
    )
  },
  countInput(body, count) {
    if (KEPT.some((member) => body[member] != null)) return null
    const besides =
      toolTokens(body.tools, count) + schemaTokens(asObject(body.response_format), count)
    return itemsInput(body.system_instruction, body.input, besides, count)
  },
}
