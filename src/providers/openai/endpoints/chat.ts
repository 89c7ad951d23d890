import { namedPaths } from '../../json/named-paths.ts'
import { jsonPaths } from '../../json/paths.ts'
import { boundedRaw, type JsonObject, jsonObject, jsonString } from '../../json/text.ts'
import { errorName } from '../../usage/answer-error.ts'
import { NO_PARSED_USAGE, type ParsedUsage } from '../../usage/parsed-usage.ts'
import type { AnswerContext, AnswerParser, WireFormat } from '../../wire-format.ts'
import { openaiUsage } from '../usage.ts'

function pathsOf(otherUsage: string) {
  return namedPaths({
    model: 'model',
    tier: 'service_tier',
    usage: 'usage',
    otherUsage,
    finish: 'choices[].finish_reason',
    error: 'error',
    id: 'id',
  })
}

/** OpenAI chat completions, plain and streamed; also Anthropic's compatible path. */
export const openaiChat = chatFormat('openai-chat')
/** OpenAI's legacy completions: laid out like chat. */
export const openaiCompletions = chatFormat('openai-completions')

/**
 * Chat completions, whichever provider serves them; `read` is how their usage object counts,
 * `otherUsage` the path of one that streams have in place of `usage`.
 */
export function chatFormat(
  name: string,
  read: (usage: JsonObject) => ParsedUsage = openaiUsage,
  otherUsage = 'usage',
): WireFormat {
  const paths = pathsOf(otherUsage)
  return {
    name,
    answerPaths: jsonPaths(paths.list),
    expectsJson: true,
    countable: 'both',
    request: null,
    createAnswer: (context) => createAnswer(context, read, paths.at),
  }
}

function createAnswer(
  { streamed }: AnswerContext,
  read: (usage: JsonObject) => ParsedUsage,
  at: ReturnType<typeof pathsOf>['at'],
): AnswerParser {
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
      model = named(values[at.model]) ?? model
      tier = values[at.tier] ?? tier
      finish = values[at.finish] ?? finish
      id ??= named(values[at.id])
      const reported = values[at.usage] ?? values[at.otherUsage]
      if (reported !== undefined) {
        usageJson = reported
        isAfterFinish = finish !== undefined
      }
      streamError ??= errorName(values[at.error])
    },
    facts(complete) {
      const object = jsonObject(usageJson)
      const { usage, billed, unknown } = object === null ? NO_PARSED_USAGE : read(object)
      const isKnown = usage.inputTokens !== null || usage.outputTokens !== null
      // OpenAI's usage chunk comes after the finish reason; counts on earlier chunks (compatible
      // hosts) still grow.
      const isFinal = !streamed || complete || isAfterFinish
      return {
        model: modelName(jsonString(model)),
        finishReason: jsonString(finish),
        serviceTier: jsonString(tier),
        requestId: null,
        responseId: jsonString(id),
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

/** Azure's chunks about its content filter have the members of every chunk, and say '' in them. */
function named(json: string | undefined): string | undefined {
  return json === '""' ? undefined : json
}

/** Gemini's compatible path may echo its resource name (`models/gemini-...`). */
function modelName(model: string | null): string | null {
  return model?.startsWith('models/') === true ? model.slice('models/'.length) : model
}
