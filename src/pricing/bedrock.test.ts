import { expect, test } from 'vitest'
import { type PlayedCall, play } from '../providers/fixtures/play.ts'
import { priceCall } from './cost.ts'

const SONNET = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const ANSWER = {
  usage: {
    ...{ inputTokens: 12, outputTokens: 34, totalTokens: 5_146 },
    ...{ cacheReadInputTokens: 5_000, cacheWriteInputTokens: 100 },
  },
}

async function priceOf(endpoint: string, answer: object, more: PlayedCall = {}) {
  const call = { provider: 'bedrock', endpoint, answer: JSON.stringify(answer), ...more } as const
  const facts = await play(call)
  return priceCall({ ...facts, provider: 'bedrock', atMs: Date.parse('2026-10-01T00:00:00Z') })
}
const converse = (model: string, more: object = {}) =>
  priceOf(`/model/${model}/converse`, { ...ANSWER, ...more })

test.each([
  // 12 × 3.3 + 5,000 × 0.33 + 100 × 4.125 + 34 × 16.5 dollars a million
  [SONNET, '0.0026631', 'exact', null],
  ['anthropic.claude-sonnet-4-5-20250929-v1:0', '0.0026631', 'exact', null],
  ['global.anthropic.claude-sonnet-4-5-20250929-v1:0', '0.002421', 'exact', null],
  ['eu.anthropic.claude-opus-4-5-20251101-v1:0', '0.0044385', 'exact', null],
  // Rates differ by region, which no call names.
  ['meta.llama3-3-70b-instruct-v1:0', '0.00370512', 'estimated', 'unknown_term'],
  // The book has only version 1, which has no output.
  ['amazon.titan-embed-text-v2:0', null, 'unpriced', 'unknown_bucket'],
  ['cohere.command-r-plus-v1:0', null, 'unpriced', 'unknown_model'],
])('%s of Bedrock costs %s (%s)', async (model, costUsd, costStatus, costReason) => {
  expect(await converse(model)).toMatchObject({ costUsd, costStatus, costReason })
})

test('an embedding of Bedrock costs its input', async () => {
  const endpoint = '/model/amazon.titan-embed-text-v1/invoke'
  const price = await priceOf(endpoint, { embedding: [0.1], inputTextTokenCount: 8 })
  expect(price).toMatchObject({ costUsd: '0.0000008', costStatus: 'estimated' })
})

test('a tier, a latency or a guardrail of Bedrock without published rates is an estimate', async () => {
  const tier = (type: string) => converse(SONNET, { serviceTier: { type } })
  expect((await tier('default')).costStatus).toBe('exact')
  for (const type of ['priority', 'flex', 'reserved'])
    expect((await tier(type)).costReason).toBe('unknown_tier')
  const optimized = await converse(SONNET, { performanceConfig: { latency: 'optimized' } })
  expect(optimized.costReason).toBe('unknown_term')
  const guarded = await converse(SONNET, { trace: { guardrail: { inputAssessment: {} } } })
  expect(guarded.costReason).toBe('unpriced_fee')
})

test('an application inference profile of Bedrock has no price where no answer names its model', async () => {
  const profile = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile%2Fab12cd34'
  expect((await converse(profile)).costReason).toBe('no_model')
  const claude = await priceOf(`/model/${profile}/invoke`, {
    ...{ type: 'message', model: 'claude-sonnet-4-5-20250929' },
    usage: { input_tokens: 12, output_tokens: 34 },
  })
  expect(claude).toMatchObject({ costStatus: 'estimated', costReason: 'unknown_term' })
})
