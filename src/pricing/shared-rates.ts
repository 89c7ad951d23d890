import type { Provider } from '../evidence/evidence.ts'

/** Kinds of tokens that a model bills at the rate of the whole they are part of, and who says so. */
interface SharedRates {
  readonly provider: Provider
  readonly models: RegExp
  /** Keys that the price book has no rate for, because the rate of the whole is theirs as well. */
  readonly keys: readonly string[]
  readonly source: string
  /** When the source was read. */
  readonly date: string
}

const IMAGE_INPUT = ['input_image_mtok', 'cache_image_read_mtok']
const AUDIO_INPUT = ['input_audio_mtok', 'cache_audio_read_mtok']
const VIDEO_INPUT = ['input_video_mtok']
const PRICING_OPENAI = 'https://openai.com/api/pricing (How is pricing calculated for images?)'
const MODELS_OPENAI = 'https://developers.openai.com/api/docs/models'
const PRICING_GEMINI = 'https://ai.google.dev/gemini-api/docs/pricing'
const DATE = '2026-11-29'

/**
 * - OpenAI: "Text models price image tokens at standard text token rates, while GPT Image and gpt-realtime uses a separate
 *   image token rate." The output of gpt-image-1, -1-mini and -2 has one rate, the image's; that of gpt-4o-mini-tts is sound.
 * - Gemini lists one input price for "text / image / video" wherever it lists sound apart, and one for everything elsewhere;
 *   models of live sessions and embeddings have prices by modality. The output of its speech models is sound.
 */
const SHARED: readonly SharedRates[] = [
  row(
    'openai',
    /^(?!.*(audio|realtime|image|transcribe|tts))(ft:)?(gpt-|chatgpt-|o[134](-|$)|codex|computer-use)/,
    IMAGE_INPUT,
    PRICING_OPENAI,
  ),
  row('openai', /^gpt-image-(1|1-mini|2)(-\d{4}-\d{2}-\d{2})?$/, ['output_image_mtok'], MODELS_OPENAI),
  row('openai', /^gpt-4o-mini-tts/, ['output_audio_mtok'], MODELS_OPENAI),
  row('gemini', /^gemini-(?!.*(live|native-audio|embedding|omni|tts))/, [...IMAGE_INPUT, ...VIDEO_INPUT], PRICING_GEMINI),
  row('gemini', /^gemini-(1\.5-|2\.5-pro|3(\.1)?-pro-(?!image)|3\.[5678]-flash)(?!.*tts)/, AUDIO_INPUT, PRICING_GEMINI),
  row('gemini', /^gemini-.*-tts(-|$)/, ['output_audio_mtok'], PRICING_GEMINI),
]

/** Whether the rate of the whole is surely the rate of this part as well, where the part has none of its own. */
export function isSharedRate(provider: Provider, model: string, key: string): boolean {
  return SHARED.some((shared) => shared.provider === provider && shared.keys.includes(key) && shared.models.test(model))
}

function row(provider: Provider, models: RegExp, keys: readonly string[], source: string): SharedRates {
  return { provider, models, keys, source, date: DATE }
}
