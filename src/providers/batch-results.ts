import type { Provider } from '../evidence/evidence.ts'
import { anthropicBill } from './anthropic/usage.ts'
import { jsonPaths } from './json/paths.ts'
import { type JsonObject, jsonObject, jsonWord } from './json/text.ts'
import { chatUsage } from './openai/endpoints/chat.ts'
import { HostedTools, ITEM_MEMBERS } from './openai/tools.ts'
import { type BatchLine, BatchSum } from './usage/batch-sum.ts'
import type { WireFormat } from './wire-format.ts'

const MODEL = 0
const USAGE = 1
const STOP_REASON = 2
const TOOL_USAGE = 3
const CONTAINER = 4
const FIRST_ITEM = 5

/**
 * The output file of an OpenAI batch: JSON lines, each with the answer of one call. It names no batch, the batch names it:
 * its work is the file, until its batch is known (docs/decisions/008-deferred-usage.md). Other files have no such lines.
 */
export const openaiBatchResults: WireFormat = {
  ...batchResults('openai-batch-results', 'response.body', ({ usage, model, provider, tools, toolUsageJson }) => ({
    model,
    ...tools.addTo(chatUsage(usage, provider), model, toolUsageJson),
  })),
  workId: (endpoint) => /\/files\/([^/]+)\/content$/.exec(endpoint)?.[1] ?? null,
}

/** The results of an Anthropic batch, one call to a line. */
export const anthropicBatchResults: WireFormat = {
  ...batchResults('anthropic-batch-results', 'result.message', ({ usage, model, stopReason, hasContainer }) =>
    anthropicBill(usage, model, { stopReason, hasContainer }),
  ),
  workId: (endpoint) => /\/batches\/([^/]+)\/results$/.exec(endpoint)?.[1] ?? null,
}

interface AnswerOfLine {
  readonly usage: JsonObject
  readonly model: string | null
  readonly provider: Provider
  readonly stopReason: string | null
  readonly hasContainer: boolean
  readonly tools: HostedTools
  readonly toolUsageJson: string | undefined
}
type ReadLine = (line: AnswerOfLine) => BatchLine

function batchResults(name: string, answer: string, read: ReadLine): WireFormat {
  return {
    name,
    answerPaths: jsonPaths(
      [
        ...['model', 'usage', 'stop_reason', 'tool_usage', 'container.id'].map((member) => `${answer}.${member}`),
        ...ITEM_MEMBERS.map((member) => `${answer}.output[].${member}`),
      ],
      { texts: [], groups: [`${answer}.output[]`] },
    ),
    expectsJson: false,
    lines: true,
    request: null,
    createAnswer({ provider }) {
      const sum = new BatchSum()
      let tools = new HostedTools()
      return {
        part: (values) => tools.item(values.slice(FIRST_ITEM)),
        document(values) {
          const usage = jsonObject(values[USAGE])
          const model = jsonWord(values[MODEL])?.replace(/^models\//, '') ?? null
          const stopReason = jsonWord(values[STOP_REASON])
          const hasContainer = values[CONTAINER] !== undefined
          const toolUsageJson = values[TOOL_USAGE]
          if (usage !== null) sum.add(read({ usage, model, provider, stopReason, hasContainer, tools, toolUsageJson }))
          tools = new HostedTools()
        },
        facts: (complete) => sum.facts(complete),
      }
    },
  }
}
