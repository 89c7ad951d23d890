import type { Provider } from '../evidence/evidence.ts'

/** What a term makes of a model's token rates, and who says so. */
interface Multiplier {
  readonly provider: Provider
  /** `tier:<service tier>`, `speed:<speed>` or `inference_geo:<geo>`, as the provider's answer names it. */
  readonly term: string
  /** Null for every model of the provider. */
  readonly models: RegExp | null
  readonly factor: Factor
  readonly source: string
  /** When the source was read. */
  readonly date: string
  /** The source does not say whether cached tokens change as well. */
  readonly cachedUntold: boolean
}

/** A factor as a fraction, so that money stays whole. */
export interface Factor {
  readonly times: bigint
  readonly over: bigint
}

const HALF: Factor = { times: 1n, over: 2n }
const DOUBLE: Factor = { times: 2n, over: 1n }
const FAST_OPENAI = 'https://openai.com/api-fast-mode'
const PRICING_OPENAI = 'https://developers.openai.com/api/docs/pricing'
const FLEX_OPENAI = 'https://developers.openai.com/api/docs/guides/flex-processing'
const BATCH_OPENAI = 'https://developers.openai.com/api/docs/guides/batch'
const PRICING_ANTHROPIC = 'https://platform.claude.com/docs/en/about-claude/pricing'
const FAST_ANTHROPIC = 'https://platform.claude.com/docs/en/build-with-claude/fast-mode'
const TIERS_GEMINI = 'https://ai.google.dev/gemini-api/docs/optimization'
const BOOK_GEMINI = 'price_comments of genai-prices@0.1.8'

/** A model by its name, alone or with a date behind it. */
const model = (name: string) => new RegExp(`^${name}(-\\d{4}-\\d{2}-\\d{2}|-\\d{8})?$`)

/**
 * Terms that the price book has no rates for. Long context is in the book itself. A term without a row leaves the cost
 * estimated: at the usual rates, with the reason told. Only tokens are multiplied, not fees of tools.
 *
 * - OpenAI's batch page lists no rate for cached tokens of gpt-4o: a cost with such tokens is estimated.
 * - OpenAI lists priority (fast) per model; models without a row have none listed. Its factor is the listed rate over the standard one.
 * - Anthropic's fast mode: the table of today's models (Opus 5.5, 5, 4.8), and for 4.6 and 4.7 an earlier state of the page: six times,
 *   whatever the length of the prompt. A still earlier one charged prompts of 4.6 over 200,000 tokens more; that is not in the table. It
 *   stacks with the US factor and with cache rates.
 * - Anthropic's US factor holds for Claude 4.6 and later; older models refuse the parameter, so no row names models.
 * - Gemini says "75 % to 100 % more" of priority; which of the two is known only where the book's comment tells it. What its tiers make of
 *   cached tokens no source tells: a cost with such tokens is estimated.
 */
const MULTIPLIERS: readonly Multiplier[] = [
  { ...row('openai', 'tier:batch', model('gpt-4o(-mini)?'), HALF, PRICING_OPENAI, '2026-11-24'), cachedUntold: true },
  row('openai', 'tier:batch', null, HALF, BATCH_OPENAI, '2026-11-24'),
  row('openai', 'tier:flex', null, HALF, FLEX_OPENAI, '2026-11-24'),
  ...['tier:priority', 'tier:fast'].flatMap((term) => [
    row('openai', term, model('gpt-5\\.6-(sol|terra|luna)'), DOUBLE, FAST_OPENAI, '2026-11-24'),
    row('openai', term, model('gpt-5\\.5'), { times: 5n, over: 2n }, FAST_OPENAI, '2026-11-24'),
    row('openai', term, model('gpt-5\\.4(-mini)?'), DOUBLE, FAST_OPENAI, '2026-11-24'),
    row('openai', term, model('gpt-5(\\.2|(\\.1)?(-codex)?)'), DOUBLE, FAST_OPENAI, '2026-11-24'),
    row('openai', term, model('gpt-5-mini'), { times: 9n, over: 5n }, FAST_OPENAI, '2026-11-24'),
    row('openai', term, model('gpt-4\\.1(-mini)?'), { times: 7n, over: 4n }, FAST_OPENAI, '2026-11-24'),
    row('openai', term, model('gpt-4\\.1-nano'), DOUBLE, FAST_OPENAI, '2026-11-24'),
    row('openai', term, /^gpt-4o(-2024-(08-06|11-20))?$/, { times: 17n, over: 10n }, FAST_OPENAI, '2026-11-24'),
    row('openai', term, model('gpt-4o-mini'), { times: 5n, over: 3n }, PRICING_OPENAI, '2026-11-24'),
  ]),
  row('anthropic', 'tier:batch', null, HALF, PRICING_ANTHROPIC, '2026-11-24'),
  row('anthropic', 'speed:fast', model('claude-opus-4-[67]'), { times: 6n, over: 1n }, FAST_ANTHROPIC, '2026-11-24'),
  row('anthropic', 'speed:fast', model('claude-opus-(4-8|5|5-5)'), DOUBLE, PRICING_ANTHROPIC, '2026-11-24'),
  row('anthropic', 'inference_geo:us', null, { times: 11n, over: 10n }, PRICING_ANTHROPIC, '2026-11-24'),
  { ...row('gemini', 'tier:batch', null, HALF, TIERS_GEMINI, '2026-11-24'), cachedUntold: true },
  { ...row('gemini', 'tier:flex', null, HALF, TIERS_GEMINI, '2026-11-24'), cachedUntold: true },
  {
    ...row('gemini', 'tier:priority', model('gemini-3\\.[78]-flash'), { times: 9n, over: 5n }, BOOK_GEMINI, '2026-09-23'),
    cachedUntold: true,
  },
]

/** What the term does to the rates of a model; null where nobody told. */
export function multiplierOf(provider: Provider, model: string, term: string): Pick<Multiplier, 'factor' | 'cachedUntold'> | null {
  return (
    MULTIPLIERS.find((row) => row.provider === provider && row.term === term && (row.models === null || row.models.test(model))) ?? null
  )
}

/** How a price version names what was applied: `tier:flex=1/2`. */
export function factorText(term: string, { times, over }: Factor): string {
  return over === 1n ? `${term}=${times}` : `${term}=${times}/${over}`
}

function row(provider: Provider, term: string, models: RegExp | null, factor: Factor, source: string, date: string): Multiplier {
  return { provider, term, models, factor, source, date, cachedUntold: false }
}
