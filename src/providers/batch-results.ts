import { NO_USAGE, type TokenUsage } from '../evidence/usage.ts'
import { addUsage, anthropicBill } from './anthropic-bill.ts'
import { NO_EXTRAS } from './exchange-facts.ts'
import { jsonPaths } from './json-paths.ts'
import { type JsonObject, jsonObject, jsonWord } from './json-text.ts'
import { openaiUsage } from './openai-usage.ts'
import { type AnswerReading, NO_ANSWER, type WireFormat } from './wire-format.ts'

const MODEL = 0
const USAGE = 1
/** A batch asks one model or a few. */
const MAX_MODELS = 64

/** The results of an OpenAI batch: JSON lines, each with the answer of one call. Other files have no such lines. */
export const openaiBatchResults = batchResults('openai-batch-results', 'response.body', (told) => openaiUsage(told).usage)

/** The results of an Anthropic batch, one call to a line. */
export const anthropicBatchResults: WireFormat = {
  ...batchResults('anthropic-batch-results', 'result.message', (told) => anthropicBill(told, null).usage),
  workId: (endpoint) => /\/batches\/([^/]+)\/results$/.exec(endpoint)?.[1] ?? null,
}

function batchResults(name: string, answer: string, read: (told: JsonObject) => TokenUsage): WireFormat {
  return {
    name,
    answerPaths: jsonPaths([`${answer}.model`, `${answer}.usage`]),
    expectsJson: false,
    lines: true,
    request: null,
    createAnswer: () => createAnswer(read),
  }
}

/** Adds up the calls of a batch, by model; their usage is that of the batch, and the file is read as often as somebody likes. */
function createAnswer(read: (told: JsonObject) => TokenUsage): AnswerReading {
  const byModel = new Map<string | null, TokenUsage>()

  return {
    document(values) {
      const told = jsonObject(values[USAGE])
      if (told === null) return
      const named = jsonWord(values[MODEL])
      const model = byModel.has(named) || byModel.size < MAX_MODELS ? named : null
      const before = byModel.get(model)
      const usage = read(told)
      byModel.set(model, before === undefined ? usage : addUsage(before, usage))
    },
    facts() {
      if (byModel.size === 0) return NO_ANSWER
      const parts = [...byModel].map(([model, usage]) => ({ model, usage }))
      const [first, ...others] = parts
      return {
        ...NO_ANSWER,
        model: others.length === 0 ? (first?.model ?? null) : null,
        usage: others.reduce((sum, part) => addUsage(sum, part.usage), first?.usage ?? NO_USAGE),
        usageSource: 'provider',
        serviceTier: 'batch',
        deferred: true,
        billed: others.length === 0 ? NO_EXTRAS : { ...NO_EXTRAS, parts },
      }
    },
  }
}
