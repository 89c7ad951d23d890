import { anthropicMessages, messagesPaths } from '../../anthropic/endpoints/messages.ts'
import { namedPaths } from '../../json/named-paths.ts'
import { jsonPaths } from '../../json/paths.ts'
import { boundedRaw, type JsonObject, jsonObject, jsonString } from '../../json/text.ts'
import { openaiUsage } from '../../openai/usage.ts'
import { errorName } from '../../usage/answer-error.ts'
import { NO_PARSED_USAGE, type ParsedUsage } from '../../usage/parsed-usage.ts'
import { addKnown, tokenCount } from '../../usage/token-count.ts'
import {
  type AnswerContext,
  type AnswerFacts,
  type AnswerParser,
  NO_ANSWER,
  type WireFormat,
} from '../../wire-format.ts'
import { headerCounts, headerTerms } from '../answer-headers.ts'
import { answerTerms } from '../answer-terms.ts'
import { modelOfPath } from '../model-id.ts'
import { bedrockUsage } from '../usage.ts'

/** What stands in answers beside the members that Claude's have; those come first. */
const OWN = namedPaths({
  metrics: 'amazon-bedrock-invocationMetrics',
  guardrailAction: 'amazon-bedrock-guardrailAction',
  /** The last event of a stream of Nova. */
  metadataUsage: 'metadata.usage',
  llama: { input: 'prompt_token_count', output: 'generation_token_count' },
  titan: { input: 'inputTextTokenCount', output: 'totalOutputTextTokenCount' },
  titanResult: 'results[].tokenCount',
  /** Nova, Titan, Mistral, models with OpenAI's shape, Cohere. */
  finish: [
    'stopReason',
    'messageStop.stopReason',
    'completionReason',
    'results[].completionReason',
    'outputs[].stop_reason',
    'choices[].finish_reason',
    'choices[].stop_reason',
    'finish_reason',
  ],
})
const FIRST_OWN = messagesPaths.list.length
const CLAUDE = messagesPaths.at
/** The value of `type` of Claude's messages and of the events of its streams. */
const CLAUDE_TYPES =
  /^"(message|message_(start|delta|stop)|content_block_(start|delta|stop)|ping)"$/

/**
 * InvokeModel and InvokeModelWithResponseStream: each model answers in a format of its own, and an
 * application inference profile does not say which model it is, so answers are read by their shape.
 * Of several sources of counts the most exact counts: the usage object of the model, its own
 * members, the metrics of the stream, the headers.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html
 */
export const bedrockInvoke: WireFormat = {
  name: 'bedrock-invoke',
  answerPaths: jsonPaths([...messagesPaths.list, ...OWN.list], {
    texts: [],
    groups: ['results[]'],
  }),
  expectsJson: true,
  readsHeaders: true,
  countable: 'output',
  request: (endpoint) => ({
    model: modelOfPath(endpoint),
    stream: /\/invoke-with-response-stream\/?$/.test(endpoint),
  }),
  createAnswer,
}

type OwnName = Exclude<keyof typeof OWN.at, 'finish' | 'llama' | 'titan' | 'titanResult'>

function createAnswer(context: AnswerContext): AnswerParser {
  const { streamed, endpoint } = context
  const claude = anthropicMessages.createAnswer(context)
  let isClaude = false
  const last: Partial<Record<OwnName | 'usage' | 'id' | 'stopReason', string | undefined>> = {}
  /** Members of Llama's or Titan's answers that are counts, as they stand. */
  const counts: Record<string, unknown> = {}
  let resultTokens: number | null = null
  let finish: string | undefined
  let streamError: string | null = null
  let isOver = false

  return {
    get isOver() {
      return isOver || claude.isOver === true
    },
    part(values) {
      resultTokens = addKnown(
        resultTokens,
        tokenCount(Number(ownValue(values, OWN.at.titanResult))),
      )
      finish = finishIn(values) ?? finish
    },
    document(values) {
      if (CLAUDE_TYPES.test(values[CLAUDE.type] ?? '')) isClaude = true
      if (isClaude) claude.document(values)
      for (const name of ['metrics', 'guardrailAction', 'metadataUsage'] as const)
        last[name] = ownValue(values, OWN.at[name]) ?? last[name]
      last.usage = values[CLAUDE.usage] ?? last.usage
      last.id = values[CLAUDE.id] ?? last.id
      last.stopReason = values[CLAUDE.stopReason] ?? last.stopReason
      for (const [name, slot] of COUNTS) {
        const count = ownValue(values, slot)
        if (count !== undefined) counts[name] = Number(count)
      }
      finish = finishIn(values) ?? finish
      streamError ??= errorName(values[CLAUDE.error])
      isOver ||=
        streamed &&
        (last.metrics !== undefined || last.metadataUsage !== undefined || streamError !== null)
    },
    facts(complete): AnswerFacts {
      const seen = isClaude ? claude.facts(complete) : NO_ANSWER
      const named = modelOfPath(endpoint)
      const model = named ?? seen.model
      const { tier, latency } = headerTerms(context)
      const terms = answerTerms({ model, isOfProfile: named === null && model !== null, latency })
      const uncountedFees = last.guardrailAction === undefined ? [] : ['guardrail']
      const shared = {
        ...NO_ANSWER,
        model,
        finishReason: seen.finishReason ?? jsonString(finish) ?? jsonString(last.stopReason),
        serviceTier: tier ?? seen.serviceTier,
        responseId: seen.responseId ?? jsonString(last.id),
        streamError: seen.streamError ?? streamError,
      }
      const counted = countedBy()
      if (seen.usageSource === 'provider' || (counted === null && seen.usageSource !== 'none'))
        return {
          ...seen,
          ...shared,
          usage: seen.usage,
          usageSource: seen.usageSource,
          usageRaw: seen.usageRaw,
          waived: seen.waived,
          unknownUsage: seen.unknownUsage,
          billed: {
            ...seen.billed,
            // The path's name of the model is the one that rates are listed by.
            parts: seen.billed.parts.map((part) =>
              part.model === seen.model ? { ...part, model } : part,
            ),
            terms: [...seen.billed.terms, ...terms],
            uncountedFees: [...seen.billed.uncountedFees, ...uncountedFees],
          },
        }
      if (counted === null) return shared
      const isFinal = !streamed || complete || isOver
      return {
        ...shared,
        usage: counted.parsed.usage,
        usageSource: isFinal ? 'provider' : 'partial',
        usageRaw: boundedRaw(counted.raw),
        billed: { ...counted.parsed.billed, terms, uncountedFees },
        unknownUsage: counted.parsed.unknown,
      }
    },
  }

  /** The most exact source that has counts, and what it said; null where none has. */
  function countedBy(): { readonly raw: string; readonly parsed: ParsedUsage } | null {
    if (resultTokens !== null) counts.totalOutputTextTokenCount = resultTokens
    const sources: readonly (string | undefined)[] = [
      ...(isClaude ? [] : [last.usage]),
      last.metadataUsage,
      isWhole(counts, streamed) ? JSON.stringify(counts) : undefined,
      last.metrics,
      headerCounts(context),
      // One side of the counts is better than none.
      JSON.stringify(counts),
    ]
    for (const raw of sources) {
      const object = jsonObject(raw)
      if (raw === undefined || object === null) continue
      const parsed = parsedUsage(object)
      if (parsed.usage.inputTokens !== null || parsed.usage.outputTokens !== null)
        return { raw, parsed }
    }
    return null
  }
}

const COUNTS: readonly (readonly [name: string, slot: number])[] = [
  ['prompt_token_count', OWN.at.llama.input],
  ['generation_token_count', OWN.at.llama.output],
  ['inputTextTokenCount', OWN.at.titan.input],
  ['totalOutputTextTokenCount', OWN.at.titan.output],
]

/** Both sides are there; embeddings, which are never streamed, have no output. */
function isWhole(counts: JsonObject, streamed: boolean): boolean {
  const { usage } = bedrockUsage(counts)
  return usage.inputTokens !== null && (usage.outputTokens !== null || !streamed)
}

function parsedUsage(usage: JsonObject): ParsedUsage {
  if (usage.prompt_tokens !== undefined || usage.input_tokens !== undefined)
    return openaiUsage(usage)
  return Object.keys(usage).length === 0 ? NO_PARSED_USAGE : bedrockUsage(usage)
}

function ownValue(values: readonly (string | undefined)[], slot: number): string | undefined {
  return values[FIRST_OWN + slot]
}

function finishIn(values: readonly (string | undefined)[]): string | undefined {
  const slot = OWN.at.finish.find((candidate) => ownValue(values, candidate) !== undefined)
  return slot === undefined ? undefined : ownValue(values, slot)
}
