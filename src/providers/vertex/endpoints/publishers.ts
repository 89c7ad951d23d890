import { anthropicMessages } from '../../anthropic/endpoints/messages.ts'
import { geminiPathModel } from '../../gemini/endpoints/generate.ts'
import { chatFormat } from '../../openai/endpoints/chat.ts'
import { noUsage } from '../../usage/no-usage.ts'
import type { WireFormat } from '../../wire-format.ts'
import { vertexChatUsage } from '../usage.ts'

/** The model stands in the path, and so does whether the answer is a stream. */
const fromPath = (endpoint: string) => ({
  model: geminiPathModel(endpoint),
  stream: /(:|%3A)stream\w+$/i.test(endpoint),
})

/**
 * Anthropic's messages: `rawPredict` and `streamRawPredict`
 * (https://platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai).
 */
export const vertexMessages: WireFormat = { ...anthropicMessages, request: fromPath }

/** As everywhere where no usage is reported, but the path names the model. */
export const noUsageOfModel: WireFormat = { ...noUsage, request: fromPath }

const chat = chatFormat('vertex-chat', vertexChatUsage)

/**
 * The path that is compatible with OpenAI's chat
 * (https://docs.cloud.google.com/vertex-ai/generative-ai/docs/migrate/openai/overview). It names
 * Google's own models with their publisher, which is not part of their name.
 */
export const vertexChat: WireFormat = {
  ...chat,
  createAnswer(context) {
    const parser = chat.createAnswer(context)
    return {
      document: (values) => parser.document(values),
      facts(complete) {
        const facts = parser.facts(complete)
        return { ...facts, model: facts.model?.replace(/^google\//, '') ?? null }
      },
    }
  },
}
