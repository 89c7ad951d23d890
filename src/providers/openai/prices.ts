import type { Factor, Fee, Multiplier, ProviderPrices, SharedRates } from '../provider-prices.ts'

const HALF: Factor = { times: 1n, over: 2n }
const DOUBLE: Factor = { times: 2n, over: 1n }
const FAST = 'https://openai.com/api-fast-mode'
const PRICING = 'https://developers.openai.com/api/docs/pricing'
const FLEX = 'https://developers.openai.com/api/docs/guides/flex-processing'
const BATCH = 'https://developers.openai.com/api/docs/guides/batch'
const IMAGES = 'https://openai.com/api/pricing (How is pricing calculated for images?)'
const MODELS = 'https://developers.openai.com/api/docs/models'
const TOOLS = 'https://developers.openai.com/api/docs/pricing#built-in-tools'

/**
 * - The batch page lists no rate for cached tokens of gpt-4o: a cost with such tokens is estimated.
 * - Priority (fast) is listed per model; models without a row have none listed. The factor is the
 *   listed rate over the standard one.
 */
const multipliers: readonly Multiplier[] = [
  { ...row('tier:batch', model('gpt-4o(-mini)?'), HALF, PRICING), cachedUnreported: true },
  row('tier:batch', null, HALF, BATCH),
  row('tier:flex', null, HALF, FLEX),
  ...['tier:priority', 'tier:fast'].flatMap((term) => [
    row(term, model('gpt-5\\.6-(sol|terra|luna)'), DOUBLE, FAST),
    row(term, model('gpt-5\\.5'), { times: 5n, over: 2n }, FAST),
    row(term, model('gpt-5\\.4(-mini)?'), DOUBLE, FAST),
    row(term, model('gpt-5(\\.2|(\\.1)?(-codex)?)'), DOUBLE, FAST),
    row(term, model('gpt-5-mini'), { times: 9n, over: 5n }, FAST),
    row(term, model('gpt-4\\.1(-mini)?'), { times: 7n, over: 4n }, FAST),
    row(term, model('gpt-4\\.1-nano'), DOUBLE, FAST),
    row(term, /^gpt-4o(-2024-(08-06|11-20))?$/, { times: 17n, over: 10n }, FAST),
    row(term, model('gpt-4o-mini'), { times: 5n, over: 3n }, PRICING),
  ]),
]

/**
 * "Text models price image tokens at standard text token rates, while GPT Image and gpt-realtime
 * uses a separate image token rate." The output of gpt-image-1, -1-mini and -2 has one rate, the
 * image's; that of gpt-4o-mini-tts is sound.
 */
const sharedRates: readonly SharedRates[] = [
  shared(
    /^(ft:)?(gpt-|chatgpt-|o[134](-|$)|codex|computer-use)/,
    /audio|realtime|image|transcribe|tts/,
    ['input_image_mtok', 'cache_image_read_mtok'],
    IMAGES,
  ),
  shared(/^gpt-image-(1|1-mini|2)(-\d{4}-\d{2}-\d{2})?$/, null, ['output_image_mtok'], MODELS),
  shared(/^gpt-4o-mini-tts/, null, ['output_audio_mtok'], MODELS),
]

/**
 * Web search costs the same with every model, file search with every model of the Responses API.
 * With gpt-4o-mini and gpt-4.1-mini the content of a search is billed as 8,000 tokens, and no
 * answer says whether its usage has them.
 */
const fees: readonly Fee[] = [
  fee(/^gpt-4(o|\.1)-mini/, 'web_searches_kcount', null, 'unpriced_fee'),
  fee(/^(gpt-|o[134])/, 'web_searches_kcount', 10, null),
  fee(/^(gpt-|o[134])/, 'storage_searches_kcount', 2.5, null),
]

export const prices: ProviderPrices = {
  bookId: 'openai',
  multipliers,
  sharedRates,
  fees,
  alwaysSearching: /-search-(preview|api)/,
}

/** A model by its name, alone or with a date behind it. */
function model(name: string): RegExp {
  return new RegExp(`^${name}(-\\d{4}-\\d{2}-\\d{2}|-\\d{8})?$`)
}

function row(term: string, models: RegExp | null, factor: Factor, source: string): Multiplier {
  return { term, models, factor, source, date: '2026-11-24', cachedUnreported: false }
}

function shared(
  models: RegExp,
  except: RegExp | null,
  keys: readonly string[],
  source: string,
): SharedRates {
  return { models, except, keys, source, date: '2026-11-29' }
}

function fee(models: RegExp, key: string, usdPerThousand: number | null, doubt: Fee['doubt']): Fee {
  return { models, key, usdPerThousand, doubt, source: TOOLS, date: '2026-11-29' }
}
