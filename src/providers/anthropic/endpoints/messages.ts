import { namedPaths, within } from '../../json/named-paths.ts'
import { jsonPaths } from '../../json/paths.ts'
import {
  boundedRaw,
  type JsonObject,
  jsonObject,
  jsonString,
  overwriteFields,
  shortString,
} from '../../json/text.ts'
import { errorName } from '../../usage/answer-error.ts'
import {
  type AnswerContext,
  type AnswerFacts,
  type AnswerParser,
  NO_ANSWER,
  type WireFormat,
} from '../../wire-format.ts'
import { anthropicUsage } from '../usage.ts'

/** What is wanted of an answer, also where a host puts members of its own beside it. */
export const messagesPaths = namedPaths({
  type: 'type',
  model: 'model',
  stopReason: 'stop_reason',
  usage: 'usage',
  start: within('message', { model: 'model', usage: 'usage', id: 'id' }),
  deltaStopReason: 'delta.stop_reason',
  error: 'error',
  id: 'id',
  containers: ['container.id', 'message.container.id', 'delta.container.id'],
})
const AT = messagesPaths.at

/** Anthropic messages, plain and streamed. */
export const anthropicMessages: WireFormat = {
  name: 'anthropic-messages',
  answerPaths: jsonPaths(messagesPaths.list),
  expectsJson: true,
  countable: 'output',
  request: null,
  createAnswer,
}

function createAnswer({ streamed }: AnswerContext): AnswerParser {
  let model: string | undefined
  let stopReason: string | undefined
  let id: string | undefined
  let startJson: string | undefined
  /** Of a stream the last message_delta's usage, else the whole answer's: the final counts. */
  let finalJson: string | undefined
  let finalUsage: JsonObject | null = null
  let streamError: string | null = null
  /** Code ran in a container of Anthropic's, which is billed by the hour. */
  let hasContainer = false
  let isOver = false

  return {
    get isOver() {
      return isOver
    },
    document(values) {
      hasContainer ||= AT.containers.some((slot) => values[slot] !== undefined)
      if (!streamed) {
        streamError = errorName(values[AT.error])
        model = values[AT.model]
        stopReason = values[AT.stopReason]
        id = values[AT.id]
        finalJson = values[AT.usage]
        finalUsage = jsonObject(finalJson)
        return
      }
      switch (values[AT.type]) {
        case '"message_start"':
          // Spliced streams start twice: the last start wins, nothing is added.
          model = values[AT.start.model]
          id = values[AT.start.id]
          startJson = values[AT.start.usage]
          stopReason = undefined
          finalJson = undefined
          finalUsage = null
          isOver = false
          break
        case '"message_delta"':
          stopReason = values[AT.deltaStopReason] ?? stopReason
          finalJson = values[AT.usage] ?? finalJson
          // Cumulative, and counts may be reported again differently: overwritten field by field,
          // never added. What delta lacks (cache_creation, service_tier, inference_geo) stays as
          // the start reported it.
          finalUsage = laterUsage(finalUsage, jsonObject(values[AT.usage]))
          break
        case '"message_stop"':
          isOver = true
          break
        case '"error"':
          streamError ??= errorName(values[AT.error])
          isOver = true
      }
    },
    facts(): AnswerFacts {
      const named = {
        finishReason: jsonString(stopReason),
        requestId: null,
        responseId: jsonString(id),
        deferred: false,
        resultFile: null,
        streamError,
        waived: false,
      }
      const start = withoutPlaceholder(jsonObject(startJson))
      const usage = laterUsage(start, finalUsage)
      if (usage === null) return { ...NO_ANSWER, ...named, model: jsonString(model) }
      const bill = anthropicUsage(usage, jsonString(model), {
        stopReason: named.finishReason,
        hasContainer,
      })
      const isKnown = bill.usage.inputTokens !== null || bill.usage.outputTokens !== null
      const isFinal = finalUsage !== null && (!streamed || bill.usage.outputTokens !== null)
      return {
        ...named,
        model: bill.model,
        serviceTier: shortString(usage.service_tier),
        usage: bill.usage,
        usageSource: !isKnown ? 'none' : isFinal ? 'provider' : 'partial',
        usageRaw: rawUsage(startJson, finalJson),
        billed: bill.billed,
        waived: bill.waived && isFinal,
        unknownUsage: bill.unknown,
      }
    },
  }
}

/**
 * The split of cache writes by lifetime is not repeated by message_delta: of another number of
 * writes it is not the split.
 */
function laterUsage(before: JsonObject | null, after: JsonObject | null): JsonObject | null {
  const merged = overwriteFields(before, after)
  const isOtherCount = merged?.cache_creation_input_tokens !== before?.cache_creation_input_tokens
  if (merged === null || before === null || !isOtherCount || after?.cache_creation != null)
    return merged
  return { ...merged, cache_creation: null }
}

/**
 * output_tokens of message_start is a placeholder of a token or few: an aborted stream's output is
 * unknown, not that.
 */
function withoutPlaceholder(start: JsonObject | null): JsonObject | null {
  return start === null ? null : { ...start, output_tokens: null, output_tokens_details: null }
}

function rawUsage(startJson: string | undefined, finalJson: string | undefined): string | null {
  if (startJson !== undefined && finalJson !== undefined)
    return boundedRaw(`[${startJson},${finalJson}]`)
  const only = finalJson ?? startJson
  return only === undefined ? null : boundedRaw(only)
}
