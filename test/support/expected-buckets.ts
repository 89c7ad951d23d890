/** The token buckets of a record, and their names in expected.jsonl. */
export const EXPECTED_BUCKETS = {
  inputTokens: 'input_tokens_total',
  outputTokens: 'output_tokens_total',
  totalTokens: 'total_tokens',
  cachedInputTokens: 'cached_input_tokens',
  cacheWriteTokens: 'cache_write_tokens',
  cacheWrite5mTokens: 'cache_write_5m_tokens',
  cacheWrite1hTokens: 'cache_write_1h_tokens',
  reasoningTokens: 'reasoning_tokens',
  audioInputTokens: 'audio_input_tokens',
  audioOutputTokens: 'audio_output_tokens',
} as const
