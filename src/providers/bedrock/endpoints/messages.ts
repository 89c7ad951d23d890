import { anthropicMessages } from '../../anthropic/endpoints/messages.ts'
import type { AnswerParser, WireFormat } from '../../wire-format.ts'

/**
 * Anthropic's own API at Bedrock. Its answers name the model as Anthropic does; the geography, on
 * which the rates depend, is only in the name that the request has.
 */
export const bedrockMessages: WireFormat = {
  ...anthropicMessages,
  name: 'bedrock-messages',
  createAnswer(context): AnswerParser {
    const claude = anthropicMessages.createAnswer(context)
    return {
      document: (values) => claude.document(values),
      get isOver() {
        return claude.isOver === true
      },
      facts: (complete) => ({ ...claude.facts(complete), model: null }),
    }
  },
}
