import type { Provider } from '../evidence/evidence.ts'
import { NO_USAGE, type TokenUsage } from '../evidence/usage.ts'
import { NO_EXTRAS } from './exchange-facts.ts'
import { jsonPaths } from './json-paths.ts'
import { asObject, boundedRaw, type JsonObject, jsonObject, jsonWord } from './json-text.ts'
import { addAll, tokenCount } from './token-count.ts'
import type { AnswerContext, AnswerReading, WireFormat } from './wire-format.ts'

const MODEL = 0
const TIER = 1
const USAGE = 2
const FINISH = 3
const ERROR_TYPE = 4
const ERROR_CODE = 5

/** OpenAI chat completions, plain and streamed; also Gemini's compatible path. */
export const openaiChat: WireFormat = {
  name: 'openai-chat',
  answerPaths: jsonPaths(['model', 'service_tier', 'usage', 'choices[].finish_reason', 'error.type', 'error.code']),
  expectsJson: true,
  request: null,
  createAnswer,
}

function createAnswer({ provider, streamed }: AnswerContext): AnswerReading {
  let model: string | undefined
  let tier: string | undefined
  let finish: string | undefined
  let usageJson: string | undefined
  let streamError: string | null = null

  return {
    document(values) {
      model = values[MODEL] ?? model
      tier = values[TIER] ?? tier
      finish = values[FINISH] ?? finish
      usageJson = values[USAGE] ?? usageJson
      if (streamed) streamError ??= jsonWord(values[ERROR_TYPE]) ?? jsonWord(values[ERROR_CODE])
    },
    facts(complete) {
      const usage = chatUsage(jsonObject(usageJson), provider)
      const isKnown = usage.inputTokens !== null || usage.outputTokens !== null
      // OpenAI's usage chunk comes after the finish reason; counts on earlier chunks (compatible hosts) still grow.
      const isFinal = !streamed || complete || finish !== undefined
      return {
        model: modelName(jsonWord(model)),
        finishReason: jsonWord(finish),
        serviceTier: jsonWord(tier),
        requestId: null,
        streamError,
        usage,
        usageSource: !isKnown ? 'none' : isFinal ? 'provider' : 'partial',
        usageRaw: usageJson === undefined ? null : boundedRaw(usageJson),
        billed: NO_EXTRAS,
      }
    },
  }
}

function chatUsage(usage: JsonObject | null, provider: Provider): TokenUsage {
  if (usage === null) return NO_USAGE
  const input = tokenCount(usage.prompt_tokens)
  const completion = tokenCount(usage.completion_tokens)
  const output = provider === 'gemini' ? compatibleOutput(input, completion, tokenCount(usage.total_tokens)) : completion
  const inputDetails = asObject(usage.prompt_tokens_details)
  const outputDetails = asObject(usage.completion_tokens_details)
  return {
    ...NO_USAGE,
    inputTokens: input,
    outputTokens: output,
    totalTokens: addAll(input, output),
    cachedInputTokens: tokenCount(inputDetails?.cached_tokens),
    cacheWriteTokens: tokenCount(inputDetails?.cache_write_tokens),
    reasoningTokens: tokenCount(outputDetails?.reasoning_tokens),
    audioInputTokens: tokenCount(inputDetails?.audio_tokens),
    audioOutputTokens: tokenCount(outputDetails?.audio_tokens),
  }
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
