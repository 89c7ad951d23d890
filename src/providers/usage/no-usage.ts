import { namedPaths } from '../json/named-paths.ts'
import { jsonPaths } from '../json/paths.ts'
import { jsonString } from '../json/text.ts'
import { type AnswerParser, NO_ANSWER, type WireFormat } from '../wire-format.ts'
import { errorName } from './answer-error.ts'
import { modelName } from './model-name.ts'

const PATHS = namedPaths({ model: 'model', id: 'id', error: 'error' })
const AT = PATHS.at

/**
 * Endpoints that are known to report no usage: the model if the answer names one at its top level,
 * and no numbers.
 */
export const noUsage: WireFormat = {
  // Records hold this name: it is older than the file's.
  name: 'passthrough',
  answerPaths: jsonPaths(PATHS.list),
  expectsJson: false,
  request: null,
  createAnswer,
}

function createAnswer(): AnswerParser {
  let model: string | undefined
  let id: string | undefined
  let streamError: string | null = null
  return {
    document(values) {
      streamError ??= errorName(values[AT.error])
      model = values[AT.model] ?? model
      id = values[AT.id] ?? id
    },
    facts: () => ({
      ...NO_ANSWER,
      model: modelName(model),
      responseId: jsonString(id),
      streamError,
    }),
  }
}
