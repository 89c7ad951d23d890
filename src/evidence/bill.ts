import type { CostStatus, TokenUsage } from './usage.ts'

/** What is on the bill besides the token buckets of `TokenUsage`. Unknown is null. */
export interface BilledParts {
  /** Searches of the web that a hosted tool made; of Gemini, its different queries. */
  readonly webSearches: number | null
  /** Calls whose answer was grounded in a web search: what older Gemini models are billed by. */
  readonly groundedPrompts: number | null
  /** Calls of OpenAI's hosted file search. */
  readonly fileSearches: number | null
  /** Parts of the token totals that some models price apart. */
  readonly imageInputTokens: number | null
  readonly imageOutputTokens: number | null
  readonly videoInputTokens: number | null
  readonly videoOutputTokens: number | null
  readonly cachedAudioInputTokens: number | null
  readonly cachedImageInputTokens: number | null
  /** Speech that is billed by its length rather than by tokens. */
  readonly audioSeconds: number | null
}

export const NO_PARTS: BilledParts = {
  webSearches: null,
  groundedPrompts: null,
  fileSearches: null,
  imageInputTokens: null,
  imageOutputTokens: null,
  videoInputTokens: null,
  videoOutputTokens: null,
  cachedAudioInputTokens: null,
  cachedImageInputTokens: null,
  audioSeconds: null,
}

/**
 * Input tokens of the smallest and of the largest call in a sum of calls: rates may depend on the
 * length of a prompt, and a sum of short prompts is not a long one.
 */
export interface CallSizes {
  readonly least: number
  readonly most: number
}

/**
 * A share of a call's usage that is priced by itself, by its own model: Anthropic's compaction and
 * advisor iterations, a declined attempt, an image made by a tool, a transcription, the calls of a
 * batch.
 */
export interface BilledShare {
  readonly model: string | null
  readonly usage: TokenUsage
  /** What the share has besides its tokens; without it, the first share has what the call has. */
  readonly counts?: Partial<BilledParts>
  /** Where the share is a sum of calls. */
  readonly callSizes?: CallSizes
  /** Speech that is billed by its length; then there are no tokens. */
  readonly audioSeconds?: number
}

/**
 * What the price of a call depends on besides the token buckets of its record. The column `billed`
 * holds it as JSON.
 */
export interface BilledCall extends BilledParts {
  /** Empty where the usage has one price; else its shares, which add up to it. */
  readonly parts: readonly BilledShare[]
  /** Terms that change the rates, as the provider named them (`speed:fast`, `inference_geo:us`). */
  readonly terms: readonly string[]
  /** Where the usage is a sum of several calls; null for one call. */
  readonly callSizes: CallSizes | null
  /** Hosted tools that ran and whose fee the answer does not count (`code_interpreter`). */
  readonly uncountedFees: readonly string[]
  /** Members of the usage that count something Flint does not read, by path. */
  readonly unreadUsage: readonly string[]
  /** Dollars that the provider said it charges for the whole call; left out where it did not. */
  readonly reportedCostUsd?: number
}

export const NOTHING_BILLED: BilledCall = {
  ...NO_PARTS,
  parts: [],
  terms: [],
  callSizes: null,
  uncountedFees: [],
  unreadUsage: [],
}

/** What a call costs; `priceCall` of pricing gives one. */
export interface CallPrice {
  /** Decimal text, up to 12 places; null when the price is unknown. */
  readonly costUsd: string | null
  /** Null when there is nothing to price. */
  readonly costStatus: CostStatus | null
  /**
   * Source, version and hash of the rates, and what was applied to them: equal versions mean equal
   * rates.
   */
  readonly priceVersion: string | null
  /**
   * Why the cost is not exact (`src/pricing/reasons.ts`); null when it is, or when there is nothing
   * to price.
   */
  readonly costReason: string | null
}
