import { type BilledCall, NOTHING_BILLED } from '../../evidence/bill.ts'
import { NO_USAGE, type TokenUsage } from '../../evidence/usage.ts'
import { asList, type JsonObject, shortString } from '../json/text.ts'
import { knownMembers, unknownMembers, unreadMembers } from '../usage/members.ts'
import { addAll, addKnown, tokenCount } from '../usage/token-count.ts'
import { detailedTokens, modalityTokens, unknownModalities } from './modalities.ts'

const BY_MODALITY = ['modality', 'tokenCount']
/** Embeddings name the details of their prompt in the singular (EmbeddingUsageMetadata). */
const DETAILS = [
  ...[
    'promptTokensDetails',
    'promptTokenDetails',
    'candidatesTokensDetails',
    'responseTokensDetails',
  ],
  ...['cacheTokensDetails', 'toolUsePromptTokensDetails'],
]
const KNOWN = knownMembers(
  [
    ...[
      'promptTokenCount',
      'cachedContentTokenCount',
      'candidatesTokenCount',
      'thoughtsTokenCount',
      'toolUsePromptTokenCount',
    ],
    ...[
      'totalTokenCount',
      'responseTokenCount',
      'initialPromptTokenCount',
      'serviceTier',
      'trafficType',
    ],
  ],
  Object.fromEntries(DETAILS.map((member) => [member, BY_MODALITY])),
)
/** Parts of the prompt, which does not change while its answer streams. */
const PROMPT_PARTS = ['cachedContentTokenCount', 'cacheTokensDetails', 'promptTokensDetails']

const USUAL_TRAFFIC = ['ON_DEMAND', 'TRAFFIC_TYPE_UNSPECIFIED']

export interface GeminiBill {
  readonly usage: TokenUsage
  readonly billed: BilledCall
  readonly serviceTier: string | null
  readonly unknown: readonly string[]
}

/**
 * What Gemini's counts bill. The last chunk of a stream stands for the whole when it adds up to its
 * own total; else the last value of each field does, because early chunks have the prompt only and
 * later ones may lose fields again.
 *
 * proto3 leaves zeros out: once the answer is over (`isFinal`), counts that add up to the total
 * have no unknown part.
 */
export function geminiUsage(
  last: JsonObject | null,
  merged: JsonObject | null,
  isFinal = true,
): GeminiBill {
  const isWhole = last !== null && addsUp(last)
  const source = isWhole ? withPromptParts(last, merged) : merged
  if (source === null)
    return { usage: NO_USAGE, billed: NOTHING_BILLED, serviceTier: null, unknown: [] }
  const absent = isFinal && isWhole ? 0 : null
  const prompt = tokenCount(source.promptTokenCount) ?? absent
  const thoughts = tokenCount(source.thoughtsTokenCount)
  const toolUse = tokenCount(source.toolUsePromptTokenCount)
  // The tool-use prompt is input beside the prompt; the cached part is inside it. Candidates
  // exclude the thoughts.
  const input = prompt === null ? null : addKnown(prompt, toolUse)
  const output = addKnown(tokenCount(source.candidatesTokenCount), thoughts) ?? absent
  const prompts = [
    ...asList(source.promptTokensDetails ?? source.promptTokenDetails),
    ...asList(source.toolUsePromptTokensDetails),
  ]
  const outputs = source.candidatesTokensDetails
  const traffic = shortString(source.trafficType)
  const unread = [
    ...unreadMembers(source, KNOWN),
    ...unknownModalities(source, DETAILS, 'tokenCount'),
  ]
  return {
    usage: {
      ...NO_USAGE,
      inputTokens: input,
      outputTokens: output,
      totalTokens: addAll(input, output),
      cachedInputTokens: tokenCount(source.cachedContentTokenCount),
      reasoningTokens: thoughts,
      audioInputTokens: modalityTokens(prompts, 'tokenCount', 'AUDIO'),
      audioOutputTokens: modalityTokens(outputs, 'tokenCount', 'AUDIO'),
    },
    billed: {
      ...NOTHING_BILLED,
      imageInputTokens: detailedTokens(prompts, 'tokenCount', 'IMAGE', 'DOCUMENT'),
      imageOutputTokens: detailedTokens(outputs, 'tokenCount', 'IMAGE'),
      videoInputTokens: detailedTokens(prompts, 'tokenCount', 'VIDEO'),
      videoOutputTokens: detailedTokens(outputs, 'tokenCount', 'VIDEO'),
      cachedAudioInputTokens: modalityTokens(source.cacheTokensDetails, 'tokenCount', 'AUDIO'),
      cachedImageInputTokens: modalityTokens(
        source.cacheTokensDetails,
        'tokenCount',
        'IMAGE',
        'DOCUMENT',
      ),
      // What tools brought was read in prompts of its own, or together with the prompt.
      callSizes:
        prompt !== null && input !== null && input > prompt ? { least: prompt, most: input } : null,
      unreadUsage: unread,
      terms: trafficTerms(traffic),
    },
    serviceTier: shortString(source.serviceTier),
    unknown:
      merged === null
        ? []
        : [...unknownMembers(merged, KNOWN), ...unknownModalities(merged, DETAILS, 'tokenCount')],
  }
}

/**
 * Vertex AI says what paid for a call: tokens at the usual rates (`ON_DEMAND`), at those of a tier
 * (`ON_DEMAND_FLEX`, `ON_DEMAND_PRIORITY`), or capacity that was bought before
 * (`PROVISIONED_THROUGHPUT`).
 */
export function trafficTerms(traffic: string | null): readonly string[] {
  return traffic === null || USUAL_TRAFFIC.includes(traffic) ? [] : [`trafficType:${traffic}`]
}

function addsUp(usage: JsonObject): boolean {
  const total = tokenCount(usage.totalTokenCount)
  const { promptTokenCount, toolUsePromptTokenCount, candidatesTokenCount, thoughtsTokenCount } =
    usage
  const sum = addKnown(
    ...[promptTokenCount, toolUsePromptTokenCount, candidatesTokenCount, thoughtsTokenCount].map(
      tokenCount,
    ),
  )
  return total !== null && total === sum
}

/**
 * Parts of the prompt that earlier chunks of the stream named, and the last one does not name
 * again.
 */
function withPromptParts(last: JsonObject, merged: JsonObject | null): JsonObject {
  const earlier = PROMPT_PARTS.filter((part) => last[part] == null && merged?.[part] != null)
  return earlier.length === 0
    ? last
    : { ...last, ...Object.fromEntries(earlier.map((part) => [part, merged?.[part]])) }
}
