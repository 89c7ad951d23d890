import { namedPaths, within } from '../../json/named-paths.ts'
import { jsonPaths } from '../../json/paths.ts'
import {
  boundedRaw,
  type JsonObject,
  jsonObject,
  jsonString,
  overwriteFields,
} from '../../json/text.ts'
import { errorName } from '../../usage/answer-error.ts'
import { modelName } from '../../usage/model-name.ts'
import type { AnswerContext, AnswerParser, WireFormat } from '../../wire-format.ts'
import { GROUNDING_PATHS, GroundingParser } from '../grounding.ts'
import { camelCased } from '../snake-case.ts'
import { geminiUsage } from '../usage.ts'

const PATHS = namedPaths({
  modelVersion: 'modelVersion',
  responseId: 'responseId',
  usage: 'usageMetadata',
  finish: 'candidates[].finishReason',
  blocked: 'promptFeedback.blockReason',
  error: 'error',
  grounding: within('candidates[]', GROUNDING_PATHS),
})
const AT = PATHS.at

/**
 * Gemini generateContent and streamGenerateContent; the stream is SSE or, without `alt=sse`, one
 * JSON array.
 */
export const geminiGenerate: WireFormat = {
  name: 'gemini-generate',
  answerPaths: jsonPaths(PATHS.list),
  expectsJson: true,
  request: (endpoint) => ({
    model: geminiPathModel(endpoint),
    stream: /:streamGenerateContent$/.test(decodePath(endpoint)),
  }),
  fromReport: camelCased,
  createAnswer,
}

/**
 * The model in a path such as `/v1beta/models/gemini-2.5-flash:generateContent` or
 * `/v1beta/tunedModels/mine:generateContent`.
 */
export function geminiPathModel(endpoint: string): string | null {
  const [, kind, name] =
    /\/(models|tunedModels)\/([^/]+?)(?::\w+)?$/.exec(decodePath(endpoint)) ?? []
  if (name === undefined) return null
  return kind === 'tunedModels' ? `tunedModels/${name}` : name
}

/** Clients may encode the colon, or the slash inside a resource name. */
function decodePath(endpoint: string): string {
  try {
    return decodeURIComponent(endpoint)
  } catch {
    return endpoint
  }
}

function createAnswer({ streamed }: AnswerContext): AnswerParser {
  let model: string | undefined
  let responseId: string | undefined
  let finish: string | undefined
  let blocked: string | undefined
  let usageJson: string | undefined
  let last: JsonObject | null = null
  let merged: JsonObject | null = null
  let streamError: string | null = null
  const grounding = new GroundingParser()
  /**
   * The last chunk had a finish reason and its counts: with server-side tools a stream goes on
   * after one, and a chunk may be cut.
   */
  let isFinished = false

  return {
    // No event ends it: the chunk with the reason and the counts is the last one.
    get isOver() {
      return streamed && isFinished
    },
    document(values) {
      model = values[AT.modelVersion] ?? model
      responseId = values[AT.responseId] ?? responseId
      isFinished =
        (values[AT.finish] !== undefined || values[AT.blocked] !== undefined) &&
        values[AT.usage] !== undefined
      finish = values[AT.finish] ?? finish
      blocked = values[AT.blocked] ?? blocked
      streamError ??= errorName(values[AT.error])
      grounding.read(values, AT.grounding)
      // A chunk may repeat the counts of the one before.
      if (values[AT.usage] === undefined || values[AT.usage] === usageJson) return
      const usage = jsonObject(values[AT.usage])
      if (usage === null) return
      usageJson = values[AT.usage]
      last = usage
      merged = overwriteFields(merged, usage)
    },
    facts(complete) {
      // Counts grow from chunk to chunk until a finish reason comes.
      const isFinal = !streamed || complete || isFinished
      const bill = geminiUsage(last, merged, isFinal)
      const isKnown = bill.usage.inputTokens !== null || bill.usage.outputTokens !== null
      const finishReason = jsonString(finish) ?? jsonString(blocked)
      return {
        model: modelName(model),
        finishReason,
        serviceTier: bill.serviceTier,
        requestId: jsonString(responseId),
        responseId: jsonString(responseId),
        deferred: false,
        resultFile: null,
        streamError,
        usage: bill.usage,
        usageSource: !isKnown ? 'none' : isFinal ? 'provider' : 'partial',
        usageRaw: usageJson === undefined ? null : boundedRaw(usageJson),
        billed: { ...bill.billed, ...grounding.result },
        waived: false,
        unknownUsage: bill.unknown,
      }
    },
  }
}
