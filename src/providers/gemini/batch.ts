import { namedPaths, within } from '../json/named-paths.ts'
import { jsonPaths } from '../json/paths.ts'
import { jsonObject, jsonString } from '../json/text.ts'
import { errorName } from '../usage/answer-error.ts'
import { type BatchLine, BatchSum } from '../usage/batch-sum.ts'
import { modelName } from '../usage/model-name.ts'
import { type AnswerParser, NO_ANSWER, type WireFormat } from '../wire-format.ts'
import { geminiPathModel } from './endpoints/generate.ts'
import { GROUNDING_PATHS, GroundingParser } from './grounding.ts'
import { geminiUsage } from './usage.ts'

/** Of one call's answer: generated content reports usage, an embedding the number of its tokens. */
const ANSWER = {
  usage: 'usageMetadata',
  model: 'modelVersion',
  tokens: 'tokenCount',
  ...within('candidates[]', GROUNDING_PATHS),
} as const
type AnswerSlots = { readonly [Name in keyof typeof ANSWER]: number }

/**
 * Where the answers of a batch stand: in the finished operation, in its metadata (what the SDKs
 * read), and in the SDKs' own object, which clients report. They are the same answers.
 */
const PLACES = {
  response: 'response.inlinedResponses.inlinedResponses[]',
  metadata: 'metadata.output.inlinedResponses.inlinedResponses[]',
  embeddings: 'metadata.output.inlinedEmbedContentResponses.inlinedResponses[]',
  sdk: 'dest.inlinedResponses[]',
} as const
const GROUPS = Object.values(PLACES)
const PATHS = namedPaths({
  /** One value each; they are kept over the documents of an answer. */
  head: {
    name: 'name',
    state: 'metadata.state',
    sdkState: 'state',
    model: 'metadata.model',
    sdkModel: 'model',
    files: ['response.responsesFile', 'metadata.output.responsesFile', 'dest.fileName'],
    error: 'error',
  },
  /** In the order of `GROUPS`. */
  answers: {
    response: within(`${PLACES.response}.response`, ANSWER),
    metadata: within(`${PLACES.metadata}.response`, ANSWER),
    embeddings: within(`${PLACES.embeddings}.response`, ANSWER),
    sdk: within(`${PLACES.sdk}.response`, ANSWER),
  },
})
const AT = PATHS.at.head
const HEAD_SLOTS = Object.values(AT).flat()
const ANSWER_SLOTS: readonly AnswerSlots[] = Object.values(PATHS.at.answers)

/**
 * A Gemini batch: the operation that orders it, and that polls are answered with; its answers are
 * in it or in a file that it names.
 */
export const geminiBatch: WireFormat = {
  name: 'gemini-batch',
  answerPaths: jsonPaths(PATHS.list, { texts: [], groups: GROUPS }),
  expectsJson: true,
  request: (endpoint) => {
    const model = geminiPathModel(endpoint)
    return model === null ? null : { model, stream: false }
  },
  createAnswer: createBatch,
}

const LINE = namedPaths(within('response', ANSWER))

/** The file of a Gemini batch's answers, one to a line. */
export const geminiBatchResults: WireFormat = {
  name: 'gemini-batch-results',
  answerPaths: jsonPaths(LINE.list),
  expectsJson: false,
  lines: true,
  workId: (endpoint) => /\/(files\/[^/:]+):download$/.exec(endpoint)?.[1] ?? null,
  request: null,
  createAnswer() {
    const sum = new BatchSum()
    return {
      document(values) {
        const line = readLine(values, LINE.at)
        if (line !== null) sum.add(line)
      },
      facts: (complete) => sum.facts(complete),
    }
  },
}

function createBatch(): AnswerParser {
  const sums = GROUPS.map(() => new BatchSum())
  const head: (string | undefined)[] = []

  return {
    part(values, place) {
      const at = ANSWER_SLOTS[place]
      const line = at === undefined ? null : readLine(values, at)
      if (line !== null) sums[place]?.add(line)
    },
    document(values) {
      for (const slot of HEAD_SLOTS) head[slot] = values[slot] ?? head[slot]
    },
    facts(complete) {
      const reported = sums.find((sum) => !sum.isEmpty)?.facts(complete) ?? NO_ANSWER
      const model = jsonString(head[AT.model]) ?? jsonString(head[AT.sdkModel])
      return {
        ...reported,
        model:
          reported.model ??
          (reported.billed.parts.length > 0 ? null : (model?.replace(/^models\//, '') ?? null)),
        finishReason: jsonString(head[AT.state]) ?? jsonString(head[AT.sdkState]),
        responseId: jsonString(head[AT.name]),
        resultFile: firstOf(AT.files.map((slot) => jsonString(head[slot]))),
        serviceTier: 'batch',
        streamError: errorName(head[AT.error]),
      }
    },
  }
}

function readLine(values: readonly (string | undefined)[], at: AnswerSlots): BatchLine | null {
  const model = modelName(values[at.model])
  const reported = jsonObject(values[at.usage]) ?? embedded(values[at.tokens])
  if (reported === null) return null
  const grounding = new GroundingParser()
  grounding.read(values, at)
  const bill = geminiUsage(reported, reported)
  return { model, ...bill, billed: { ...bill.billed, ...grounding.result } }
}

/** A 64-bit number comes as text; there is no output. */
function embedded(
  json: string | undefined,
): { readonly promptTokenCount: number; readonly candidatesTokenCount: number } | null {
  const digits = /^"?(\d{1,15})"?$/.exec(json ?? '')?.[1]
  return digits === undefined ? null : { promptTokenCount: Number(digits), candidatesTokenCount: 0 }
}

function firstOf(names: readonly (string | null)[]): string | null {
  return names.find((name) => name !== null) ?? null
}
