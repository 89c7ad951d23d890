/**
 * What a call consumed, in tokens. Unknown is null, never 0.
 *
 * `inputTokens` is all billable input (cached and cache writes included), `outputTokens` includes
 * reasoning; the other buckets are parts of these two.
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

/**
 * Where the numbers are from: the provider, our tokenizer, a stream that ended early, or nowhere.
 */
export type UsageSource = 'provider' | 'estimated' | 'partial' | 'none'

/** How far a price can be trusted: exact rates, an estimate, or no price known. */
export type CostStatus = 'exact' | 'estimated' | 'unpriced'
