import { namedPaths } from '../../json/named-paths.ts'
import { jsonPaths } from '../../json/paths.ts'
import { boundedRaw, jsonObject, jsonString } from '../../json/text.ts'
import { errorName } from '../../usage/answer-error.ts'
import { NO_PARSED_USAGE } from '../../usage/parsed-usage.ts'
import {
  type AnswerContext,
  type AnswerParser,
  NO_ANSWER,
  type WireFormat,
} from '../../wire-format.ts'
import { answerTerms } from '../answer-terms.ts'
import { modelOf, modelOfPath } from '../model-id.ts'
import { bedrockUsage } from '../usage.ts'

/** Of the whole answer, and of the last event of a stream. */
const PATHS = namedPaths({
  usage: ['usage', 'metadata.usage'],
  stopReason: ['stopReason', 'messageStop.stopReason'],
  tier: ['serviceTier.type', 'metadata.serviceTier.type'],
  latency: ['performanceConfig.latency', 'metadata.performanceConfig.latency'],
  routedTo: ['trace.promptRouter.invokedModelId', 'metadata.trace.promptRouter.invokedModelId'],
  // Only for the group to be entered.
  guardrail: ['trace.guardrail.actionReason', 'metadata.trace.guardrail.actionReason'],
  error: 'error',
})
const AT = PATHS.at
const GUARDRAILS = ['trace.guardrail', 'metadata.trace.guardrail']
const USAGE_OF_STREAM = AT.usage[1] ?? 0

/**
 * Converse and ConverseStream.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
 */
export const bedrockConverse: WireFormat = {
  name: 'bedrock-converse',
  answerPaths: jsonPaths(PATHS.list, { texts: [], groups: GUARDRAILS }),
  expectsJson: true,
  request: (endpoint) => ({
    model: modelOfPath(endpoint),
    stream: /\/converse-stream\/?$/.test(endpoint),
  }),
  createAnswer,
}

function createAnswer({ streamed, endpoint }: AnswerContext): AnswerParser {
  const last: Partial<Record<keyof typeof AT, string | undefined>> = {}
  let streamError: string | null = null
  let hasGuardrail = false
  let isOver = false
  return {
    get isOver() {
      return isOver
    },
    part() {
      hasGuardrail = true
    },
    document(values) {
      const of = ([plain = 0, streamed = 0]: readonly number[]) => values[plain] ?? values[streamed]
      for (const name of ['usage', 'stopReason', 'tier', 'latency', 'routedTo'] as const)
        last[name] = of(AT[name]) ?? last[name]
      streamError ??= errorName(values[AT.error])
      isOver ||= streamed && (values[USAGE_OF_STREAM] !== undefined || streamError !== null)
    },
    facts() {
      const named = modelOfPath(endpoint)
      const routedTo = jsonString(last.routedTo)
      const model = named ?? (routedTo === null ? null : modelOf(routedTo))
      const reported = jsonObject(last.usage)
      const { usage, billed, unknown } =
        reported === null ? NO_PARSED_USAGE : bedrockUsage(reported)
      const isKnown = usage.inputTokens !== null || usage.outputTokens !== null
      const terms = answerTerms({ model, isOfProfile: false, latency: jsonString(last.latency) })
      return {
        ...NO_ANSWER,
        model,
        finishReason: jsonString(last.stopReason),
        serviceTier: jsonString(last.tier),
        streamError,
        usage,
        usageSource: isKnown ? 'provider' : 'none',
        usageRaw: last.usage === undefined ? null : boundedRaw(last.usage),
        billed: isKnown
          ? { ...billed, terms, uncountedFees: hasGuardrail ? ['guardrail'] : [] }
          : NO_ANSWER.billed,
        unknownUsage: unknown,
      }
    },
  }
}
