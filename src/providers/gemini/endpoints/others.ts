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
  read(reported) {
    const { usage, billed, unknown } = geminiUsage(reported, reported)
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
 * and not reported.
 */
export const geminiCachedContent = lastUsageFormat({
  name: 'gemini-cached-content',
  usageMember: 'usageMetadata',
  read(reported) {
    const tokens = tokenCount(reported.totalTokenCount)
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
function interactionUsage(reported: JsonObject): ParsedUsage {
  const prompt = tokenCount(reported.total_input_tokens)
  const thoughts =
    tokenCount(reported.total_thought_tokens) ?? tokenCount(reported.total_reasoning_tokens)
  const input =
    prompt === null ? null : addKnown(prompt, tokenCount(reported.total_tool_use_tokens))
  const total = tokenCount(reported.total_tokens)
  // A zero is left out: what the input alone adds up to had no output.
  const output =
    addKnown(tokenCount(reported.total_output_tokens), thoughts) ??
    (total !== null && total === input ? 0 : null)
  const inputs = [
    ...asList(reported.input_tokens_by_modality),
    ...asList(reported.tool_use_tokens_by_modality),
  ]
  const outputs = reported.output_tokens_by_modality
  const unknownKinds = unknownModalities(reported, MODALITIES, 'tokens')
  return {
    usage: {
      ...NO_USAGE,
      inputTokens: input,
      outputTokens: output,
      totalTokens: addAll(input, output),
      cachedInputTokens: tokenCount(reported.total_cached_tokens),
      reasoningTokens: thoughts,
      audioInputTokens: modalityTokens(inputs, 'tokens', 'AUDIO'),
      audioOutputTokens: modalityTokens(outputs, 'tokens', 'AUDIO'),
    },
    billed: {
      ...NOTHING_BILLED,
      ...interactionFees(reported.grounding_tool_count),
      imageInputTokens: detailedTokens(inputs, 'tokens', 'IMAGE', 'DOCUMENT'),
      imageOutputTokens: detailedTokens(outputs, 'tokens', 'IMAGE'),
      videoInputTokens: detailedTokens(inputs, 'tokens', 'VIDEO'),
      videoOutputTokens: detailedTokens(outputs, 'tokens', 'VIDEO'),
      cachedAudioInputTokens: modalityTokens(reported.cached_tokens_by_modality, 'tokens', 'AUDIO'),
      cachedImageInputTokens: modalityTokens(
        reported.cached_tokens_by_modality,
        'tokens',
        'IMAGE',
        'DOCUMENT',
      ),
      callSizes:
        prompt !== null && input !== null && input > prompt ? { least: prompt, most: input } : null,
      unreadUsage: [...unreadMembers(reported, INTERACTION), ...unknownKinds],
    },
    unknown: [...unknownMembers(reported, INTERACTION), ...unknownKinds],
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
