import { anthropicBill } from './anthropic/usage.ts'
import { geminiPathModel } from './gemini/endpoints/generate.ts'
import { geminiBill } from './gemini/usage.ts'
import { jsonPaths } from './json/paths.ts'
import { boundedRaw, jsonObject, jsonWord } from './json/text.ts'
import { NO_READING, openaiUsage, type UsageReading } from './openai/usage.ts'
import { errorName } from './usage/answer-error.ts'
import { type AnswerContext, type AnswerReading, NO_ANSWER, type WireFormat } from './wire-format.ts'

const MODEL = 0
const ID = 1
const ERROR = 2
const USAGE = 3
const USAGE_METADATA = 4

/** Endpoints that are known to tell no usage: the model if the answer names one at its top level, and no numbers. */
export const passthrough: WireFormat = {
  name: 'passthrough',
  answerPaths: jsonPaths(['model', 'id', 'error']),
  expectsJson: false,
  request: null,
  createAnswer,
}

/** The same where Gemini's path names the model. */
export const geminiPassthrough: WireFormat = {
  ...passthrough,
  request: (endpoint) => ({ model: geminiPathModel(endpoint), stream: false }),
}

/** An endpoint that Flint does not know: besides the model, a usage object whose members it knows, at the top of a document. */
export const byShape: WireFormat = {
  name: 'by-shape',
  answerPaths: jsonPaths(['model', 'id', 'error', 'usage', 'usageMetadata']),
  expectsJson: false,
  request: null,
  createAnswer,
}

/** The same where Gemini's path may name the model. */
export const geminiByShape: WireFormat = {
  ...byShape,
  request: (endpoint) => {
    const model = geminiPathModel(endpoint)
    return model === null ? null : { model, stream: /:stream\w*$/.test(endpoint) }
  },
}

function createAnswer({ provider }: AnswerContext): AnswerReading {
  const last: (string | undefined)[] = []
  let streamError: string | null = null
  return {
    document(values) {
      streamError ??= errorName(values[ERROR])
      for (const slot of [MODEL, ID, USAGE, USAGE_METADATA]) last[slot] = values[slot] ?? last[slot]
    },
    facts() {
      const usageJson = last[USAGE] ?? last[USAGE_METADATA]
      const { usage, billed, unknown } = shapedUsage(usageJson, provider === 'anthropic', last[USAGE] === undefined)
      const isKnown = usage.inputTokens !== null || usage.outputTokens !== null
      return {
        ...NO_ANSWER,
        model: jsonWord(last[MODEL])?.replace(/^models\//, '') ?? null,
        responseId: jsonWord(last[ID]),
        streamError,
        usage,
        // The shape may mean something else there: the price of such a call is an estimate.
        billed: isKnown ? { ...billed, terms: [...billed.terms, 'unknown_endpoint'] } : NO_ANSWER.billed,
        usageSource: isKnown ? 'provider' : 'none',
        usageRaw: usageJson === undefined ? null : boundedRaw(usageJson),
        unknownUsage: unknown,
      }
    },
  }
}

function shapedUsage(json: string | undefined, isAnthropic: boolean, isMetadata: boolean): UsageReading {
  const told = jsonObject(json)
  if (told === null) return NO_READING
  if (isMetadata) return geminiBill(told, told)
  return isAnthropic ? anthropicBill(told, null) : openaiUsage(told)
}
