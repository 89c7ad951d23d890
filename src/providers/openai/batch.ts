import { namedPaths, within } from '../json/named-paths.ts'
import { jsonPaths } from '../json/paths.ts'
import { type JsonObject, jsonObject } from '../json/text.ts'
import { BatchSum } from '../usage/batch-sum.ts'
import { lastUsageFormat } from '../usage/last-usage.ts'
import { modelName } from '../usage/model-name.ts'
import type { ParsedUsage } from '../usage/parsed-usage.ts'
import type { WireFormat } from '../wire-format.ts'
import { HostedTools, ITEM_MEMBERS } from './tools.ts'
import { openaiUsage, sumUsage } from './usage.ts'

/**
 * A batch object: the usage of all of its calls, once it is over, and the file with their answers.
 */
export const openaiBatch = lastUsageFormat({
  name: 'openai-batch',
  deferred: true,
  serviceTier: 'batch',
  resultFile: 'output_file_id',
  read: sumUsage,
})

/** The answer of one call stands in `response.body` of its line. */
const ANSWER = 'response.body'
const PATHS = namedPaths({
  ...within(ANSWER, { model: 'model', usage: 'usage', toolUsage: 'tool_usage' }),
  item: within(`${ANSWER}.output[]`, ITEM_MEMBERS),
})
const AT = PATHS.at

export const openaiBatchResults = batchResultsFormat()

/**
 * The output file of an OpenAI batch: JSON lines, each with the answer of one call. It names no
 * batch, the batch names it: its work is the file, until its batch is known
 * (docs/decisions/008-deferred-usage.md). Other files have no such lines. `read` is how the usage
 * object of one call counts.
 */
export function batchResultsFormat(
  read: (usage: JsonObject) => ParsedUsage = openaiUsage,
): WireFormat {
  return {
    name: 'openai-batch-results',
    answerPaths: jsonPaths(PATHS.list, { texts: [], groups: [`${ANSWER}.output[]`] }),
    expectsJson: false,
    lines: true,
    workId: (endpoint) => /\/files\/([^/]+)\/content$/.exec(endpoint)?.[1] ?? null,
    request: null,
    createAnswer() {
      const sum = new BatchSum()
      let tools = new HostedTools()
      return {
        part: (values) => tools.item(values, AT.item),
        document(values) {
          const usage = jsonObject(values[AT.usage])
          const model = modelName(values[AT.model])
          if (usage !== null)
            sum.add({ model, ...tools.addTo(read(usage), model, values[AT.toolUsage]) })
          tools = new HostedTools()
        },
        facts: (complete) => sum.facts(complete),
      }
    },
  }
}
