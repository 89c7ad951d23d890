import { jsonPaths } from './json-paths.ts'
import { boundedRaw, jsonObject, jsonWord } from './json-text.ts'
import { NO_READING, openaiUsage } from './openai-usage.ts'
import type { AnswerContext, AnswerReading, WireFormat } from './wire-format.ts'

// A plain answer is the response object; most events of a stream carry it as `response`.
const FIELDS = ['model', 'service_tier', 'usage', 'status', 'id'] as const
const MODEL = 0
const TIER = 1
const USAGE = 2
const STATUS = 3
const ID = 4
const WRAPPED = FIELDS.length
const TYPE = 10
const ERROR_TYPE = 11
const ERROR_CODE = 12
const EVENT_CODE = 13
const RESPONSE_ERROR_CODE = 14
const BACKGROUND = 15
const WRAPPED_BACKGROUND = 16

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
    'background',
    'response.background',
  ]),
  expectsJson: true,
  countable: 'both',
  request: null,
  createAnswer,
}

function createAnswer({ streamed }: AnswerContext): AnswerReading {
  let model: string | undefined
  let tier: string | undefined
  let status: string | undefined
  let usageJson: string | undefined
  let id: string | undefined
  let background: string | undefined
  let streamError: string | null = null
  const at = streamed ? WRAPPED : 0

  return {
    document(values) {
      model = values[at + MODEL] ?? model
      tier = values[at + TIER] ?? tier
      status = values[at + STATUS] ?? status
      id ??= values[at + ID]
      background = values[streamed ? WRAPPED_BACKGROUND : BACKGROUND] ?? background
      usageJson = values[at + USAGE] ?? usageJson
      if (!streamed) return
      streamError ??= jsonWord(values[ERROR_TYPE]) ?? jsonWord(values[ERROR_CODE])
      // `error` events have been seen with the error nested and with its code beside the type.
      if (values[EVENT_CODE] !== undefined && jsonWord(values[TYPE]) === 'error') streamError ??= jsonWord(values[EVENT_CODE])
      streamError ??= jsonWord(values[RESPONSE_ERROR_CODE])
    },
    facts() {
      const told = jsonObject(usageJson)
      const { usage, billed, unknown } = told === null ? NO_READING : openaiUsage(told)
      return {
        model: jsonWord(model),
        finishReason: jsonWord(status),
        serviceTier: jsonWord(tier),
        requestId: null,
        responseId: jsonWord(id),
        deferred: background === 'true',
        resultFile: null,
        streamError,
        usage,
        // Null until the response has ended, so what is there is final.
        usageSource: usage.inputTokens !== null || usage.outputTokens !== null ? 'provider' : 'none',
        usageRaw: usageJson === undefined ? null : boundedRaw(usageJson),
        billed,
        unknownUsage: unknown,
      }
    },
  }
}
