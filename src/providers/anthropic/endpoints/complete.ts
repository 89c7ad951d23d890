import { openaiUsage } from '../../openai/usage.ts'
import { lastUsageFormat } from '../../usage/last-usage.ts'

/** Anthropic's legacy completions. */
export const anthropicComplete = lastUsageFormat({
  name: 'anthropic-complete',
  finish: 'stop_reason',
  read: openaiUsage,
})
