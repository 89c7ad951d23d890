import type { Provider } from '../../../evidence/evidence.ts'
import { jsonPaths } from '../../json/paths.ts'
import { boundedRaw, type JsonObject, jsonObject, jsonWord } from '../../json/text.ts'
import { errorName } from '../../usage/answer-error.ts'
import { addAll, tokenCount } from '../../usage/token-count.ts'
import type { AnswerContext, AnswerReading, WireFormat } from '../../wire-format.ts'
import { NO_READING, openaiUsage, type UsageReading } from '../usage.ts'

const MODEL = 0
const TIER = 1
const USAGE = 2
const FINISH = 3
const ERROR = 4
const ID = 5

/** OpenAI chat completions, plain and streamed; also the compatible paths of Gemini and Anthropic. */
export const openaiChat = chatFormat('openai-chat')
/** OpenAI's legacy completions: laid out like chat. */
export const openaiCompletions = chatFormat('openai-completions')

function chatFormat(name: string): WireFormat {
  const answerPaths = jsonPaths(['model', 'service_tier', 'usage', 'choices[].finish_reason', 'error', 'id'])
  return { name, answerPaths, expectsJson: true, countable: 'both', request: null, createAnswer }
}

function createAnswer({ provider, streamed }: AnswerContext): AnswerReading {
  let model: string | undefined
  let tier: string | undefined
  let finish: string | undefined
  let id: string | undefined
  let usageJson: string | undefined
  let streamError: string | null = null
  /** The last usage came with the finish reason or after it. */
  let isAfterFinish = false

  return {
    document(values) {
      model = values[MODEL] ?? model
      tier = values[TIER] ?? tier
      finish = values[FINISH] ?? finish
      id ??= values[ID]
      if (values[USAGE] !== undefined) {
        usageJson = values[USAGE]
        isAfterFinish = finish !== undefined
      }
      streamError ??= errorName(values[ERROR])
    },
    facts(complete) {
      const { usage, billed, unknown } = chatUsage(jsonObject(usageJson), provider)
      const isKnown = usage.inputTokens !== null || usage.outputTokens !== null
      // OpenAI's usage chunk comes after the finish reason; counts on earlier chunks (compatible hosts) still grow.
      const isFinal = !streamed || complete || isAfterFinish
      return {
        model: modelName(jsonWord(model)),
        finishReason: jsonWord(finish),
        serviceTier: jsonWord(tier),
        requestId: null,
        responseId: jsonWord(id),
        deferred: false,
        resultFile: null,
        streamError,
        usage,
        usageSource: !isKnown ? 'none' : isFinal ? 'provider' : 'partial',
        usageRaw: usageJson === undefined ? null : boundedRaw(usageJson),
        billed,
        waived: false,
        unknownUsage: unknown,
      }
    },
  }
}

/** Usage of a chat completion, by who answered it: Gemini's compatible path may count the thoughts in the total alone. */
export function chatUsage(told: JsonObject | null, provider: Provider): UsageReading {
  if (told === null) return NO_READING
  const reading = openaiUsage(told)
  if (provider !== 'gemini') return reading
  const { inputTokens, outputTokens: completion } = reading.usage
  const outputTokens = compatibleOutput(inputTokens, completion, tokenCount(told.total_tokens))
  return { ...reading, usage: { ...reading.usage, outputTokens, totalTokens: addAll(inputTokens, outputTokens) } }
}

/** Gemini's completion_tokens may leave the thoughts out while total_tokens has them (recorded: 35 + 12, total 109): the total is billed. */
function compatibleOutput(input: number | null, completion: number | null, total: number | null): number | null {
  if (input === null || total === null) return completion
  return Math.max(total - input, completion ?? 0)
}

/** Gemini's compatible path may echo its resource name (`models/gemini-...`). */
function modelName(model: string | null): string | null {
  return model?.startsWith('models/') === true ? model.slice('models/'.length) : model
}
