import type { Factor, Fee, Multiplier, ProviderPrices, SharedRates } from '../provider-prices.ts'

const HALF: Factor = { times: 1n, over: 2n }
const TIERS = 'https://ai.google.dev/gemini-api/docs/optimization'
const BOOK = 'price_comments of genai-prices@0.1.8'
const PRICING = 'https://ai.google.dev/gemini-api/docs/pricing'

/**
 * Google says "75 % to 100 % more" of priority; which of the two is known only where the book's
 * comment gives it. What the tiers make of cached tokens no source says: a cost with such tokens is
 * estimated.
 */
const multipliers: readonly Multiplier[] = [
  row('tier:batch', null, HALF, TIERS, '2026-11-24'),
  row('tier:flex', null, HALF, TIERS, '2026-11-24'),
  row(
    'tier:priority',
    /^gemini-3\.[78]-flash(-\d{4}-\d{2}-\d{2}|-\d{8})?$/,
    { times: 9n, over: 5n },
    BOOK,
    '2026-09-23',
  ),
]

/**
 * One input price for "text / image / video" wherever sound is listed apart, and one for everything
 * elsewhere; models of live sessions and embeddings have prices by modality. The output of the
 * speech models is sound.
 */
const sharedRates: readonly SharedRates[] = [
  shared(/^gemini-/, /live|native-audio|embedding|omni|tts/, [
    'input_image_mtok',
    'cache_image_read_mtok',
    'input_video_mtok',
  ]),
  shared(/^gemini-(1\.5-|2\.5-pro|3(\.1)?-pro-|3\.[5678]-flash)/, /^gemini-3(\.1)?-pro-image|tts/, [
    'input_audio_mtok',
    'cache_audio_read_mtok',
  ]),
  shared(/^gemini-.*-tts(-|$)/, null, ['output_audio_mtok']),
]

/**
 * Gemini 3 is billed by the search query, earlier models by the grounded prompt; both only beyond a
 * free allowance of the whole project, of which no answer says how much is left.
 */
const fees: readonly Fee[] = [
  fee(/^gemini-3/, 'web_searches_kcount', 14),
  fee(/^gemini-(1|2)/, 'grounded_prompts_kcount', 35),
]

export const prices: ProviderPrices = {
  bookId: 'google',
  multipliers,
  sharedRates,
  fees,
  alwaysSearching: null,
}

function row(
  term: string,
  models: RegExp | null,
  factor: Factor,
  source: string,
  date: string,
): Multiplier {
  return { term, models, factor, source, date, cachedUnreported: true }
}

function shared(models: RegExp, except: RegExp | null, keys: readonly string[]): SharedRates {
  return { models, except, keys, source: PRICING, date: '2026-11-29' }
}

function fee(models: RegExp, key: string, usdPerThousand: number): Fee {
  return {
    models,
    key,
    usdPerThousand,
    doubt: 'fee_allowance',
    source: PRICING,
    date: '2026-11-29',
  }
}
