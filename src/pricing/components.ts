import type { BilledParts, TokenUsage } from '../evidence/usage.ts'
import { priceAt, type Rate } from './rate.ts'
import type { UnpricedReason } from './reasons.ts'

interface Component {
  /** Its key in the price book. */
  readonly key: string
  /** Components it is a part of, and so is taken out of where both have a price. */
  readonly within: readonly string[]
  /** A fee that no tier changes. */
  readonly fee?: true
  readonly count: (usage: TokenUsage, parts: BilledParts) => number | null
}

/** What a call is billed by, parts before what they are parts of: each token is priced once, by the most special rate. */
const COMPONENTS: readonly Component[] = [
  {
    key: 'cache_audio_read_mtok',
    within: ['cache_read_mtok', 'input_audio_mtok', 'input_mtok'],
    count: (_, parts) => parts.cachedAudioInputTokens,
  },
  {
    key: 'cache_image_read_mtok',
    within: ['cache_read_mtok', 'input_image_mtok', 'input_mtok'],
    count: (_, parts) => parts.cachedImageInputTokens,
  },
  { key: 'cache_write_5m_mtok', within: ['cache_write_mtok', 'input_mtok'], count: (usage) => usage.cacheWrite5mTokens },
  { key: 'cache_write_1h_mtok', within: ['cache_write_mtok', 'input_mtok'], count: (usage) => usage.cacheWrite1hTokens },
  { key: 'cache_write_mtok', within: ['input_mtok'], count: (usage) => usage.cacheWriteTokens },
  { key: 'cache_read_mtok', within: ['input_mtok'], count: (usage) => usage.cachedInputTokens },
  { key: 'input_audio_mtok', within: ['input_mtok'], count: (usage) => usage.audioInputTokens },
  { key: 'input_image_mtok', within: ['input_mtok'], count: (_, parts) => parts.imageInputTokens },
  { key: 'input_video_mtok', within: ['input_mtok'], count: (_, parts) => parts.videoInputTokens },
  { key: 'input_mtok', within: [], count: (usage) => usage.inputTokens },
  { key: 'output_audio_mtok', within: ['output_mtok'], count: (usage) => usage.audioOutputTokens },
  { key: 'output_image_mtok', within: ['output_mtok'], count: (_, parts) => parts.imageOutputTokens },
  { key: 'output_video_mtok', within: ['output_mtok'], count: (_, parts) => parts.videoOutputTokens },
  { key: 'output_mtok', within: [], count: (usage) => usage.outputTokens },
  { key: 'web_searches_kcount', within: [], fee: true, count: (_, parts) => parts.webSearches },
]
/** Tool fees that no answer tells the number of: not part of the cost. */
const UNTOLD = ['storage_searches_kcount', 'social_searches_kcount']
/** The same rate under two names: of speech by the hour. */
const HOURS = ['input_audio_hours', 'audio_hours']
const MS_PER_SECOND = 1_000
const KNOWN_KEYS = [...COMPONENTS.map(({ key }) => key), ...UNTOLD, ...HOURS]
/** Parts that have two special rates at once: how many they are must be told where both sides are there. */
const OVERLAPS: readonly (readonly [key: string, one: string, other: string])[] = [
  ['cache_audio_read_mtok', 'cache_read_mtok', 'input_audio_mtok'],
  ['cache_image_read_mtok', 'cache_read_mtok', 'input_image_mtok'],
]

export interface ComponentsCost {
  /** Of the tokens; what tiers multiply. */
  readonly tokens: bigint
  readonly fees: bigint
  /** Every unit was priced by a rate that is surely its own. */
  readonly exact: boolean
}

/** The cost of a usage at the rates of a row, or why it cannot be told. */
export function componentsCost(rates: ReadonlyMap<string, Rate>, usage: TokenUsage, parts: BilledParts): ComponentsCost | UnpricedReason {
  const { inputTokens, outputTokens } = usage
  if (inputTokens === null && outputTokens === null && parts.audioSeconds !== null) return secondsCost(rates, parts.audioSeconds)
  if (inputTokens === null) return 'unknown_input'
  if (!rates.has('input_mtok')) return 'unknown_bucket'
  // Embeddings have no output and no rate for it; elsewhere output that is unknown leaves the cost unknown.
  if (!rates.has('output_mtok') && (outputTokens ?? 0) > 0) return 'unknown_bucket'
  if (rates.has('output_mtok') && outputTokens === null) return 'unknown_output'

  const counts = new Map<string, number>()
  const remainders = new Map<string, number>()
  for (const { key, count } of COMPONENTS) {
    if (!rates.has(key)) continue
    counts.set(key, count(usage, parts) ?? 0)
    remainders.set(key, counts.get(key) ?? 0)
  }
  let tokens = 0n
  let fees = 0n
  for (const { key, within, fee } of COMPONENTS) {
    const rate = rates.get(key)
    const units = remainders.get(key)
    if (rate === undefined || units === undefined || units === 0) continue
    // Parts that exceed their whole: the numbers contradict each other.
    if (units < 0) return 'contradicting_usage'
    for (const whole of within) {
      const left = remainders.get(whole)
      if (left !== undefined) remainders.set(whole, left - units)
    }
    const price = priceAt(rate, inputTokens) * BigInt(units)
    if (fee) fees += price
    else tokens += price
  }
  const isUntold = OVERLAPS.some(
    ([key, one, other]) => counts.get(key) === 0 && (counts.get(one) ?? 0) > 0 && (counts.get(other) ?? 0) > 0 && untold(key, parts),
  )
  return { tokens, fees, exact: !isUntold && [...rates.keys()].every((key) => KNOWN_KEYS.includes(key)) }
}

/** Seconds come with fractions: milliseconds keep the arithmetic whole. */
function secondsCost(rates: ReadonlyMap<string, Rate>, seconds: number): ComponentsCost | UnpricedReason {
  const rate = rates.get('input_audio_hours') ?? rates.get('audio_hours')
  if (rate === undefined) return 'unknown_bucket'
  return { tokens: (rate.base * BigInt(Math.round(seconds * MS_PER_SECOND))) / BigInt(MS_PER_SECOND), fees: 0n, exact: true }
}

function untold(key: string, parts: BilledParts): boolean {
  return (key === 'cache_audio_read_mtok' ? parts.cachedAudioInputTokens : parts.cachedImageInputTokens) === null
}
