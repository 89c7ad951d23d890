import { namedPaths, within } from '../json/named-paths.ts'
import { jsonPaths } from '../json/paths.ts'
import { jsonObject, jsonString } from '../json/text.ts'
import { BatchSum } from '../usage/batch-sum.ts'
import { modelName } from '../usage/model-name.ts'
import type { WireFormat } from '../wire-format.ts'
import { anthropicUsage } from './usage.ts'

const PATHS = namedPaths(
  within('result.message', {
    model: 'model',
    usage: 'usage',
    stopReason: 'stop_reason',
    container: 'container.id',
  }),
)
const AT = PATHS.at

/** The results of an Anthropic batch, one call to a line. */
export const anthropicBatchResults: WireFormat = {
  name: 'anthropic-batch-results',
  answerPaths: jsonPaths(PATHS.list),
  expectsJson: false,
  lines: true,
  workId: (endpoint) => /\/batches\/([^/]+)\/results$/.exec(endpoint)?.[1] ?? null,
  request: null,
  createAnswer() {
    const sum = new BatchSum()
    return {
      document(values) {
        const usage = jsonObject(values[AT.usage])
        const model = modelName(values[AT.model])
        const answer = {
          stopReason: jsonString(values[AT.stopReason]),
          hasContainer: values[AT.container] !== undefined,
        }
        if (usage !== null) sum.add(anthropicUsage(usage, model, answer))
      },
      facts: (complete) => sum.facts(complete),
    }
  },
}
