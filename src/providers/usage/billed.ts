import { type BilledParts, type CallSizes, NO_PARTS, type TokenUsage } from '../../evidence/usage.ts'

/**
 * A share of the usage that is priced by itself, by its own model: Anthropic's compaction and advisor iterations, a
 * declined attempt, an image made by a tool, a transcription, the calls of a batch.
 */
export interface UsagePart {
  readonly model: string | null
  readonly usage: TokenUsage
  /** What the share has besides its tokens; without it, the first share has what the call has. */
  readonly counts?: Partial<BilledParts>
  /** Where the share is a sum of calls. */
  readonly callSizes?: CallSizes
  /** Speech that is billed by its length; then there are no tokens. */
  readonly audioSeconds?: number
}

/** What a price depends on besides the token buckets of the record. */
export interface BilledExtras extends BilledParts {
  /** Empty where the usage has one price; else its shares, which add up to it. */
  readonly parts: readonly UsagePart[]
  /** Terms that change the rates, as the provider named them (`speed:fast`, `inference_geo:us`). */
  readonly terms: readonly string[]
  /** Where the usage is a sum of several calls; null for one call. */
  readonly callSizes: CallSizes | null
  /** Hosted tools that ran and whose fee the answer does not count (`code_interpreter`). */
  readonly uncountedFees: readonly string[]
  /** Members of the usage that count something Flint does not read, by path. */
  readonly unreadUsage: readonly string[]
}

export const NO_EXTRAS: BilledExtras = {
  ...NO_PARTS,
  parts: [],
  terms: [],
  callSizes: null,
  uncountedFees: [],
  unreadUsage: [],
}
