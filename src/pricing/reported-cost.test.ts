import { describe, expect, test } from 'vitest'
import { play } from '../providers/fixtures/play.ts'
import { createPriceCall } from './cost.ts'
import { createPriceBook } from './price-book.ts'
import { recordedCall } from './recorded-call.ts'

const answered = (usage: object) =>
  play({
    provider: 'openai-compatible',
    answer: JSON.stringify({ model: 'm-1', choices: [{ finish_reason: 'stop' }], usage }),
  })

describe('what the host says that it charges', () => {
  const price = createPriceCall({ book: createPriceBook() })
  const priced = async (more: object) => {
    const usage = { prompt_tokens: 194, completion_tokens: 2, total_tokens: 196, ...more }
    const facts = await answered(usage)
    return price({ ...facts, provider: 'openai-compatible', atMs: Date.UTC(2026, 10, 1) })
  }
  test.each([
    ['OpenRouter’s credits', { cost: 0.00014, cost_details: { upstream_inference_cost: null } }],
    ['Perplexity’s sum', { cost: { input_tokens_cost: 0.0001, total_cost: 0.00014 } }],
  ])('is the cost: %s', async (_name, usage) => {
    expect(await priced(usage)).toEqual({
      costUsd: '0.00014',
      costStatus: 'exact',
      priceVersion: 'reported',
      costReason: null,
    })
  })
  test('is a share of it alone where the key of another provider pays the rest', async () => {
    expect(await priced({ cost: 0.00001, is_byok: true })).toMatchObject({
      costUsd: null,
      costStatus: 'unpriced',
    })
  })
  test('gives way to a price that was agreed', async () => {
    const agreed = createPriceCall({
      book: createPriceBook(),
      overrides: [
        { provider: 'openai-compatible', model: '*', rates: { input_mtok: 1, output_mtok: 1 } },
      ],
    })
    const facts = await answered({ prompt_tokens: 10, completion_tokens: 10, cost: 5 })
    const call = { ...facts, provider: 'openai-compatible', atMs: 0 }
    expect(agreed(call).costUsd).toBe('0.00002')
  })

  test('is kept with the evidence, so that the call costs the same when it is priced again', () => {
    const row = {
      ...{ provider: 'openai-compatible', billable: true, model: 'm-1', usage_source: 'provider' },
      billed: JSON.stringify({ reportedCostUsd: 0.25 }),
    }
    const call = recordedCall(row)
    expect(call === null ? null : price({ ...call, atMs: 0 })).toMatchObject({ costUsd: '0.25' })
  })
})
