import {
  type BilledCall,
  type BilledParts,
  type BilledShare,
  type CallSizes,
  NO_PARTS,
  NOTHING_BILLED,
} from '../../evidence/bill.ts'
import { NO_USAGE, type TokenUsage } from '../../evidence/usage.ts'
import { addAll, addKnown } from './token-count.ts'

/**
 * A term no one has rates for: calls under different terms were added up, and which tokens were
 * whose is not known any more.
 */
export const MIXED_TERMS = 'mixed_terms'
/** A batch has thousands of calls, and a few things that Flint cannot read or count. */
const MAX_NAMES = 16

/**
 * What several calls have on the bill besides their tokens; their shares by model are not added
 * here.
 */
export function addExtras(sum: BilledCall, more: BilledCall): BilledCall {
  return {
    ...NOTHING_BILLED,
    ...addCounts(sum, more),
    terms: sum.terms.join() === more.terms.join() ? sum.terms : [MIXED_TERMS],
    uncountedFees: joined(sum.uncountedFees, more.uncountedFees),
    unreadUsage: joined(sum.unreadUsage, more.unreadUsage),
  }
}

/** The same call under further terms, which stand before its own. */
export function underTerms(billed: BilledCall, terms: readonly string[]): BilledCall {
  return terms.length === 0 ? billed : { ...billed, terms: [...terms, ...billed.terms] }
}

/** Adds a call, or a share of one, to the share of the calls before it. */
export function addPart(sum: BilledShare, more: BilledShare): BilledShare {
  const sizes = spanOf(sizesOf(sum), sizesOf(more))
  return {
    model: sum.model,
    usage: addUsage(sum.usage, more.usage),
    counts: addCounts(sum.counts ?? {}, more.counts ?? {}),
    ...(sizes === null ? {} : { callSizes: sizes }),
  }
}

/** What a call used of its own model, as one share of its bill. */
export function ownShare(model: string | null, usage: TokenUsage, billed: BilledCall): BilledShare {
  return {
    model,
    usage,
    counts: countsOf(billed),
    ...(billed.callSizes === null ? {} : { callSizes: billed.callSizes }),
  }
}

/** The counts of a call apart from what else is on its bill. */
export function countsOf(billed: BilledCall): BilledParts {
  return addCounts(billed, NO_PARTS)
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

function addCounts(sum: Partial<BilledParts>, more: Partial<BilledParts>): BilledParts {
  const added = (count: keyof BilledParts) => addKnown(sum[count] ?? null, more[count] ?? null)
  return {
    webSearches: added('webSearches'),
    groundedPrompts: added('groundedPrompts'),
    fileSearches: added('fileSearches'),
    imageInputTokens: added('imageInputTokens'),
    imageOutputTokens: added('imageOutputTokens'),
    videoInputTokens: added('videoInputTokens'),
    videoOutputTokens: added('videoOutputTokens'),
    cachedAudioInputTokens: added('cachedAudioInputTokens'),
    cachedImageInputTokens: added('cachedImageInputTokens'),
    audioSeconds: added('audioSeconds'),
  }
}

function sizesOf({ usage, callSizes }: BilledShare): CallSizes | null {
  const { inputTokens } = usage
  return callSizes ?? (inputTokens === null ? null : { least: inputTokens, most: inputTokens })
}

function spanOf(one: CallSizes | null, other: CallSizes | null): CallSizes | null {
  if (one === null || other === null) return one ?? other
  return { least: Math.min(one.least, other.least), most: Math.max(one.most, other.most) }
}

function joined(names: readonly string[], more: readonly string[]): readonly string[] {
  return more.length === 0 ? names : [...new Set([...names, ...more])].slice(0, MAX_NAMES)
}
