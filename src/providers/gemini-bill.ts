import { NO_USAGE, type TokenUsage } from '../evidence/usage.ts'
import { type BilledExtras, NO_EXTRAS } from './exchange-facts.ts'
import { asObject, asWord, type JsonObject } from './json-text.ts'
import { addAll, addKnown, tokenCount } from './token-count.ts'
import { knownMembers, unknownMembers } from './usage-members.ts'

const BY_MODALITY = ['modality', 'tokenCount']
const KNOWN = knownMembers(
  [
    ...['promptTokenCount', 'cachedContentTokenCount', 'candidatesTokenCount', 'thoughtsTokenCount', 'toolUsePromptTokenCount'],
    ...['totalTokenCount', 'responseTokenCount', 'initialPromptTokenCount', 'serviceTier', 'trafficType'],
  ],
  {
    promptTokensDetails: BY_MODALITY,
    candidatesTokensDetails: BY_MODALITY,
    responseTokensDetails: BY_MODALITY,
    cacheTokensDetails: BY_MODALITY,
    toolUsePromptTokensDetails: BY_MODALITY,
  },
)

export interface GeminiBill {
  readonly usage: TokenUsage
  readonly billed: BilledExtras
  readonly serviceTier: string | null
  readonly unknown: readonly string[]
}

/**
 * What Gemini's counts bill. The last chunk of a stream stands for the whole when it adds up to its own total; else the
 * last value of each field does, because early chunks have the prompt only and later ones may lose fields again.
 */
export function geminiBill(last: JsonObject | null, merged: JsonObject | null): GeminiBill {
  const source = last !== null && addsUp(last) ? last : merged
  if (source === null) return { usage: NO_USAGE, billed: NO_EXTRAS, serviceTier: null, unknown: [] }
  const prompt = tokenCount(source.promptTokenCount)
  const thoughts = tokenCount(source.thoughtsTokenCount)
  // The tool-use prompt is input beside the prompt; the cached part is inside it. Candidates exclude the thoughts.
  const input = prompt === null ? null : addKnown(prompt, tokenCount(source.toolUsePromptTokenCount))
  const output = addKnown(tokenCount(source.candidatesTokenCount), thoughts)
  const inputOf = (modality: string) =>
    addKnown(modalityCount(source.promptTokensDetails, modality), modalityCount(source.toolUsePromptTokensDetails, modality))
  const outputOf = (modality: string) => modalityCount(source.candidatesTokensDetails, modality)
  const traffic = asWord(source.trafficType)
  return {
    usage: {
      ...NO_USAGE,
      inputTokens: input,
      outputTokens: output,
      totalTokens: addAll(input, output),
      cachedInputTokens: tokenCount(source.cachedContentTokenCount),
      reasoningTokens: thoughts,
      audioInputTokens: inputOf('AUDIO'),
      audioOutputTokens: outputOf('AUDIO'),
    },
    billed: {
      ...NO_EXTRAS,
      imageInputTokens: inputOf('IMAGE'),
      imageOutputTokens: outputOf('IMAGE'),
      videoInputTokens: inputOf('VIDEO'),
      videoOutputTokens: outputOf('VIDEO'),
      cachedAudioInputTokens: modalityCount(source.cacheTokensDetails, 'AUDIO'),
      // Bought by capacity, not by the token (Vertex).
      terms: traffic === 'PROVISIONED_THROUGHPUT' ? [`trafficType:${traffic}`] : [],
    },
    serviceTier: asWord(source.serviceTier),
    unknown: merged === null ? [] : unknownMembers(merged, KNOWN),
  }
}

function addsUp(usage: JsonObject): boolean {
  const total = tokenCount(usage.totalTokenCount)
  const { promptTokenCount, toolUsePromptTokenCount, candidatesTokenCount, thoughtsTokenCount } = usage
  const sum = addKnown(...[promptTokenCount, toolUsePromptTokenCount, candidatesTokenCount, thoughtsTokenCount].map(tokenCount))
  return total !== null && total === sum
}

function modalityCount(details: unknown, modality: string): number | null {
  if (!Array.isArray(details)) return null
  return addKnown(...details.map(asObject).map((entry) => (entry?.modality === modality ? tokenCount(entry.tokenCount) : null)))
}
