import { prices as gemini } from '../gemini/prices.ts'
import type { Factor, Multiplier, ProviderPrices } from '../provider-prices.ts'

const CLAUDE = 'https://platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai'
const FLEX = 'https://docs.cloud.google.com/vertex-ai/generative-ai/docs/flex-paygo'

/** A region or several (`us-east5`, `eu`), and not the global endpoint. */
export const REGIONAL_TERM = 'location:regional'
/** A websocket: its location is in the host's name, which the operator configured. */
export const UNREPORTED_TERM = 'location:unreported'

/**
 * - Claude 4.5 and later models cost 10 % more at regional and multi-region endpoints; earlier ones
 *   cost the same everywhere. Whether the cache's rates change as well the page does not say.
 * - Of Gemini no source at hand says what a region costs: at a regional endpoint a cost is
 *   estimated.
 * - "Flex PayGo offers a 50 % discount compared to Standard PayGo." Priority is only said to be
 *   higher.
 */
const multipliers: readonly Multiplier[] = [
  row(
    REGIONAL_TERM,
    /^claude-(3-|(opus|sonnet)-4([@-]\d{8}|-1\b|$))/,
    { times: 1n, over: 1n },
    CLAUDE,
  ),
  { ...row(REGIONAL_TERM, /^claude-/, { times: 11n, over: 10n }, CLAUDE), cachedUnreported: true },
  {
    ...row('trafficType:ON_DEMAND_FLEX', /^gemini-/, { times: 1n, over: 2n }, FLEX),
    cachedUnreported: true,
  },
]

/**
 * The book's `google` has the rates of Gemini and those of Claude at Vertex AI's global endpoint;
 * where it has none of Claude, it takes Anthropic's.
 */
export const prices: ProviderPrices = {
  ...gemini,
  multipliers,
}

function row(term: string, models: RegExp, factor: Factor, source: string): Multiplier {
  return { term, models, factor, source, date: '2026-11-30', cachedUnreported: false }
}
