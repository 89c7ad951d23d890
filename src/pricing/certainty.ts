import type { CostStatus, UsageSource } from '../evidence/usage.ts'
import type { EstimateReason } from './reasons.ts'

/** What the price of one share of a call rests on: its model, its tokens and its fees. */
export interface ShareBasis {
  /** The rates are those of this very model, not of one whose name begins alike. */
  readonly isOwnRow: boolean
  /** A tier or term that the rates depend on and that was not applied in full. */
  readonly unappliedTerm: EstimateReason | null
  /**
   * Kinds of tokens that were counted and have no rate of their own: priced as what they are part
   * of.
   */
  readonly kindsWithoutRate: readonly string[]
  /** Tokens of two kinds at once that each have a rate, and how many they are was not reported. */
  readonly kindsNotSplit: readonly string[]
  /** Rates of the model for something that Flint does not count. */
  readonly ratesWithoutCount: readonly string[]
  /**
   * The rates depend on the length of a prompt, and the share is a sum of prompts on both sides of
   * the border.
   */
  readonly isLengthUnknown: boolean
  /** Fees that were counted and have no rate, or that may be less by an allowance. */
  readonly feeDoubts: readonly EstimateReason[]
}

/** What a price rests on: everything that must be sure for it to be exact. */
export interface PriceBasis {
  readonly usageSource: UsageSource
  /** Members of the usage that count something and were not read. */
  readonly unreadUsage: readonly string[]
  /** Hosted tools that ran and whose fee no one counts. */
  readonly uncountedFees: readonly string[]
  readonly shares: readonly ShareBasis[]
}

export interface Certainty {
  readonly costStatus: Extract<CostStatus, 'exact' | 'estimated'>
  readonly costReason: EstimateReason | null
}

/**
 * Decides whether a price is exact: only where every billed unit of the answer was read, has a rate
 * that is surely its own, and nothing unknown stood beside it. Of several doubts the first is
 * named, in the order of how much of the cost they may concern.
 */
export function certaintyOf({
  usageSource,
  unreadUsage,
  uncountedFees,
  shares,
}: PriceBasis): Certainty {
  const some = (holds: (share: ShareBasis) => boolean) => shares.some(holds)
  const doubts: readonly (EstimateReason | null | undefined | false)[] = [
    usageSource === 'estimated' && 'estimated_usage',
    // What is not the provider's last count is a part at best.
    usageSource !== 'estimated' && usageSource !== 'provider' && 'partial_usage',
    some(({ isOwnRow }) => !isOwnRow) && 'similar_model',
    unreadUsage.length > 0 && 'unread_usage',
    shares.find(({ unappliedTerm }) => unappliedTerm !== null)?.unappliedTerm,
    some(({ kindsWithoutRate }) => kindsWithoutRate.length > 0) && 'missing_rate',
    some(({ kindsNotSplit }) => kindsNotSplit.length > 0) && 'unreported_split',
    some(({ isLengthUnknown }) => isLengthUnknown) && 'unknown_prompt_length',
    uncountedFees.length > 0 && 'unpriced_fee',
    shares.flatMap(({ feeDoubts }) => feeDoubts)[0],
    some(({ ratesWithoutCount }) => ratesWithoutCount.length > 0) && 'uncounted_rate',
  ]
  const costReason = doubts.find((doubt) => typeof doubt === 'string') ?? null
  return costReason === null
    ? { costStatus: 'exact', costReason }
    : { costStatus: 'estimated', costReason }
}
