import type { Provider } from '../evidence/evidence.ts'
import { anthropicBill } from './anthropic-bill.ts'
import { type BatchLine, BatchSum } from './batch-sum.ts'
import { jsonPaths } from './json-paths.ts'
import { type JsonObject, jsonObject, jsonWord } from './json-text.ts'
import { chatUsage } from './openai-chat.ts'
import type { WireFormat } from './wire-format.ts'

const MODEL = 0
const USAGE = 1

/**
 * The output file of an OpenAI batch: JSON lines, each with the answer of one call. It names no batch, the batch names it:
 * its work is the file, until its batch is known (docs/decisions/008-deferred-usage.md). Other files have no such lines.
 */
export const openaiBatchResults: WireFormat = {
  ...batchResults('openai-batch-results', 'response.body', (told, model, provider) => ({ model, ...chatUsage(told, provider) })),
  workId: (endpoint) => /\/files\/([^/]+)\/content$/.exec(endpoint)?.[1] ?? null,
}

/** The results of an Anthropic batch, one call to a line. */
export const anthropicBatchResults: WireFormat = {
  ...batchResults('anthropic-batch-results', 'result.message', anthropicBill),
  workId: (endpoint) => /\/batches\/([^/]+)\/results$/.exec(endpoint)?.[1] ?? null,
}

type ReadLine = (told: JsonObject, model: string | null, provider: Provider) => BatchLine

function batchResults(name: string, answer: string, read: ReadLine): WireFormat {
  return {
    name,
    answerPaths: jsonPaths([`${answer}.model`, `${answer}.usage`]),
    expectsJson: false,
    lines: true,
    request: null,
    createAnswer({ provider }) {
      const sum = new BatchSum()
      return {
        document(values) {
          const told = jsonObject(values[USAGE])
          if (told !== null) sum.add(read(told, jsonWord(values[MODEL])?.replace(/^models\//, '') ?? null, provider))
        },
        facts: (complete) => sum.facts(complete),
      }
    },
  }
}
