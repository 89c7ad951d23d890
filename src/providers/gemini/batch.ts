import { jsonPaths } from '../json/paths.ts'
import { jsonObject, jsonWord } from '../json/text.ts'
import { errorName } from '../usage/answer-error.ts'
import { type BatchLine, BatchSum } from '../usage/batch-sum.ts'
import { type AnswerReading, NO_ANSWER, type WireFormat } from '../wire-format.ts'
import { geminiPathModel } from './endpoints/generate.ts'
import { GROUNDING_PATHS, GroundingReading } from './grounding.ts'
import { geminiBill } from './usage.ts'

/** Of one call's answer: generated content tells usage, an embedding the number of its tokens. */
const ANSWER = ['usageMetadata', 'modelVersion', 'tokenCount', ...GROUNDING_PATHS.map((path) => `candidates[].${path}`)]
const USAGE = 0
const MODEL = 1
const TOKENS = 2
const GROUNDING = 3

/**
 * Where the answers of a batch stand: in the finished operation, in its metadata (what the SDKs read), and in the SDKs' own object,
 * which clients report. They are the same answers.
 */
const PLACES = [
  'response.inlinedResponses.inlinedResponses[]',
  'metadata.output.inlinedResponses.inlinedResponses[]',
  'metadata.output.inlinedEmbedContentResponses.inlinedResponses[]',
  'dest.inlinedResponses[]',
]
const HEAD = PLACES.length * ANSWER.length
const NAME = HEAD
const STATE = HEAD + 1
const SDK_STATE = HEAD + 2
const BATCH_MODEL = HEAD + 3
const SDK_MODEL = HEAD + 4
const FILES = HEAD + 5
const FILE_PLACES = ['response.responsesFile', 'metadata.output.responsesFile', 'dest.fileName']

const ERROR = FILES + FILE_PLACES.length

/** A Gemini batch: the operation that orders it, and that polls are answered with; its answers are in it or in a file that it names. */
export const geminiBatch: WireFormat = {
  name: 'gemini-batch',
  answerPaths: jsonPaths(
    [
      ...PLACES.flatMap((place) => ANSWER.map((member) => `${place}.response.${member}`)),
      ...['name', 'metadata.state', 'state', 'metadata.model', 'model'],
      ...FILE_PLACES,
      'error',
    ],
    { texts: [], groups: PLACES },
  ),
  expectsJson: true,
  request: (endpoint) => {
    const model = geminiPathModel(endpoint)
    return model === null ? null : { model, stream: false }
  },
  createAnswer: createBatch,
}

/** The file of a Gemini batch's answers, one to a line. */
export const geminiBatchResults: WireFormat = {
  name: 'gemini-batch-results',
  answerPaths: jsonPaths(ANSWER.map((member) => `response.${member}`)),
  expectsJson: false,
  lines: true,
  workId: (endpoint) => /\/(files\/[^/:]+):download$/.exec(endpoint)?.[1] ?? null,
  request: null,
  createAnswer() {
    const sum = new BatchSum()
    return {
      document(values) {
        const line = readLine(values, 0)
        if (line !== null) sum.add(line)
      },
      facts: (complete) => sum.facts(complete),
    }
  },
}

function createBatch(): AnswerReading {
  const sums = PLACES.map(() => new BatchSum())
  const head: (string | undefined)[] = []

  return {
    part(values, place) {
      const line = readLine(values, place * ANSWER.length)
      if (line !== null) sums[place]?.add(line)
    },
    document(values) {
      for (let slot = HEAD; slot <= ERROR; slot++) head[slot] = values[slot] ?? head[slot]
    },
    facts(complete) {
      const told = sums.find((sum) => !sum.isEmpty)?.facts(complete) ?? NO_ANSWER
      const model = jsonWord(head[BATCH_MODEL]) ?? jsonWord(head[SDK_MODEL])
      return {
        ...told,
        model: told.model ?? (told.billed.parts.length > 0 ? null : (model?.replace(/^models\//, '') ?? null)),
        finishReason: jsonWord(head[STATE]) ?? jsonWord(head[SDK_STATE]),
        responseId: jsonWord(head[NAME]),
        resultFile: jsonWord(head[FILES]) ?? jsonWord(head[FILES + 1]) ?? jsonWord(head[FILES + 2]),
        serviceTier: 'batch',
        streamError: errorName(head[ERROR]),
      }
    },
  }
}

function readLine(values: readonly (string | undefined)[], at: number): BatchLine | null {
  const model = jsonWord(values[at + MODEL])?.replace(/^models\//, '') ?? null
  const told = jsonObject(values[at + USAGE]) ?? embedded(values[at + TOKENS])
  if (told === null) return null
  const grounding = new GroundingReading()
  grounding.read(values, at + GROUNDING)
  const bill = geminiBill(told, told)
  return { model, ...bill, billed: { ...bill.billed, ...grounding.result } }
}

/** A 64-bit number comes as text; there is no output. */
function embedded(json: string | undefined): { readonly promptTokenCount: number; readonly candidatesTokenCount: number } | null {
  const digits = /^"?(\d{1,15})"?$/.exec(json ?? '')?.[1]
  return digits === undefined ? null : { promptTokenCount: Number(digits), candidatesTokenCount: 0 }
}
