/**
 * What a call consumed, in tokens. Unknown is null, never 0.
 *
 * `inputTokens` is all billable input (cached and cache writes included), `outputTokens` includes reasoning;
 * the other buckets are parts of these two.
 */
export interface TokenUsage {
  readonly inputTokens: number | null
  readonly outputTokens: number | null
  readonly totalTokens: number | null
  readonly cachedInputTokens: number | null
  readonly cacheWriteTokens: number | null
  readonly cacheWrite5mTokens: number | null
  readonly cacheWrite1hTokens: number | null
  readonly reasoningTokens: number | null
  readonly audioInputTokens: number | null
  readonly audioOutputTokens: number | null
}

export const NO_USAGE: TokenUsage = {
  inputTokens: null,
  outputTokens: null,
  totalTokens: null,
  cachedInputTokens: null,
  cacheWriteTokens: null,
  cacheWrite5mTokens: null,
  cacheWrite1hTokens: null,
  reasoningTokens: null,
  audioInputTokens: null,
  audioOutputTokens: null,
}

/** What is on the bill besides those buckets. */
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

/** Who said the numbers: the provider, a tokenizer of ours, a stream that ended early, or nobody. */
export type UsageSource = 'provider' | 'estimated' | 'partial' | 'none'

/** How far a price can be trusted: exact rates, an estimate, or no price known. */
export type CostStatus = 'exact' | 'estimated' | 'unpriced'
