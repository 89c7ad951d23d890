import { jsonPaths } from '../../json/paths.ts'
import { boundedRaw, jsonObject, jsonWord } from '../../json/text.ts'
import { errorCode, errorName } from '../../usage/answer-error.ts'
import type { AnswerContext, AnswerReading, WireFormat } from '../../wire-format.ts'
import { HostedTools, ITEM_MEMBERS, TOOL_MEMBERS } from '../tools.ts'
import { NO_READING, openaiUsage } from '../usage.ts'

// A plain answer is the response object; most events of a stream carry it as `response`.
const FIELDS = ['model', 'service_tier', 'usage', 'status', 'id', 'tool_usage', 'background'] as const
const MODEL = 0
const TIER = 1
const USAGE = 2
const STATUS = 3
const ID = 4
const TOOL_USAGE = 5
const BACKGROUND = 6
const WRAPPED = FIELDS.length
const TYPE = 14
const ERROR = 15
const EVENT_CODE = 16
const RESPONSE_ERROR_CODE = 17
/** Values of one element of a list, by the number of its group. */
const PARTS = [
  { list: 'output[]', members: ITEM_MEMBERS },
  { list: 'response.output[]', members: ITEM_MEMBERS },
  { list: 'tools[]', members: TOOL_MEMBERS },
  { list: 'response.tools[]', members: TOOL_MEMBERS },
] as const
const FIRST_PART = 18
const FIRST_TOOL = 2

/** OpenAI responses, plain and streamed: usage comes with `response.completed`, `.incomplete` or `.failed`. */
export const openaiResponses: WireFormat = {
  name: 'openai-responses',
  answerPaths: jsonPaths(
    [
      ...FIELDS,
      ...FIELDS.map((field) => `response.${field}`),
      'type',
      'error',
      'code',
      'response.error.code',
      ...PARTS.flatMap(({ list, members }) => members.map((member) => `${list}.${member}`)),
    ],
    { texts: [], groups: PARTS.map(({ list }) => list) },
  ),
  expectsJson: true,
  countable: 'both',
  request: null,
  createAnswer,
}

function createAnswer({ streamed }: AnswerContext): AnswerReading {
  let model: string | undefined
  let tier: string | undefined
  let status: string | undefined
  let usageJson: string | undefined
  let id: string | undefined
  let background: string | undefined
  let streamError: string | null = null
  let toolUsageJson: string | undefined
  let tools = new HostedTools()
  /** Of the document that is being read: each one has the whole response. */
  let toolsRead: HostedTools | null = null
  const at = streamed ? WRAPPED : 0

  return {
    part(values, group) {
      const from = FIRST_PART + PARTS.slice(0, group).reduce((slots, { members }) => slots + members.length, 0)
      toolsRead ??= new HostedTools()
      if (group < FIRST_TOOL) toolsRead.item(values.slice(from, from + ITEM_MEMBERS.length))
      else toolsRead.tool(values.slice(from, from + TOOL_MEMBERS.length))
    },
    document(values) {
      if (values[at + ID] !== undefined) {
        tools = toolsRead ?? new HostedTools()
        toolUsageJson = values[at + TOOL_USAGE]
      }
      toolsRead = null
      model = values[at + MODEL] ?? model
      tier = values[at + TIER] ?? tier
      status = values[at + STATUS] ?? status
      id ??= values[at + ID]
      background = values[at + BACKGROUND] ?? background
      usageJson = values[at + USAGE] ?? usageJson
      streamError ??= errorName(values[ERROR])
      if (!streamed) return
      // `error` events have been seen with the error nested and with its code beside the type.
      if (values[EVENT_CODE] !== undefined && jsonWord(values[TYPE]) === 'error') streamError ??= errorCode(values[EVENT_CODE])
      streamError ??= errorCode(values[RESPONSE_ERROR_CODE])
    },
    facts() {
      const told = jsonObject(usageJson)
      const reading = told === null ? NO_READING : openaiUsage(told)
      const { usage, billed, unknown } = tools.addTo(reading, jsonWord(model), toolUsageJson)
      return {
        model: jsonWord(model),
        finishReason: jsonWord(status),
        serviceTier: jsonWord(tier),
        requestId: null,
        responseId: jsonWord(id),
        deferred: background === 'true',
        resultFile: null,
        streamError,
        usage,
        // Null until the response has ended, so what is there is final.
        usageSource: usage.inputTokens !== null || usage.outputTokens !== null ? 'provider' : 'none',
        usageRaw: usageJson === undefined ? null : boundedRaw(usageJson),
        billed,
        waived: false,
        unknownUsage: unknown,
      }
    },
  }
}
