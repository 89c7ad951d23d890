import type { BilledParts, CallSizes } from '../evidence/bill.ts'
import { NO_USAGE, type TokenUsage } from '../evidence/usage.ts'
import type { ProviderPrices } from '../providers/provider-prices.ts'
import type { ShareBasis } from './certainty.ts'
import { priceAt, type Rate } from './rate.ts'
import type { UnpricedReason } from './reasons.ts'
import { isSharedRate } from './shared-rates.ts'

interface Component {
  /** Its key in the price book. */
  readonly key: string
  /** Components it is a part of, and so is taken out of where both have a price. */
  readonly within: readonly string[]
  /** A fee that no tier changes. */
  readonly fee?: true
  readonly count: (usage: TokenUsage, parts: BilledParts) => number | null
}

/**
 * What a call is billed by, parts before what they are parts of: each token is priced once, by the
 * most special rate.
 */
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
  {
    key: 'cache_write_5m_mtok',
    within: ['cache_write_mtok', 'input_mtok'],
    count: (usage) => usage.cacheWrite5mTokens,
  },
  {
    key: 'cache_write_1h_mtok',
    within: ['cache_write_mtok', 'input_mtok'],
    count: (usage) => usage.cacheWrite1hTokens,
  },
  { key: 'cache_write_mtok', within: ['input_mtok'], count: (usage) => usage.cacheWriteTokens },
  { key: 'cache_read_mtok', within: ['input_mtok'], count: (usage) => usage.cachedInputTokens },
  { key: 'input_audio_mtok', within: ['input_mtok'], count: (usage) => usage.audioInputTokens },
  { key: 'input_image_mtok', within: ['input_mtok'], count: (_, parts) => parts.imageInputTokens },
  { key: 'input_video_mtok', within: ['input_mtok'], count: (_, parts) => parts.videoInputTokens },
  { key: 'input_mtok', within: [], count: (usage) => usage.inputTokens },
  { key: 'output_audio_mtok', within: ['output_mtok'], count: (usage) => usage.audioOutputTokens },
  {
    key: 'output_image_mtok',
    within: ['output_mtok'],
    count: (_, parts) => parts.imageOutputTokens,
  },
  {
    key: 'output_video_mtok',
    within: ['output_mtok'],
    count: (_, parts) => parts.videoOutputTokens,
  },
  { key: 'output_mtok', within: [], count: (usage) => usage.outputTokens },
  { key: 'web_searches_kcount', within: [], fee: true, count: (_, parts) => parts.webSearches },
  {
    key: 'grounded_prompts_kcount',
    within: [],
    fee: true,
    count: (_, parts) => parts.groundedPrompts,
  },
  {
    key: 'storage_searches_kcount',
    within: [],
    fee: true,
    count: (_, parts) => parts.fileSearches,
  },
]
/** Fees of tools that none of these providers has. */
const FEES_OF_OTHERS = ['social_searches_kcount']
/** The same rate under two names: of speech by the hour. */
const HOURS = ['input_audio_hours', 'audio_hours']
const MS_PER_SECOND = 1_000
const KNOWN_KEYS = [...COMPONENTS.map(({ key }) => key), ...FEES_OF_OTHERS, ...HOURS]
/**
 * Parts that have two special rates at once: how many they are must be reported where both sides
 * are there.
 */
const OVERLAPS: readonly (readonly [key: string, one: string, other: string])[] = [
  ['cache_audio_read_mtok', 'cache_read_mtok', 'input_audio_mtok'],
  ['cache_image_read_mtok', 'cache_read_mtok', 'input_image_mtok'],
]

/** The rate of a write that is kept for five minutes goes by the name of all writes. */
const SAME_RATE: Readonly<Record<string, string>> = { cache_write_5m_mtok: 'cache_write_mtok' }
/**
 * Fees of which a model is billed one: by its searches, or by the prompts that were grounded in
 * them.
 */
const EITHER_FEE = ['web_searches_kcount', 'grounded_prompts_kcount']

/**
 * Kinds of output, and of input, that a model may have special rates for. Not sound as input:
 * compatible paths never split it.
 */
const OUTPUT_KINDS = ['output_audio_mtok', 'output_image_mtok', 'output_video_mtok']
const INPUT_KINDS = ['input_image_mtok', 'input_video_mtok']

export interface ComponentsOptions {
  readonly prices: ProviderPrices
  readonly model: string
  readonly rates: ReadonlyMap<string, Rate>
  readonly usage: TokenUsage
  readonly parts: BilledParts
  /** Where the usage is a sum of several calls. */
  readonly callSizes: CallSizes | null
}

/** Units that were priced at one rate. */
interface PricedUnits {
  /** Key of the rate in the price book. */
  readonly key: string
  readonly units: number
  /** Attodollars per unit. */
  readonly price: bigint
  /** A fee that no tier changes. */
  readonly isFee: boolean
}

export interface ComponentsCost {
  /** Of the tokens; what tiers multiply. */
  readonly tokens: bigint
  readonly fees: bigint
  /** What both are the sum of; empty for speech that is billed by its length. */
  readonly priced: readonly PricedUnits[]
  /** What is not sure of it. */
  readonly basis: Pick<
    ShareBasis,
    'kindsWithoutRate' | 'kindsNotSplit' | 'ratesWithoutCount' | 'isLengthUnknown'
  >
  /** Fees that were counted and have no rate. */
  readonly feesWithoutRate: readonly string[]
}

/** Keys of the fees that a call was counted for. */
export function usedFees(parts: BilledParts): readonly string[] {
  return COMPONENTS.flatMap(({ key, fee, count }) =>
    fee && (count(NO_USAGE, parts) ?? 0) > 0 ? [key] : [],
  )
}

/** The cost of a usage at the rates of a row, or why it is not known. */
export function componentsCost(options: ComponentsOptions): ComponentsCost | UnpricedReason {
  const { rates, usage, parts, callSizes } = options
  const { inputTokens, outputTokens } = usage
  if (inputTokens === null && outputTokens === null && parts.audioSeconds !== null)
    return secondsCost(rates, parts.audioSeconds)
  if (inputTokens === null) return 'unknown_input'
  if (!rates.has('input_mtok')) return 'unknown_bucket'
  // Embeddings have no output and no rate for it; elsewhere output that is unknown leaves the cost
  // unknown.
  if (!rates.has('output_mtok') && (outputTokens ?? 0) > 0) return 'unknown_bucket'
  if (rates.has('output_mtok') && outputTokens === null) return 'unknown_output'

  const remainders = new Map<string, number>()
  for (const { key, count } of COMPONENTS)
    if (rates.has(key)) remainders.set(key, count(usage, parts) ?? 0)
  const { least, most } = callSizes ?? { least: inputTokens, most: inputTokens }
  let isLengthUnknown = false
  let tokens = 0n
  let fees = 0n
  const priced: PricedUnits[] = []
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
    // Calls of a sum are short ones unless all of them were long.
    const price = priceAt(rate, least)
    isLengthUnknown ||= price !== priceAt(rate, most)
    priced.push({ key, units, price, isFee: fee === true })
    if (fee) fees += price * BigInt(units)
    else tokens += price * BigInt(units)
  }
  const basis = {
    ...kindsOf(options),
    ratesWithoutCount: [...rates.keys()].filter((key) => !KNOWN_KEYS.includes(key)),
    isLengthUnknown,
  }
  return { tokens, fees, priced, basis, feesWithoutRate: feesWithoutRate(rates, parts) }
}

/**
 * Which kinds of tokens were counted without a rate of their own, and which have two rates and no
 * count.
 */
function kindsOf({
  prices,
  model,
  rates,
  usage,
  parts,
}: ComponentsOptions): Pick<ShareBasis, 'kindsWithoutRate' | 'kindsNotSplit'> {
  const counted = (key: string) =>
    COMPONENTS.find((component) => component.key === key)?.count(usage, parts) ?? null
  const hasRate = (key: string) =>
    rates.has(SAME_RATE[key] ?? key) || rates.has(key) || isSharedRate(prices, model, key)
  /** Tokens of a model with special rates, none of whose kinds was counted. */
  const isUnsplit = (whole: string, special: readonly string[], reported: readonly string[]) =>
    (counted(whole) ?? 0) > 0 &&
    special.some((key) => rates.has(key)) &&
    reported.every((key) => counted(key) === null)
  const kinds = COMPONENTS.filter(({ fee, within }) => fee === undefined && within.length > 0)
  return {
    kindsWithoutRate: kinds.flatMap(({ key, count }) =>
      (count(usage, parts) ?? 0) > 0 && !hasRate(key) ? [key] : [],
    ),
    kindsNotSplit: [
      ...OVERLAPS.flatMap(([key, ...sides]) =>
        counted(key) === null && sides.every((side) => rates.has(side) && (counted(side) ?? 0) > 0)
          ? [key]
          : [],
      ),
      ...(isUnsplit('output_mtok', OUTPUT_KINDS, OUTPUT_KINDS) ? ['output_mtok'] : []),
      ...(isUnsplit('input_mtok', INPUT_KINDS, ['input_audio_mtok', ...INPUT_KINDS])
        ? ['input_mtok']
        : []),
      ...(rates.has('cache_write_1h_mtok') && unsplitWrites(usage) > 0 ? ['cache_write_mtok'] : []),
    ],
  }
}

/**
 * Cache writes that are not said to be kept for five minutes or for an hour, which have rates of
 * their own.
 */
function unsplitWrites({
  cacheWriteTokens,
  cacheWrite5mTokens,
  cacheWrite1hTokens,
}: TokenUsage): number {
  return (cacheWriteTokens ?? 0) - (cacheWrite5mTokens ?? 0) - (cacheWrite1hTokens ?? 0)
}

function feesWithoutRate(rates: ReadonlyMap<string, Rate>, parts: BilledParts): readonly string[] {
  const used = usedFees(parts)
  const isEitherRated = EITHER_FEE.some((key) => rates.has(key))
  return used.filter((key) => !rates.has(key) && !(isEitherRated && EITHER_FEE.includes(key)))
}

/** Seconds come with fractions: milliseconds keep the arithmetic whole. */
function secondsCost(
  rates: ReadonlyMap<string, Rate>,
  seconds: number,
): ComponentsCost | UnpricedReason {
  const rate = rates.get('input_audio_hours') ?? rates.get('audio_hours')
  if (rate === undefined) return 'unknown_bucket'
  const tokens = (rate.base * BigInt(Math.round(seconds * MS_PER_SECOND))) / BigInt(MS_PER_SECOND)
  const basis = {
    kindsWithoutRate: [],
    kindsNotSplit: [],
    ratesWithoutCount: [],
    isLengthUnknown: false,
  }
  return { tokens, fees: 0n, priced: [], basis, feesWithoutRate: [] }
}
