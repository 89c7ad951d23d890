import { jsonPaths } from './json-paths.ts'
import { jsonWord } from './json-text.ts'
import { type AnswerReading, NO_ANSWER, type WireFormat } from './wire-format.ts'

/** Any endpoint Flint does not know: the model if the answer names one at its top level, and no numbers. */
export const passthrough: WireFormat = {
  name: 'passthrough',
  answerPaths: jsonPaths(['model']),
  expectsJson: false,
  request: null,
  createAnswer,
}

function createAnswer(): AnswerReading {
  let model: string | undefined
  return {
    document(values) {
      model = values[0] ?? model
    },
    facts: () => ({ ...NO_ANSWER, model: jsonWord(model) }),
  }
}
