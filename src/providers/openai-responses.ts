import { NO_USAGE, type TokenUsage } from '../evidence/usage.ts'
import { NO_EXTRAS } from './exchange-facts.ts'
import { jsonPaths } from './json-paths.ts'
import { asObject, boundedRaw, type JsonObject, jsonObject, jsonWord } from './json-text.ts'
import { addAll, tokenCount } from './token-count.ts'
import type { AnswerContext, AnswerReading, WireFormat } from './wire-format.ts'

// A plain answer is the response object; most events of a stream carry it as `response`.
const FIELDS = ['model', 'service_tier', 'usage', 'status'] as const
const MODEL = 0
const TIER = 1
const USAGE = 2
const STATUS = 3
const WRAPPED = FIELDS.length
const TYPE = 8
const ERROR_TYPE = 9
const ERROR_CODE = 10
const EVENT_CODE = 11
const RESPONSE_ERROR_CODE = 12

/** OpenAI responses, plain and streamed: usage comes with `response.completed`, `.incomplete` or `.failed`. */
export const openaiResponses: WireFormat = {
  name: 'openai-responses',
  answerPaths: jsonPaths([
    ...FIELDS,
    ...FIELDS.map((field) => `response.${field}`),
    'type',
    'error.type',
    'error.code',
    'code',
    'response.error.code',
  ]),
  expectsJson: true,
  request: null,
  createAnswer,
}

function createAnswer({ streamed }: AnswerContext): AnswerReading {
  let model: string | undefined
  let tier: string | undefined
  let status: string | undefined
  let usageJson: string | undefined
  let streamError: string | null = null
  const at = streamed ? WRAPPED : 0

  return {
    document(values) {
      model = values[at + MODEL] ?? model
      tier = values[at + TIER] ?? tier
      status = values[at + STATUS] ?? status
      usageJson = values[at + USAGE] ?? usageJson
      if (!streamed) return
      streamError ??= jsonWord(values[ERROR_TYPE]) ?? jsonWord(values[ERROR_CODE])
      // `error` events have been seen with the error nested and with its code beside the type.
      if (values[EVENT_CODE] !== undefined && jsonWord(values[TYPE]) === 'error') streamError ??= jsonWord(values[EVENT_CODE])
      streamError ??= jsonWord(values[RESPONSE_ERROR_CODE])
    },
    facts() {
      const usage = responsesUsage(jsonObject(usageJson))
      return {
        model: jsonWord(model),
        finishReason: jsonWord(status),
        serviceTier: jsonWord(tier),
        requestId: null,
        streamError,
        usage,
        // Null until the response has ended, so what is there is final.
        usageSource: usage.inputTokens !== null || usage.outputTokens !== null ? 'provider' : 'none',
        usageRaw: usageJson === undefined ? null : boundedRaw(usageJson),
        billed: NO_EXTRAS,
      }
    },
  }
}

function responsesUsage(usage: JsonObject | null): TokenUsage {
  if (usage === null) return NO_USAGE
  const input = tokenCount(usage.input_tokens)
  const output = tokenCount(usage.output_tokens)
  const inputDetails = asObject(usage.input_tokens_details)
  const outputDetails = asObject(usage.output_tokens_details)
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
