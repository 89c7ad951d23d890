import type { JsonObject } from '../../json/text.ts'
import { chatFormat } from '../../openai/endpoints/chat.ts'
import { openaiUsage } from '../../openai/usage.ts'
import type { ParsedUsage } from '../../usage/parsed-usage.ts'
import { addAll, tokenCount } from '../../usage/token-count.ts'

/** Gemini's path that is compatible with OpenAI's chat completions. */
export const compatibleChat = chatFormat('openai-chat', compatibleUsage)

/**
 * Usage of a compatible answer: `completion_tokens` may leave the thoughts out while `total_tokens`
 * has them (recorded: 35 + 12, total 109). The total is billed.
 */
export function compatibleUsage(object: JsonObject): ParsedUsage {
  const parsed = openaiUsage(object)
  const { inputTokens, outputTokens: completion } = parsed.usage
  const outputTokens = outputOf(inputTokens, completion, tokenCount(object.total_tokens))
  return {
    ...parsed,
    usage: { ...parsed.usage, outputTokens, totalTokens: addAll(inputTokens, outputTokens) },
  }
}

function outputOf(
  input: number | null,
  completion: number | null,
  total: number | null,
): number | null {
  if (input === null || total === null) return completion
  return Math.max(total - input, completion ?? 0)
}
