import { NO_USAGE } from '../../../evidence/usage.ts'
import { geminiPathModel } from '../../gemini/endpoints/generate.ts'
import { namedPaths } from '../../json/named-paths.ts'
import { jsonPaths } from '../../json/paths.ts'
import { errorName } from '../../usage/answer-error.ts'
import { addKnown, tokenCount } from '../../usage/token-count.ts'
import { NO_ANSWER, type WireFormat } from '../../wire-format.ts'

const PATHS = namedPaths({
  tokens: 'predictions[].embeddings.statistics.token_count',
  error: 'error',
})

/**
 * Embeddings count the tokens of each text that was asked for; images count nothing
 * (https://docs.cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api).
 */
export const vertexPredict: WireFormat = {
  name: 'vertex-predict',
  answerPaths: jsonPaths(PATHS.list, { texts: [], groups: ['predictions[]'] }),
  expectsJson: true,
  request: (endpoint) => ({ model: geminiPathModel(endpoint), stream: false }),
  createAnswer() {
    let tokens: number | null = null
    let streamError: string | null = null
    return {
      part(values) {
        tokens = addKnown(tokens, tokenCount(Number(values[PATHS.at.tokens] ?? Number.NaN)))
      },
      document(values) {
        streamError ??= errorName(values[PATHS.at.error])
      },
      facts(complete) {
        if (tokens === null) return { ...NO_ANSWER, streamError }
        return {
          ...NO_ANSWER,
          streamError,
          usage: { ...NO_USAGE, inputTokens: tokens, outputTokens: 0, totalTokens: tokens },
          usageSource: complete ? 'provider' : 'partial',
        }
      },
    }
  },
}
