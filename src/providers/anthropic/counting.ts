import { textOf } from '../counting/streamed-text.ts'
import type { TokenCounting } from '../counting/token-counting.ts'
import { asObject } from '../json/text.ts'

/** Messages: a stream begins with the count of its input. */
export const messagesCounting: TokenCounting = {
  readEvent(event, into) {
    const delta = asObject(event.delta)
    into.text += textOf(delta?.text) + textOf(delta?.thinking)
    if (delta?.partial_json !== undefined)
      into.addCall(String(event.index), '', textOf(delta.partial_json))
    const block = asObject(event.content_block)
    if (block?.name !== undefined) into.addCall(String(event.index), textOf(block.name), '')
  },
}
