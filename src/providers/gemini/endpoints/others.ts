import { type BilledCall, NOTHING_BILLED } from '../../../evidence/bill.ts'
import { NO_USAGE } from '../../../evidence/usage.ts'
import { asList, type JsonObject, objectsOf, shortString } from '../../json/text.ts'
import { lastUsageFormat } from '../../usage/last-usage.ts'
import { knownMembers, unknownMembers, unreadMembers } from '../../usage/members.ts'
import type { ParsedUsage } from '../../usage/parsed-usage.ts'
import { addAll, addKnown, tokenCount } from '../../usage/token-count.ts'
import { detailedTokens, modalityTokens, unknownModalities } from '../modalities.ts'
import { geminiUsage } from '../usage.ts'
import { geminiPathModel } from './generate.ts'

const fromPath = (endpoint: string) => ({ model: geminiPathModel(endpoint), stream: false })

/** Gemini embeddings: older answers tell no usage; there is no output. */
export const geminiEmbeddings = lastUsageFormat({
  name: 'gemini-embeddings',
  usageMember: 'usageMetadata',
  request: fromPath,
  read(told) {
    const { usage, billed, unknown } = geminiUsage(told, told)
    const { inputTokens } = usage
    return {
      usage: inputTokens === null ? usage : { ...usage, outputTokens: 0, totalTokens: inputTokens },
      billed,
      unknown,
    }
  },
})

/**
 * Content put into Gemini's cache: how many tokens it holds. What is billed besides is by the hour,
 * and not told.
 */
export const geminiCachedContent = lastUsageFormat({
  name: 'gemini-cached-content',
  usageMember: 'usageMetadata',
  read(told) {
    const tokens = tokenCount(told.totalTokenCount)
    const usage =
      tokens === null
        ? NO_USAGE
        : { ...NO_USAGE, inputTokens: tokens, outputTokens: 0, totalTokens: tokens }
    return { usage, billed: { ...NOTHING_BILLED, terms: ['cache_storage'] }, unknown: [] }
  },
})

const MODALITY = ['modality', 'tokens']
const MODALITIES = [
  'input_tokens_by_modality',
  'cached_tokens_by_modality',
  'output_tokens_by_modality',
  'tool_use_tokens_by_modality',
]
const INTERACTION = knownMembers(
  [
    ...[
      'total_input_tokens',
      'initial_input_tokens',
      'total_cached_tokens',
      'total_output_tokens',
      'total_thought_tokens',
    ],
    ...['total_reasoning_tokens', 'total_tool_use_tokens', 'total_tokens'],
  ],
  {
    ...Object.fromEntries(MODALITIES.map((member) => [member, MODALITY])),
    grounding_tool_count: ['type', 'count'],
  },
)
const WEB_SEARCH = 'google_search'

/** Gemini interactions: the interaction itself, or the event that completes it. */
export const geminiInteractions = lastUsageFormat({
  name: 'gemini-interactions',
  within: 'interaction',
  deferred: true,
  countable: 'both',
  growing: true,
  read: interactionUsage,
})

/**
 * As with generateContent: input and the tool-use prompt are apart, output and thoughts are apart,
 * the cached part is inside the input.
 */
function interactionUsage(told: JsonObject): ParsedUsage {
  const prompt = tokenCount(told.total_input_tokens)
  const thoughts = tokenCount(told.total_thought_tokens) ?? tokenCount(told.total_reasoning_tokens)
  const input = prompt === null ? null : addKnown(prompt, tokenCount(told.total_tool_use_tokens))
  const total = tokenCount(told.total_tokens)
  // A zero is left out: what the input alone adds up to had no output.
  const output =
    addKnown(tokenCount(told.total_output_tokens), thoughts) ??
    (total !== null && total === input ? 0 : null)
  const inputs = [
    ...asList(told.input_tokens_by_modality),
    ...asList(told.tool_use_tokens_by_modality),
  ]
  const outputs = told.output_tokens_by_modality
  const unknownKinds = unknownModalities(told, MODALITIES, 'tokens')
  return {
    usage: {
      ...NO_USAGE,
      inputTokens: input,
      outputTokens: output,
      totalTokens: addAll(input, output),
      cachedInputTokens: tokenCount(told.total_cached_tokens),
      reasoningTokens: thoughts,
      audioInputTokens: modalityTokens(inputs, 'tokens', 'AUDIO'),
      audioOutputTokens: modalityTokens(outputs, 'tokens', 'AUDIO'),
    },
    billed: {
      ...NOTHING_BILLED,
      ...interactionFees(told.grounding_tool_count),
      imageInputTokens: detailedTokens(inputs, 'tokens', 'IMAGE', 'DOCUMENT'),
      imageOutputTokens: detailedTokens(outputs, 'tokens', 'IMAGE'),
      videoInputTokens: detailedTokens(inputs, 'tokens', 'VIDEO'),
      videoOutputTokens: detailedTokens(outputs, 'tokens', 'VIDEO'),
      cachedAudioInputTokens: modalityTokens(told.cached_tokens_by_modality, 'tokens', 'AUDIO'),
      cachedImageInputTokens: modalityTokens(
        told.cached_tokens_by_modality,
        'tokens',
        'IMAGE',
        'DOCUMENT',
      ),
      callSizes:
        prompt !== null && input !== null && input > prompt ? { least: prompt, most: input } : null,
      unreadUsage: [...unreadMembers(told, INTERACTION), ...unknownKinds],
    },
    unknown: [...unknownMembers(told, INTERACTION), ...unknownKinds],
  }
}

/**
 * Searches by the tool that made them: those of the web have a rate, others (maps) a fee that is
 * not counted here.
 */
function interactionFees(
  counts: unknown,
): Pick<BilledCall, 'webSearches' | 'groundedPrompts' | 'uncountedFees'> {
  const used = objectsOf(counts).filter(({ count }) => count !== 0)
  const webSearches = addKnown(
    ...used.map(({ type, count }) => (type === WEB_SEARCH ? tokenCount(count) : null)),
  )
  return {
    webSearches,
    groundedPrompts: webSearches === null ? null : 1,
    uncountedFees: used.flatMap(({ type }) =>
      type === WEB_SEARCH ? [] : [shortString(type) ?? 'unknown_tool'],
    ),
  }
}
