import { namedPaths, within } from '../../json/named-paths.ts'
import { jsonPaths } from '../../json/paths.ts'
import { boundedRaw, jsonObject, jsonString } from '../../json/text.ts'
import { errorCode, errorName } from '../../usage/answer-error.ts'
import { NO_PARSED_USAGE } from '../../usage/parsed-usage.ts'
import type { AnswerContext, AnswerParser, WireFormat } from '../../wire-format.ts'
import { HostedTools, ITEM_MEMBERS, TOOL_MEMBERS } from '../tools.ts'
import { openaiUsage } from '../usage.ts'

// A plain answer is the response object; most events of a stream carry it as `response`.
const RESPONSE = {
  model: 'model',
  tier: 'service_tier',
  usage: 'usage',
  status: 'status',
  id: 'id',
  toolUsage: 'tool_usage',
  background: 'background',
} as const
const PATHS = namedPaths({
  plain: RESPONSE,
  wrapped: within('response', RESPONSE),
  type: 'type',
  error: 'error',
  eventCode: 'code',
  responseErrorCode: 'response.error.code',
  items: {
    plain: within('output[]', ITEM_MEMBERS),
    wrapped: within('response.output[]', ITEM_MEMBERS),
  },
  tools: {
    plain: within('tools[]', TOOL_MEMBERS),
    wrapped: within('response.tools[]', TOOL_MEMBERS),
  },
})
const AT = PATHS.at
/** Events after which a stream has no other. */
const LAST_EVENTS = ['response.completed', 'response.incomplete', 'response.failed', 'error']
/** Lists whose elements come one by one, by the number of their group. */
const GROUPS = ['output[]', 'response.output[]', 'tools[]', 'response.tools[]'] as const

/**
 * OpenAI responses, plain and streamed: usage comes with `response.completed`, `.incomplete` or
 * `.failed`.
 */
export const openaiResponses: WireFormat = {
  name: 'openai-responses',
  answerPaths: jsonPaths(PATHS.list, { texts: [], groups: GROUPS }),
  expectsJson: true,
  countable: 'both',
  request: null,
  createAnswer,
}

function createAnswer({ streamed }: AnswerContext): AnswerParser {
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
  const at = streamed ? AT.wrapped : AT.plain
  let isOver = false

  return {
    get isOver() {
      return isOver
    },
    part(values, group) {
      toolsRead ??= new HostedTools()
      switch (GROUPS[group]) {
        case 'output[]':
          return toolsRead.item(values, AT.items.plain)
        case 'response.output[]':
          return toolsRead.item(values, AT.items.wrapped)
        case 'tools[]':
          return toolsRead.tool(values, AT.tools.plain)
        case 'response.tools[]':
          return toolsRead.tool(values, AT.tools.wrapped)
      }
    },
    document(values) {
      if (values[at.id] !== undefined) {
        tools = toolsRead ?? new HostedTools()
        toolUsageJson = values[at.toolUsage]
      }
      toolsRead = null
      model = values[at.model] ?? model
      tier = values[at.tier] ?? tier
      status = values[at.status] ?? status
      id ??= values[at.id]
      background = values[at.background] ?? background
      usageJson = values[at.usage] ?? usageJson
      streamError ??= errorName(values[AT.error])
      if (!streamed) return
      const type = jsonString(values[AT.type]) ?? ''
      if (type === 'response.created') isOver = false
      isOver ||= LAST_EVENTS.includes(type)
      // `error` events have been seen with the error nested and with its code beside the type.
      if (values[AT.eventCode] !== undefined && type === 'error')
        streamError ??= errorCode(values[AT.eventCode])
      streamError ??= errorCode(values[AT.responseErrorCode])
    },
    facts() {
      const reported = jsonObject(usageJson)
      const reading = reported === null ? NO_PARSED_USAGE : openaiUsage(reported)
      const { usage, billed, unknown } = tools.addTo(reading, jsonString(model), toolUsageJson)
      return {
        model: jsonString(model),
        finishReason: jsonString(status),
        serviceTier: jsonString(tier),
        requestId: null,
        responseId: jsonString(id),
        deferred: background === 'true',
        resultFile: null,
        streamError,
        usage,
        // Null until the response has ended, so what is there is final.
        usageSource:
          usage.inputTokens !== null || usage.outputTokens !== null ? 'provider' : 'none',
        usageRaw: usageJson === undefined ? null : boundedRaw(usageJson),
        billed,
        waived: false,
        unknownUsage: unknown,
      }
    },
  }
}
