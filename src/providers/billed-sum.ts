import { NO_USAGE, type TokenUsage } from '../evidence/usage.ts'
import { type BilledExtras, NO_EXTRAS } from './exchange-facts.ts'
import { addAll, addKnown } from './token-count.ts'

/** A term nobody has rates for: calls under different terms were added up, and which tokens were whose is not known any more. */
const MIXED_TERMS = 'mixed_terms'

/** What several calls have on the bill besides their tokens; their shares by model are not added here. */
export function addExtras(sum: BilledExtras, more: BilledExtras): BilledExtras {
  return {
    ...NO_EXTRAS,
    webSearches: addKnown(sum.webSearches, more.webSearches),
    imageInputTokens: addKnown(sum.imageInputTokens, more.imageInputTokens),
    imageOutputTokens: addKnown(sum.imageOutputTokens, more.imageOutputTokens),
    videoInputTokens: addKnown(sum.videoInputTokens, more.videoInputTokens),
    videoOutputTokens: addKnown(sum.videoOutputTokens, more.videoOutputTokens),
    cachedAudioInputTokens: addKnown(sum.cachedAudioInputTokens, more.cachedAudioInputTokens),
    cachedImageInputTokens: addKnown(sum.cachedImageInputTokens, more.cachedImageInputTokens),
    terms: sum.terms.join() === more.terms.join() ? sum.terms : [MIXED_TERMS],
  }
}

/** Totals need both sides; a bucket that only one side names is that side's. */
export function addUsage(sum: TokenUsage, more: TokenUsage): TokenUsage {
  const inputTokens = addAll(sum.inputTokens, more.inputTokens)
  const outputTokens = addAll(sum.outputTokens, more.outputTokens)
  return {
    ...NO_USAGE,
    inputTokens,
    outputTokens,
    totalTokens: addAll(inputTokens, outputTokens),
    cachedInputTokens: addKnown(sum.cachedInputTokens, more.cachedInputTokens),
    cacheWriteTokens: addKnown(sum.cacheWriteTokens, more.cacheWriteTokens),
    cacheWrite5mTokens: addKnown(sum.cacheWrite5mTokens, more.cacheWrite5mTokens),
    cacheWrite1hTokens: addKnown(sum.cacheWrite1hTokens, more.cacheWrite1hTokens),
    reasoningTokens: addKnown(sum.reasoningTokens, more.reasoningTokens),
    audioInputTokens: addKnown(sum.audioInputTokens, more.audioInputTokens),
    audioOutputTokens: addKnown(sum.audioOutputTokens, more.audioOutputTokens),
  }
}
