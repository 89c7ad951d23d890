import type { ExchangeFacts } from '../reading/exchange-facts.ts'
import { addAll } from '../usage/token-count.ts'
import type { ExchangeCounts } from './count-exchange.ts'

/** The facts of a call with what was counted where the provider reported nothing. */
export function countedFacts(facts: ExchangeFacts, counts: ExchangeCounts | null): ExchangeFacts {
  const { uncounted, usage } = facts
  if (uncounted === null || counts === null) return facts
  const inputTokens = usage.inputTokens ?? counts.inputTokens
  const { outputTokens } = counts
  return {
    ...facts,
    usage: { ...usage, inputTokens, outputTokens, totalTokens: addAll(inputTokens, outputTokens) },
    usageSource: uncounted.isWhole ? 'estimated' : 'partial',
  }
}
