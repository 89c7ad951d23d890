import { namedPaths, within } from '../json/named-paths.ts'
import { jsonPaths } from '../json/paths.ts'
import { boundedRaw, type JsonObject, jsonObject, jsonString } from '../json/text.ts'
import type { AnswerContext, AnswerParser, WireFormat } from '../wire-format.ts'
import { errorName } from './answer-error.ts'
import { modelName } from './model-name.ts'
import { NO_PARSED_USAGE, type ParsedUsage } from './parsed-usage.ts'

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
  /** The work is ordered by one call and reported by others. */
  readonly deferred?: boolean
  /** As of a wire format: what may be counted of a stream that reports no usage. */
  readonly countable?: WireFormat['countable']
  /** Events of a stream before the one that holds the object tell counts that still grow. */
  readonly growing?: boolean
  /** Member that names the file with the results of the work. */
  readonly resultFile?: string
  /** Where the endpoint itself is a tier. */
  readonly serviceTier?: string
  /**
   * Only documents whose `object` says so are read: steps and messages of the same stream have
   * usage too.
   */
  readonly object?: string
  /** False where another kind of body is usual (speech, text); default true. */
  readonly expectsJson?: boolean
  readonly request?: WireFormat['request']
  readonly read: (usage: JsonObject, context: AnswerContext) => ParsedUsage
}

/** Members of the object whose last value counts. */
const MEMBERS = ['model', 'tier', 'id', 'usage', 'finish', 'resultFile'] as const
const IN_PROGRESS = '"in_progress"'

/**
 * A format whose answer, or last event with numbers, has the usage of the whole: last values win.
 */
export function lastUsageFormat(options: LastUsageOptions): WireFormat {
  const { name, expectsJson = true, request = null } = options
  const countable = options.countable === undefined ? {} : { countable: options.countable }
  const paths = pathsOf(options)
  return {
    name,
    answerPaths: jsonPaths(paths.list, { texts: [], groups: ['tools[]'] }),
    expectsJson,
    ...countable,
    request,
    createAnswer: (context) => createAnswer(options, paths, context),
  }
}

/**
 * The wanted paths of the object where it is the document (`plain`), and where it is within one;
 * `wrapped` is null where it never is.
 */
function pathsOf({
  within: holder,
  usageMember = 'usage',
  finish = 'status',
  resultFile = 'result_file',
}: LastUsageOptions) {
  const object = {
    model: 'model',
    tier: 'service_tier',
    id: 'id',
    usage: usageMember,
    finish,
    resultFile,
  }
  const document = { plain: object, object: 'object', error: 'error', toolType: 'tools[].type' }
  if (holder === undefined) return { ...namedPaths(document), wrapped: null }
  const { list, at } = namedPaths({ ...document, wrapped: within(holder, object) })
  return { list, at, wrapped: at.wrapped }
}

function createAnswer(
  {
    object,
    read,
    uncountedTools = [],
    deferred = false,
    growing = false,
    serviceTier,
  }: LastUsageOptions,
  { at, wrapped }: ReturnType<typeof pathsOf>,
  context: AnswerContext,
): AnswerParser {
  const last: Partial<Record<(typeof MEMBERS)[number], string | undefined>> = {}
  const offered = new Set<string>()
  let streamError: string | null = null
  /** The last counts came with the object itself. */
  let isFinal = false
  const wantedObject = object === undefined ? null : JSON.stringify(object)

  return {
    get isOver() {
      return growing && context.streamed && isFinal
    },
    part(values) {
      const type = jsonString(values[at.toolType])
      if (type !== null && uncountedTools.includes(type)) offered.add(type)
    },
    document(values) {
      streamError ??= errorName(values[at.error])
      if (wantedObject !== null && values[at.object] !== wantedObject) return
      const fromWithin = (name: keyof typeof at.plain) =>
        wrapped === null ? undefined : values[wrapped[name]]
      if (fromWithin('usage') !== undefined)
        isFinal = !growing || fromWithin('finish') !== IN_PROGRESS
      else if (values[at.plain.usage] !== undefined) isFinal = !growing || !context.streamed
      for (const name of MEMBERS)
        last[name] = fromWithin(name) ?? values[at.plain[name]] ?? last[name]
    },
    facts(complete) {
      const usageJson = last.usage
      const reported = jsonObject(usageJson)
      const { usage, billed, unknown } =
        reported === null ? NO_PARSED_USAGE : read(reported, context)
      const isKnown =
        usage.inputTokens !== null || usage.outputTokens !== null || billed.audioSeconds !== null
      return {
        model: modelName(last.model),
        finishReason: jsonString(last.finish),
        serviceTier: serviceTier ?? jsonString(last.tier),
        requestId: null,
        responseId: jsonString(last.id),
        deferred,
        resultFile: jsonString(last.resultFile),
        streamError,
        usage,
        usageSource: !isKnown ? 'none' : isFinal || complete ? 'provider' : 'partial',
        usageRaw: usageJson === undefined ? null : boundedRaw(usageJson),
        billed:
          offered.size === 0
            ? billed
            : { ...billed, uncountedFees: [...billed.uncountedFees, ...offered] },
        waived: false,
        unknownUsage: unknown,
      }
    },
  }
}
