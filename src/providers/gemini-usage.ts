import { NO_USAGE } from '../evidence/usage.ts'
import { NO_EXTRAS } from './exchange-facts.ts'
import { geminiPathModel } from './gemini.ts'
import { geminiBill } from './gemini-bill.ts'
import { asObject, asWord, type JsonObject } from './json-text.ts'
import { lastUsageFormat } from './last-usage.ts'
import type { UsageReading } from './openai-usage.ts'
import { addAll, addKnown, tokenCount } from './token-count.ts'
import { knownMembers, unknownMembers } from './usage-members.ts'

const fromPath = (endpoint: string) => ({ model: geminiPathModel(endpoint), stream: false })

/** Gemini embeddings: older answers tell no usage; there is no output. */
export const geminiEmbeddings = lastUsageFormat({
  name: 'gemini-embeddings',
  usageMember: 'usageMetadata',
  request: fromPath,
  read(told) {
    const { usage, billed, unknown } = geminiBill(told, told)
    const { inputTokens } = usage
    return { usage: inputTokens === null ? usage : { ...usage, outputTokens: 0, totalTokens: inputTokens }, billed, unknown }
  },
})

/** Content put into Gemini's cache: how many tokens it holds. What is billed besides is by the hour, and not told. */
export const geminiCachedContent = lastUsageFormat({
  name: 'gemini-cached-content',
  usageMember: 'usageMetadata',
  read(told) {
    const tokens = tokenCount(told.totalTokenCount)
    const usage = tokens === null ? NO_USAGE : { ...NO_USAGE, inputTokens: tokens, outputTokens: 0, totalTokens: tokens }
    return { usage, billed: { ...NO_EXTRAS, terms: ['cache_storage'] }, unknown: [] }
  },
})

const MODALITY = ['modality', 'tokens']
const INTERACTION = knownMembers(
  [
    ...['total_input_tokens', 'initial_input_tokens', 'total_cached_tokens', 'total_output_tokens', 'total_thought_tokens'],
    ...['total_reasoning_tokens', 'total_tool_use_tokens', 'total_tokens'],
  ],
  {
    input_tokens_by_modality: MODALITY,
    cached_tokens_by_modality: MODALITY,
    output_tokens_by_modality: MODALITY,
    tool_use_tokens_by_modality: MODALITY,
    grounding_tool_count: ['type', 'count'],
  },
)

/** Gemini interactions: the interaction itself, or the event that completes it. */
export const geminiInteractions = lastUsageFormat({
  name: 'gemini-interactions',
  within: 'interaction',
  deferred: true,
  countable: 'both',
  growing: true,
  read: interactionUsage,
})

/** As with generateContent: input and the tool-use prompt are apart, output and thoughts are apart, the cached part is inside the input. */
function interactionUsage(told: JsonObject): UsageReading {
  const prompt = tokenCount(told.total_input_tokens)
  const thoughts = tokenCount(told.total_thought_tokens) ?? tokenCount(told.total_reasoning_tokens)
  const input = prompt === null ? null : addKnown(prompt, tokenCount(told.total_tool_use_tokens))
  const output = addKnown(tokenCount(told.total_output_tokens), thoughts)
  const inputOf = (modality: string) =>
    addKnown(modalityTokens(told.input_tokens_by_modality, modality), modalityTokens(told.tool_use_tokens_by_modality, modality))
  const outputOf = (modality: string) => modalityTokens(told.output_tokens_by_modality, modality)
  return {
    usage: {
      ...NO_USAGE,
      inputTokens: input,
      outputTokens: output,
      totalTokens: addAll(input, output),
      cachedInputTokens: tokenCount(told.total_cached_tokens),
      reasoningTokens: thoughts,
      audioInputTokens: inputOf('audio'),
      audioOutputTokens: outputOf('audio'),
    },
    billed: {
      ...NO_EXTRAS,
      imageInputTokens: inputOf('image'),
      imageOutputTokens: outputOf('image'),
      videoInputTokens: inputOf('video'),
      videoOutputTokens: outputOf('video'),
      cachedAudioInputTokens: modalityTokens(told.cached_tokens_by_modality, 'audio'),
    },
    unknown: unknownMembers(told, INTERACTION),
  }
}

function modalityTokens(details: unknown, modality: string): number | null {
  if (!Array.isArray(details)) return null
  return addKnown(
    ...details.map(asObject).map((entry) => (asWord(entry?.modality)?.toLowerCase() === modality ? tokenCount(entry?.tokens) : null)),
  )
}
