import { jsonPaths } from '../json/paths.ts'
import { boundedRaw, type JsonObject, jsonObject, jsonWord } from '../json/text.ts'
import { NO_READING, type UsageReading } from '../openai/usage.ts'
import type { AnswerContext, AnswerReading, WireFormat } from '../wire-format.ts'
import { errorName } from './answer-error.ts'

export interface LastUsageOptions {
  readonly name: string
  /** Member of an event that holds the object which a plain answer is. */
  readonly within?: string
  /** Default `usage`. */
  readonly usageMember?: string
  /** Path of why it ended; default `status`. */
  readonly finish?: string
  /** Hosted tools that the object may have been offered, and whose use it does not count. */
  readonly uncountedTools?: readonly string[]
  /** The work is ordered by one call and told of by others. */
  readonly deferred?: boolean
  /** As of a wire format: what may be counted of a stream that tells no usage. */
  readonly countable?: WireFormat['countable']
  /** Events of a stream before the one that holds the object tell counts that still grow. */
  readonly growing?: boolean
  /** Member that names the file with the results of the work. */
  readonly resultFile?: string
  /** Where the endpoint itself is a tier. */
  readonly serviceTier?: string
  /** Only documents whose `object` says so are read: steps and messages of the same stream have usage too. */
  readonly object?: string
  /** False where another kind of body is usual (speech, text); default true. */
  readonly expectsJson?: boolean
  readonly request?: WireFormat['request']
  readonly read: (usage: JsonObject, context: AnswerContext) => UsageReading
}

const FIELDS = ['model', 'service_tier', 'id'] as const
const MODEL = 0
const TIER = 1
const ID = 2
const USAGE = 3
const FINISH = 4
const RESULT_FILE = 5
const OBJECT = 6
const ERROR = 7
const TOOL_TYPE = 8
const WRAPPED = 9
const IN_PROGRESS = '"in_progress"'

/** A format whose answer, or last event with numbers, tells the usage of the whole: last values win. */
export function lastUsageFormat(options: LastUsageOptions): WireFormat {
  const { name, within, usageMember = 'usage', finish = 'status', expectsJson = true, request = null } = options
  const countable = options.countable === undefined ? {} : { countable: options.countable }
  const object = [...FIELDS, usageMember, finish, options.resultFile ?? 'result_file']
  const wrapped = within === undefined ? [] : object.map((member) => `${within}.${member}`)
  return {
    name,
    answerPaths: jsonPaths([...object, 'object', 'error', 'tools[].type', ...wrapped], { texts: [], groups: ['tools[]'] }),
    expectsJson,
    ...countable,
    request,
    createAnswer: (context) => createAnswer(options, context),
  }
}

function createAnswer(
  { object, read, uncountedTools = [], deferred = false, growing = false, serviceTier }: LastUsageOptions,
  context: AnswerContext,
): AnswerReading {
  const last: (string | undefined)[] = []
  const offered = new Set<string>()
  let streamError: string | null = null
  /** The last counts came with the object itself. */
  let isFinal = false
  const wantedObject = object === undefined ? null : JSON.stringify(object)

  return {
    part(values) {
      const type = jsonWord(values[TOOL_TYPE])
      if (type !== null && uncountedTools.includes(type)) offered.add(type)
    },
    document(values) {
      streamError ??= errorName(values[ERROR])
      if (wantedObject !== null && values[OBJECT] !== wantedObject) return
      if (values[WRAPPED + USAGE] !== undefined) isFinal = !growing || values[WRAPPED + FINISH] !== IN_PROGRESS
      else if (values[USAGE] !== undefined) isFinal = !growing || !context.streamed
      for (const slot of [MODEL, TIER, ID, USAGE, FINISH, RESULT_FILE]) last[slot] = values[WRAPPED + slot] ?? values[slot] ?? last[slot]
    },
    facts(complete) {
      const usageJson = last[USAGE]
      const told = jsonObject(usageJson)
      const { usage, billed, unknown } = told === null ? NO_READING : read(told, context)
      const isKnown = usage.inputTokens !== null || usage.outputTokens !== null || billed.audioSeconds !== null
      return {
        model: jsonWord(last[MODEL])?.replace(/^models\//, '') ?? null,
        finishReason: jsonWord(last[FINISH]),
        serviceTier: serviceTier ?? jsonWord(last[TIER]),
        requestId: null,
        responseId: jsonWord(last[ID]),
        deferred,
        resultFile: jsonWord(last[RESULT_FILE]),
        streamError,
        usage,
        usageSource: !isKnown ? 'none' : isFinal || complete ? 'provider' : 'partial',
        usageRaw: usageJson === undefined ? null : boundedRaw(usageJson),
        billed: offered.size === 0 ? billed : { ...billed, uncountedFees: [...billed.uncountedFees, ...offered] },
        waived: false,
        unknownUsage: unknown,
      }
    },
  }
}
