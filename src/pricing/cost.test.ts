import { calcPrice, findProvider } from '@pydantic/genai-prices'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type BilledCall, type BilledShare, NO_PARTS } from '../evidence/bill.ts'
import type { ShippedProvider } from '../evidence/evidence.ts'
import { NO_USAGE, type TokenUsage } from '../evidence/usage.ts'
import { type CallToPrice, priceCall } from './cost.ts'

const AT_MS = Date.UTC(2026, 10, 22, 12)
const NO_BILLED: BilledCall = {
  ...NO_PARTS,
  parts: [],
  terms: [],
  callSizes: null,
  uncountedFees: [],
  unreadUsage: [],
}

function call(
  provider: ShippedProvider,
  model: string | null,
  usage: Partial<TokenUsage>,
  more: Partial<CallToPrice> = {},
): CallToPrice {
  return {
    provider,
    model,
    usage: { ...NO_USAGE, ...usage },
    usageSource: 'provider',
    serviceTier: null,
    atMs: AT_MS,
    ...more,
  }
}

describe('a price', () => {
  test('is the sum of tokens times rates, exact to the last place', () => {
    // gpt-4o-mini: $0.15 in, $0.075 cached, $0.60 out per million.
    expect(
      priceCall(
        call('openai', 'gpt-4o-mini-2024-07-18', {
          inputTokens: 1_003,
          outputTokens: 7,
          cachedInputTokens: 500,
        }),
      ),
    ).toMatchObject({
      costUsd: '0.00011715', // 503 x 0.15 + 500 x 0.075 + 7 x 0.60, in millionths
      costStatus: 'exact',
    })
  })

  test('knows cache writes for five minutes and for an hour', () => {
    // claude-sonnet-5: $2 in, $2.50 written for 5 m, $4 for 1 h, $0.20 read, $10 out.
    const usage = {
      inputTokens: 1_000,
      cachedInputTokens: 400,
      cacheWriteTokens: 300,
      cacheWrite5mTokens: 100,
      cacheWrite1hTokens: 200,
      outputTokens: 10,
    }
    // 300 x 2 + 400 x 0.2 + 100 x 2.5 + 200 x 4 + 10 x 10 = 1830
    expect(priceCall(call('anthropic', 'claude-sonnet-5', usage)).costUsd).toBe('0.00183')
  })

  test('switches all of a long call to the long-context rates', () => {
    const price = (inputTokens: number) =>
      priceCall(call('gemini', 'gemini-2.5-pro', { inputTokens, outputTokens: 1_000 })).costUsd
    expect(price(200_000)).toBe('0.26') // 200,000 x 1.25 + 1,000 x 10
    expect(price(200_001)).toBe('0.5150025') // 200,001 x 2.50 + 1,000 x 15
  })

  test('is that of its own time', () => {
    const price = (atMs: number) =>
      priceCall(
        call('gemini', 'gemini-3.6-flash', { inputTokens: 1_000_000, outputTokens: 0 }, { atMs }),
      )
    const before = price(Date.UTC(2026, 11, 31, 23, 59, 59, 999))
    const after = price(Date.UTC(2027, 0, 1))
    expect([before.costUsd, after.costUsd]).toEqual(['0.75', '1.5'])
    expect(before.priceVersion).toMatch(/^genai-prices@0\.1\.8\/[0-9a-f]{12}$/)
    expect(after.priceVersion).not.toBe(before.priceVersion)
  })

  test('has audio, image and search rates apart', () => {
    const audio = { inputTokens: 20, audioInputTokens: 4, outputTokens: 49, audioOutputTokens: 0 }
    expect(priceCall(call('openai', 'gpt-audio-mini-2025-12-15', audio)).costUsd).toBe('0.0001672')
    const image = { ...NO_BILLED, imageOutputTokens: 1_290 }
    // gemini-2.5-flash-image: $30 for images, $2.50 for text.
    expect(
      priceCall(
        call(
          'gemini',
          'gemini-2.5-flash-image',
          { inputTokens: 0, outputTokens: 1_300 },
          { billed: image },
        ),
      ).costUsd,
    ).toBe('0.038725')
    const searches = { ...NO_BILLED, webSearches: 2 }
    expect(
      priceCall(
        call(
          'anthropic',
          'claude-sonnet-5',
          { inputTokens: 0, outputTokens: 0 },
          { billed: searches },
        ),
      ).costUsd,
    ).toBe('0.02')
  })

  test('is the sum of its parts, each by its own model', () => {
    const parts = [
      {
        model: 'claude-sonnet-4-6',
        usage: { ...NO_USAGE, inputTokens: 4_727, outputTokens: 3_391 },
      },
      { model: 'claude-opus-4-7', usage: { ...NO_USAGE, inputTokens: 2_728, outputTokens: 3_880 } },
    ]
    const priced = priceCall(
      call(
        'anthropic',
        'claude-sonnet-4-6',
        { inputTokens: 7_455, outputTokens: 7_271 },
        { billed: { ...NO_BILLED, parts } },
      ),
    )
    expect(priced).toMatchObject({ costUsd: '0.175686', costStatus: 'exact' })
    expect(priced.priceVersion?.split('+')).toHaveLength(2)
  })
})

describe('what is not known', () => {
  const usage = { inputTokens: 10, outputTokens: 5 }
  test.each([
    ['unknown_model', 'an unknown model', call('openai', 'no-such-model', usage)],
    ['no_model', 'no model', call('openai', null, usage)],
    ['no_usage', 'no usage', call('openai', 'gpt-4o-mini', {}, { usageSource: 'none' })],
    [
      'unknown_output',
      'unknown output of a stream that was cut',
      call('anthropic', 'claude-sonnet-5', { inputTokens: 10 }, { usageSource: 'partial' }),
    ],
    [
      'contradicting_usage',
      'parts larger than their whole',
      call('openai', 'gpt-4o-mini', { ...usage, cachedInputTokens: 11 }),
    ],
    ['unknown_bucket', 'tokens of a model billed by the hour', call('openai', 'whisper-1', usage)],
    [
      'unknown_bucket',
      'hours of a model billed by tokens',
      call('openai', 'gpt-4o-mini', {}, { billed: { ...NO_BILLED, audioSeconds: 3 } }),
    ],
    [
      'storage_not_metered',
      'content put into a cache',
      call('gemini', 'gemini-2.5-flash', usage, {
        billed: { ...NO_BILLED, terms: ['cache_storage'] },
      }),
    ],
    [
      'unknown_model',
      'a part of an unknown model',
      call('anthropic', 'claude-sonnet-5', usage, {
        billed: { ...NO_BILLED, parts: [{ model: 'no-such', usage: { ...NO_USAGE, ...usage } }] },
      }),
    ],
  ])('has no price, for %s: %s', (costReason, _, unknown) => {
    expect(priceCall(unknown)).toEqual({
      costUsd: null,
      costStatus: 'unpriced',
      priceVersion: null,
      costReason,
    })
  })

  test.each([
    ['unknown_tier', 'a tier no one has rates for', { serviceTier: 'priority' }],
    ['unknown_tier', 'a tier that was not reported', { serviceTier: 'auto' }],
    [
      'unknown_term',
      'a fast call of a model without a fast rate',
      { billed: { ...NO_BILLED, terms: ['speed:fast'] } },
    ],
    [
      'unknown_endpoint',
      'an endpoint no one knows',
      { billed: { ...NO_BILLED, terms: ['unknown_endpoint'] } },
    ],
    ['partial_usage', 'usage of a stream that was cut', { usageSource: 'partial' as const }],
    ['estimated_usage', 'tokens counted here', { usageSource: 'estimated' as const }],
  ])('is an estimate, for %s: %s', (costReason, _, more) => {
    expect(priceCall(call('anthropic', 'claude-sonnet-5', usage, more))).toMatchObject({
      costUsd: '0.00007',
      costStatus: 'estimated',
      costReason,
    })
  })

  test('is an estimate when it is not reported how much of the cached input was audio', () => {
    const cachedAudio = {
      inputTokens: 100,
      cachedInputTokens: 10,
      audioInputTokens: 20,
      outputTokens: 1,
    }
    expect(priceCall(call('gemini', 'gemini-2.5-flash', cachedAudio)).costStatus).toBe('estimated')
    const reported = { ...NO_BILLED, cachedAudioInputTokens: 5 }
    expect(
      priceCall(call('gemini', 'gemini-2.5-flash', cachedAudio, { billed: reported })).costStatus,
    ).toBe('exact')
  })

  test('is an estimate when it is not reported what kind of output a model with special rates made', () => {
    const output = { inputTokens: 0, outputTokens: 1_290 }
    expect(priceCall(call('gemini', 'gemini-2.5-flash-image', output))).toMatchObject({
      costReason: 'unreported_split',
    })
    const reported = { ...NO_BILLED, imageOutputTokens: 0 }
    expect(
      priceCall(call('gemini', 'gemini-2.5-flash-image', output, { billed: reported })).costStatus,
    ).toBe('exact')
  })

  test('is an estimate when it is not reported for how long all of the cache writes are kept', () => {
    const writes = { inputTokens: 100, cacheWriteTokens: 50, outputTokens: 0 }
    const price = (split: Partial<TokenUsage>) =>
      priceCall(call('anthropic', 'claude-sonnet-5', { ...writes, ...split }))
    expect(price({})).toMatchObject({ costUsd: '0.000225', costReason: 'unreported_split' })
    expect(price({ cacheWrite5mTokens: 20, cacheWrite1hTokens: 0 })).toMatchObject({
      costReason: 'unreported_split',
    })
    expect(price({ cacheWrite5mTokens: 50, cacheWrite1hTokens: 0 })).toMatchObject({
      costUsd: '0.000225',
      costStatus: 'exact',
    })
  })

  test('is nothing to price when a call cannot be on the bill', () => {
    const free = call('openai', null, {}, { usageSource: 'none', billable: false })
    expect(priceCall(free)).toEqual({
      costUsd: null,
      costStatus: null,
      priceVersion: null,
      costReason: null,
    })
  })
})

describe('a tier', () => {
  // Long context for gpt-5.6, whose rates are in the book.
  const usage = { inputTokens: 1_000_000, outputTokens: 100_000 }
  test.each([
    ['openai', 'gpt-5.6-terra', { serviceTier: 'flex' }, '2.9', 'tier:flex=1/2'],
    ['openai', 'gpt-5.6-terra', { serviceTier: 'priority' }, '11.6', 'tier:priority=2'],
    ['openai', 'gpt-5-mini-2025-08-07', { serviceTier: 'priority' }, '0.81', 'tier:priority=9/5'],
    ['openai', 'gpt-4o-2024-08-06', { serviceTier: 'priority' }, '5.95', 'tier:priority=17/10'],
    ['openai', 'gpt-4o-mini', { serviceTier: 'priority' }, '0.35', 'tier:priority=5/3'],
    ['openai', 'gpt-4.1-nano', { serviceTier: 'fast' }, '0.28', 'tier:fast=2'],
    [
      'anthropic',
      'claude-opus-4-6',
      { billed: { ...NO_BILLED, terms: ['speed:fast'] } },
      '45',
      'speed:fast=6',
    ],
    [
      'anthropic',
      'claude-opus-5-5',
      { billed: { ...NO_BILLED, terms: ['speed:fast'] } },
      '12',
      'speed:fast=2',
    ],
    [
      'anthropic',
      'claude-sonnet-5',
      { serviceTier: 'batch', billed: { ...NO_BILLED, terms: ['inference_geo:us'] } },
      '1.65',
      'inference_geo:us=11/10',
    ],
    ['gemini', 'gemini-3.5-flash', { serviceTier: 'FLEX' }, '1.2', 'tier:flex=1/2'],
    ['gemini', 'gemini-2.5-flash', { serviceTier: 'batch' }, '0.275', 'tier:batch=1/2'],
  ] as const)(
    'of %s %s multiplies the tokens by what its source says',
    (provider, model, more, costUsd, term) => {
      const price = priceCall(call(provider, model, usage, more))
      expect(price).toMatchObject({ costUsd, costStatus: 'exact', costReason: null })
      expect(price.priceVersion).toContain(`*${term}`)
    },
  )

  test('is an estimate for cached tokens where no source says whether their rate changes too', () => {
    const cached = call(
      'gemini',
      'gemini-2.5-flash',
      { ...usage, cachedInputTokens: 1_000 },
      { serviceTier: 'batch' },
    )
    expect(priceCall(cached)).toMatchObject({
      costStatus: 'estimated',
      costReason: 'unreported_cache_rate',
    })
    const batch = call(
      'openai',
      'gpt-4o-mini-2024-07-18',
      { ...usage, cachedInputTokens: 1_000 },
      { serviceTier: 'batch' },
    )
    expect(priceCall(batch)).toMatchObject({
      costStatus: 'estimated',
      costReason: 'unreported_cache_rate',
    })
    const alike = call(
      'openai',
      'gpt-5',
      { ...usage, cachedInputTokens: 1_000 },
      { serviceTier: 'batch' },
    )
    expect(priceCall(alike)).toMatchObject({ costStatus: 'exact', costReason: null })
  })

  test('changes no fee of a tool', () => {
    const searches = { ...NO_BILLED, webSearches: 2 }
    const batch = call(
      'anthropic',
      'claude-sonnet-5',
      { inputTokens: 1_000, outputTokens: 0 },
      { billed: searches, serviceTier: 'batch' },
    )
    expect(priceCall(batch).costUsd).toBe('0.021') // 1,000 x 2 / 2, and two searches at a cent
  })
})

test('speech by the second is priced to the millisecond', () => {
  const heard = (audioSeconds: number) =>
    priceCall(call('openai', 'whisper-1', {}, { billed: { ...NO_BILLED, audioSeconds } }))
  expect(heard(37)).toMatchObject({ costUsd: '0.0037', costStatus: 'exact' })
  expect(heard(0.5).costUsd).toBe('0.00005')
})

describe('a realtime session that heard seconds', () => {
  const spoken: BilledShare = {
    model: 'gpt-realtime',
    usage: {
      ...NO_USAGE,
      inputTokens: 20,
      outputTokens: 10,
      audioInputTokens: 0,
      audioOutputTokens: 0,
    },
  }
  const session = (transcriber: string | null, others: readonly BilledShare[] = [spoken]) => {
    const parts = [...others, { model: transcriber, usage: NO_USAGE, audioSeconds: 7.5 }]
    return priceCall(
      call('openai', 'gpt-realtime', spoken.usage, { billed: { ...NO_BILLED, parts } }),
    )
  }

  test('is priced by each model’s own rates', () => {
    // 20 x $4 and 10 x $16 a million, and 7.5 seconds at $0.006 a minute.
    expect(session('whisper-1')).toMatchObject({
      costUsd: '0.00099',
      costStatus: 'exact',
      costReason: null,
    })
    expect(session('whisper-1', [])).toMatchObject({ costUsd: '0.00075', costStatus: 'exact' })
  })

  test('has no price where no one has a rate for what it heard', () => {
    expect(session('gpt-4o-mini-transcribe')).toMatchObject({
      costUsd: null,
      costReason: 'unknown_bucket',
    })
    expect(session('unpriced-model-x')).toMatchObject({
      costUsd: null,
      costReason: 'unknown_model',
    })
    expect(session(null)).toMatchObject({ costUsd: null, costReason: 'no_model' })
  })
})

test('agrees with the library for every model and any usage that is consistent', () => {
  const models = (['openai', 'anthropic', 'gemini'] as const).flatMap((provider) =>
    (findProvider({ providerId: SOURCE_IDS[provider] })?.models ?? []).map(({ id }) => ({
      provider,
      id,
    })),
  )
  const small = fc.nat(50_000)
  const usages = fc.record({
    plain: fc.nat(400_000),
    cached: small,
    write5m: small,
    write1h: small,
    audioIn: small,
    output: fc.nat(100_000),
    audioOut: small,
  })
  fc.assert(
    fc.property(
      fc.constantFrom(...models),
      usages,
      fc.date({ min: new Date('2025-01-01'), max: new Date('2027-06-01'), noInvalidDate: true }),
      (model, tokens, at) => {
        const cacheWriteTokens = tokens.write5m + tokens.write1h
        const usage = {
          inputTokens: tokens.plain + tokens.cached + cacheWriteTokens + tokens.audioIn,
          outputTokens: tokens.output + tokens.audioOut,
          cachedInputTokens: tokens.cached,
          cacheWriteTokens,
          cacheWrite5mTokens: tokens.write5m,
          cacheWrite1hTokens: tokens.write1h,
          audioInputTokens: tokens.audioIn,
          audioOutputTokens: tokens.audioOut,
        }
        const billed = { ...NO_BILLED, cachedAudioInputTokens: 0 }
        const ours = priceCall(
          call(model.provider, model.id, usage, { atMs: at.getTime(), billed }),
        ).costUsd
        const theirs = libraryPrice(model.provider, model.id, usage, at)
        if (ours === null)
          return (
            theirs === null ||
            theirs.total_price === 0 ||
            theirs.model_price.input_mtok === undefined ||
            theirs.model_price.output_mtok === undefined
          )
        return (
          theirs !== null &&
          Math.abs(Number(ours) - theirs.total_price) <= 1e-9 * theirs.total_price + 1e-12
        )
      },
    ),
    { numRuns: 2_000 },
  )
})

const SOURCE_IDS = {
  openai: 'openai',
  anthropic: 'anthropic',
  gemini: 'google',
  chatgpt: 'openai',
  azure: 'azure',
  vertex: 'google',
  bedrock: 'aws',
  // No host, no prices.
  'openai-compatible': '',
} as const

function libraryPrice(
  provider: ShippedProvider,
  model: string,
  usage: Partial<Record<keyof TokenUsage, number>>,
  timestamp: Date,
) {
  return calcPrice(
    {
      input_tokens: usage.inputTokens,
      output_tokens: usage.outputTokens,
      cache_read_tokens: usage.cachedInputTokens,
      cache_write_tokens: usage.cacheWriteTokens,
      cache_write_1h_tokens: usage.cacheWrite1hTokens,
      input_audio_tokens: usage.audioInputTokens,
      output_audio_tokens: usage.audioOutputTokens,
      cache_audio_read_tokens: 0,
    },
    model,
    { providerId: SOURCE_IDS[provider], timestamp },
  )
}
