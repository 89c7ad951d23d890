import { asObject, type JsonObject } from '../json/text.ts'
import { openaiUsage } from '../openai/usage.ts'
import type { ParsedUsage } from '../usage/parsed-usage.ts'
import { addAll, amount, tokenCount } from '../usage/token-count.ts'

/**
 * Cached tokens under the names of other hosts, part of the prompt's tokens: DeepSeek's
 * `prompt_cache_hit_tokens` (https://api-docs.deepseek.com/guides/kv_cache), Moonshot's
 * `cached_tokens`, Mistral's `num_cached_tokens`.
 */
const CACHED = ['prompt_cache_hit_tokens', 'cached_tokens', 'num_cached_tokens'] as const

/** What is no count of anything billed: times (Groq), the rest of a sum, what was paid. */
const NO_COUNTS: readonly string[] = [
  'prompt_cache_miss_tokens',
  ...['queue_time', 'prompt_time', 'completion_time', 'total_time'],
  ...['cost', 'cost_details', 'cost_in_usd_ticks', 'is_byok'],
]

/** A usage object of OpenAI's chat with what compatible hosts add to it. */
export function compatibleUsage(usage: JsonObject): ParsedUsage {
  const reading = openaiUsage(without(usage, [...CACHED, ...NO_COUNTS]))
  const cached = CACHED.map((name) => tokenCount(usage[name])).find((count) => count !== null)
  const { inputTokens, outputTokens, reasoningTokens, cachedInputTokens } = reading.usage
  const output = withReasoning(usage, inputTokens, outputTokens, reasoningTokens)
  const costUsd = chargedUsd(usage)
  return {
    ...reading,
    usage: {
      ...reading.usage,
      outputTokens: output,
      totalTokens: addAll(inputTokens, output),
      cachedInputTokens: cachedInputTokens ?? cached ?? null,
    },
    billed: {
      ...reading.billed,
      ...(costUsd === null ? {} : { reportedCostUsd: costUsd }),
      // With a key of the customer's own at another provider two of them charge, and the answer's
      // cost is the host's share alone.
      ...(usage.is_byok === true ? { terms: [...reading.billed.terms, 'byok'] } : {}),
    },
  }
}

function without(usage: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(usage).filter(([name]) => !names.includes(name)))
}

/**
 * xAI's completion tokens do not have the reasoning, which is output as well; the total shows it
 * (https://docs.x.ai/docs/guides/reasoning).
 */
function withReasoning(
  usage: JsonObject,
  input: number | null,
  output: number | null,
  reasoning: number | null,
): number | null {
  const total = tokenCount(usage.total_tokens)
  if (total === null || input === null || output === null || !reasoning) return output
  return total === input + output + reasoning ? output + reasoning : output
}

/**
 * `cost` of OpenRouter, in credits of one dollar each
 * (https://openrouter.ai/docs/use-cases/usage-accounting); of Perplexity an object with the sum
 * (https://docs.perplexity.ai/api-reference/chat-completions-post).
 */
function chargedUsd(usage: JsonObject): number | null {
  if (usage.is_byok === true) return null
  return amount(usage.cost) ?? amount(asObject(usage.cost)?.total_cost)
}
