import { type BilledExtras, NO_EXTRAS } from './exchange-facts.ts'
import { addKnown } from './token-count.ts'

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
