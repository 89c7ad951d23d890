import { describe, expect, test } from 'vitest'
import type { Expected } from '../../test/support/recorded-call.ts'
import { RECORDED_CALLS, UNRECORDED_CALLS } from '../../test/support/recorded-calls.ts'
import { type BilledCall, NO_PARTS } from '../evidence/bill.ts'
import { NO_USAGE, type UsageSource } from '../evidence/usage.ts'
import { definitionNamed } from '../providers/registry.ts'
import { priceCall } from './cost.ts'

describe('the usage of recorded traffic', () => {
  const rows = RECORDED_CALLS.map(({ expected }) => expected)

  test('costs what is expected', () => {
    const wrong: unknown[] = []
    for (const row of rows) {
      // A tier that the reference has no rates for is priced by our table.
      if (!row.cost_certain) continue
      const { costUsd } = price(row)
      const isEqual =
        row.cost_usd === null || costUsd === null
          ? row.cost_usd === costUsd
          : isClose(Number(costUsd), row.cost_usd)
      if (!isEqual)
        wrong.push({
          id: row.id,
          operation: row.operation,
          model: row.model,
          costUsd,
          expected: row.cost_usd,
        })
    }
    expect(wrong).toEqual([])
  })

  test('is priced exactly where its tier is known', () => {
    // Samples of other hosts have terms that are not in their usage: their own tests have them.
    const others = UNRECORDED_CALLS.map(({ expected }) => expected)
    for (const row of rows.filter((each) => !others.includes(each))) {
      const { costStatus, costReason } = price(row)
      if (costStatus === 'exact')
        expect([row.id, row.cost_certain || row.service_tier !== 'auto']).toEqual([row.id, true])
      // What `auto` became is not known, though two calls of no tokens at all cost nothing at any
      // rate.
      const doubt = doubtOf(row)
      if (doubt !== null) expect([row.id, costReason]).toEqual([row.id, doubt])
      else if (costStatus === 'estimated')
        expect([row.id, costReason, row.cost_certain && row.service_tier !== 'auto']).toEqual([
          row.id,
          'unknown_tier',
          false,
        ])
    }
  })
})

/** What the recorded usage itself leaves open, if anything. */
function doubtOf({ model, usage }: Expected): string | null {
  // The book has claude-2, by which its successor is found.
  if (model === 'claude-2.1') return 'similar_model'
  if ((usage.cache_write_tokens ?? 0) > 0 && usage.cache_write_5m_tokens == null)
    return 'unreported_split'
  return model?.startsWith('gpt-audio') === true && usage.audio_output_tokens == null
    ? 'unreported_split'
    : null
}

function price({
  provider,
  endpoint,
  model,
  usage,
  usage_source,
  service_tier,
  billable,
  parts = [],
}: Expected) {
  const billed: BilledCall = {
    ...NO_PARTS,
    webSearches: usage.web_searches ?? null,
    imageInputTokens: usage.image_input_tokens ?? null,
    imageOutputTokens: usage.image_output_tokens ?? null,
    videoInputTokens: usage.video_input_tokens ?? null,
    audioSeconds: usage.audio_seconds ?? null,
    parts: parts.map((part) => ({
      model: part.model,
      usage: { ...NO_USAGE, inputTokens: part.input, outputTokens: part.output },
    })),
    terms: [...(definitionNamed(provider)?.billedTerms?.(endpoint) ?? [])],
    callSizes: null,
    uncountedFees: [],
    unreadUsage: [],
  }
  return priceCall({
    provider,
    model,
    billed,
    billable,
    usageSource: (usage_source === 'provider' ? 'provider' : 'none') satisfies UsageSource,
    serviceTier: service_tier ?? null,
    usage: {
      inputTokens: usage.input_tokens_total ?? null,
      outputTokens: usage.output_tokens_total ?? null,
      totalTokens: usage.total_tokens ?? null,
      cachedInputTokens: usage.cached_input_tokens ?? null,
      cacheWriteTokens: usage.cache_write_tokens ?? null,
      cacheWrite5mTokens: usage.cache_write_5m_tokens ?? null,
      cacheWrite1hTokens: usage.cache_write_1h_tokens ?? null,
      reasoningTokens: usage.reasoning_tokens ?? null,
      audioInputTokens: usage.audio_input_tokens ?? null,
      audioOutputTokens: usage.audio_output_tokens ?? null,
    },
    atMs: Date.UTC(2026, 10, 22, 12),
  })
}

function isClose(ours: number, theirs: number): boolean {
  return Math.abs(ours - theirs) <= 1e-9 * Math.abs(theirs) + 1e-12
}
