import type { Provider } from '../evidence/evidence.ts'
import { type Rate, rateOf } from './rate.ts'

/** What a use of a hosted tool costs beside the tokens, where the price book does not say it, or not all of it. */
interface Fee {
  readonly provider: Provider
  readonly models: RegExp
  /** As a component of a call names it. */
  readonly key: string
  /** Dollars per thousand; null where the book's rate holds. */
  readonly usdPerThousand: number | null
  /** Why the fee is not sure though it is counted; null where it is. */
  readonly doubt: 'fee_allowance' | 'unpriced_fee' | null
  readonly source: string
  /** When the source was read. */
  readonly date: string
}

const PRICING_OPENAI = 'https://developers.openai.com/api/docs/pricing#built-in-tools'
const PRICING_GEMINI = 'https://ai.google.dev/gemini-api/docs/pricing'
const DATE = '2026-11-29'

/**
 * - OpenAI: web search costs the same with every model, file search with every model of the Responses API. With gpt-4o-mini
 *   and gpt-4.1-mini the content of a search is billed as 8,000 tokens, and no answer says whether its usage has them.
 * - Gemini 3 is billed by the search query, earlier models by the grounded prompt; both only beyond a free allowance of the
 *   whole project, of which no answer tells how much is left.
 */
const FEES: readonly Fee[] = [
  fee('openai', /^gpt-4(o|\.1)-mini/, 'web_searches_kcount', null, 'unpriced_fee', PRICING_OPENAI),
  fee('openai', /^(gpt-|o[134])/, 'web_searches_kcount', 10, null, PRICING_OPENAI),
  fee('openai', /^(gpt-|o[134])/, 'storage_searches_kcount', 2.5, null, PRICING_OPENAI),
  fee('gemini', /^gemini-3/, 'web_searches_kcount', 14, 'fee_allowance', PRICING_GEMINI),
  fee('gemini', /^gemini-(1|2)/, 'grounded_prompts_kcount', 35, 'fee_allowance', PRICING_GEMINI),
]
/** Models that search with every call, and tell it nowhere. */
const ALWAYS_SEARCHING = /-search-(preview|api)/

/** Rates with those of the fees that the book lacks, and what of them was added (`web_searches_kcount=14`). */
export function withFees(provider: Provider, model: string, rates: ReadonlyMap<string, Rate>, used: readonly string[]) {
  if (used.length === 0) return { rates, names: [] }
  const added = FEES.flatMap(({ key, usdPerThousand, ...of }) =>
    of.provider === provider && of.models.test(model) && used.includes(key) && !rates.has(key) && usdPerThousand !== null
      ? [{ key, usdPerThousand }]
      : [],
  )
  if (added.length === 0) return { rates, names: [] }
  return {
    rates: new Map([...rates, ...added.map(({ key, usdPerThousand }) => [key, rateOf(key, usdPerThousand)] as const)]),
    names: added.map(({ key, usdPerThousand }) => `${key}=${usdPerThousand}`),
  }
}

/** Why a fee of a call is not sure; null where all that were used are. */
export function feeDoubt(provider: Provider, model: string, used: readonly string[]): Fee['doubt'] {
  if (provider === 'openai' && ALWAYS_SEARCHING.test(model)) return 'unpriced_fee'
  const doubtful = FEES.find((of) => of.provider === provider && of.doubt !== null && used.includes(of.key) && of.models.test(model))
  return doubtful?.doubt ?? null
}

function fee(provider: Provider, models: RegExp, key: string, usdPerThousand: number | null, doubt: Fee['doubt'], source: string): Fee {
  return { provider, models, key, usdPerThousand, doubt, source, date: DATE }
}
