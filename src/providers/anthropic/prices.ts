import type { Factor, Multiplier, ProviderPrices } from '../provider-prices.ts'

const PRICING = 'https://platform.claude.com/docs/en/about-claude/pricing'
const FAST = 'https://platform.claude.com/docs/en/build-with-claude/fast-mode'

/**
 * - Fast mode: the table of today's models (Opus 5.5, 5, 4.8), and for 4.6 and 4.7 an earlier state
 *   of the page: six times, whatever the length of the prompt. A still earlier one charged prompts
 *   of 4.6 over 200,000 tokens more; that is not in the table. It stacks with the US factor and
 *   with cache rates.
 * - The US factor holds for Claude 4.6 and later; older models refuse the parameter, so no row
 *   names models.
 */
const multipliers: readonly Multiplier[] = [
  row('tier:batch', null, { times: 1n, over: 2n }, PRICING),
  row(
    'speed:fast',
    /^claude-opus-4-[67](-\d{4}-\d{2}-\d{2}|-\d{8})?$/,
    { times: 6n, over: 1n },
    FAST,
  ),
  row(
    'speed:fast',
    /^claude-opus-(4-8|5|5-5)(-\d{4}-\d{2}-\d{2}|-\d{8})?$/,
    { times: 2n, over: 1n },
    PRICING,
  ),
  row('inference_geo:us', null, { times: 11n, over: 10n }, PRICING),
]

export const prices: ProviderPrices = {
  bookId: 'anthropic',
  multipliers,
  sharedRates: [],
  fees: [],
  alwaysSearching: null,
}

function row(term: string, models: RegExp | null, factor: Factor, source: string): Multiplier {
  return { term, models, factor, source, date: '2026-11-24', cachedUnreported: false }
}
