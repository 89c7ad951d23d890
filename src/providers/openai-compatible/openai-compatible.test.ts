import { describe, expect, test } from 'vitest'
import { createPriceCall } from '../../pricing/cost.ts'
import { createPriceBook } from '../../pricing/price-book.ts'
import { type PlayedCall, play, SSE, sse } from '../fixtures/play.ts'
import { definitionOf } from '../registry.ts'

const REQUEST = '{"model":"m","stream":true,"messages":[{"role":"user","content":"Hello?"}]}'
const ask = (call: Partial<PlayedCall>) =>
  play({
    provider: 'openai-compatible',
    endpoint: '/v1/chat/completions',
    request: REQUEST,
    ...call,
  })

const completion = (usage: object, more: object = {}) =>
  JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    model: 'm-1',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hi.' }, finish_reason: 'stop' }],
    usage,
    ...more,
  })
const delta = (content: string, more: object = {}) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  model: 'm-1',
  choices: [{ index: 0, delta: { content }, finish_reason: null }],
  ...more,
})
const last = (more: object = {}) => ({
  ...delta(''),
  choices: [{ index: 0, delta: {}, finish_reason: 'stop' }],
  ...more,
})

describe('cached tokens, under whichever name', () => {
  test.each([
    ['OpenAI’s', { prompt_tokens_details: { cached_tokens: 64 } }],
    ['DeepSeek’s', { prompt_cache_hit_tokens: 64, prompt_cache_miss_tokens: 36 }],
    ['Moonshot’s', { cached_tokens: 64 }],
    ['Mistral’s', { num_cached_tokens: 64 }],
  ])('%s', async (_name, cached) => {
    const usage = { prompt_tokens: 100, completion_tokens: 5, total_tokens: 105, ...cached }
    expect(await ask({ answer: completion(usage) })).toMatchObject({
      model: 'm-1',
      usage: { inputTokens: 100, outputTokens: 5, totalTokens: 105, cachedInputTokens: 64 },
      usageSource: 'provider',
      unknownUsage: [],
      billed: { unreadUsage: [] },
    })
  })

  test('are not known where no name was used', async () => {
    const usage = { prompt_tokens: 100, completion_tokens: 5, prompt_tokens_details: null }
    expect((await ask({ answer: completion(usage) })).usage.cachedInputTokens).toBeNull()
  })
})

describe('reasoning', () => {
  const details = { completion_tokens_details: { reasoning_tokens: 300 } }
  test('beside the completion’s tokens (xAI) is output as well', async () => {
    const usage = { prompt_tokens: 10, completion_tokens: 20, total_tokens: 330, ...details }
    expect((await ask({ answer: completion(usage) })).usage).toMatchObject({
      outputTokens: 320,
      totalTokens: 330,
      reasoningTokens: 300,
    })
  })
  test('within them is not counted twice', async () => {
    const usage = { prompt_tokens: 10, completion_tokens: 320, total_tokens: 330, ...details }
    expect((await ask({ answer: completion(usage) })).usage).toMatchObject({
      outputTokens: 320,
      totalTokens: 330,
      reasoningTokens: 300,
    })
  })
})

describe('a stream', () => {
  const usage = { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 }
  test('of Groq has its usage in x_groq, with times that count nothing', async () => {
    const answer = sse(
      delta('', { x_groq: { id: 'req_01' } }),
      delta('Hi.'),
      last({ x_groq: { id: 'req_01', usage: { queue_time: 0.2, total_time: 0.4, ...usage } } }),
      '[DONE]',
    )
    expect(await ask({ answer, answerType: SSE, text: true })).toMatchObject({
      finishReason: 'stop',
      usage: { inputTokens: 9, outputTokens: 2 },
      usageSource: 'provider',
      unknownUsage: [],
      text: { completion: { full: 'Hi.' } },
    })
  })

  test('with its usage in the last chunk is read the same however it is cut', async () => {
    const answer = sse(delta('Hi.'), last(), { ...delta(''), choices: [], usage }, '[DONE]')
    for (let chunkBytes = 1; chunkBytes < 80; chunkBytes += 13)
      expect(await ask({ answer, answerType: SSE, chunkBytes })).toMatchObject({
        usage: { inputTokens: 9, outputTokens: 2 },
        usageSource: 'provider',
      })
  })

  test('that was broken off, or reports no usage, invents none', async () => {
    for (const answer of [sse(delta('Hi.')), sse(delta('Hi.'), last(), '[DONE]')])
      expect(await ask({ answer, answerType: SSE, aborted: true })).toMatchObject({
        usage: { inputTokens: null, outputTokens: null },
        usageSource: 'none',
      })
  })
})

test('an error has no usage, and a refused call is not on the bill', async () => {
  const answer = '{"error":{"message":"Rate limit reached","type":"tokens","code":"rate_limit"}}'
  expect(await ask({ status: 429, answer })).toMatchObject({
    usageSource: 'none',
    billable: false,
  })
})

describe('what the host says that it charges', () => {
  const price = createPriceCall({ book: createPriceBook() })
  const priced = async (more: object) => {
    const usage = { prompt_tokens: 194, completion_tokens: 2, total_tokens: 196, ...more }
    const facts = await ask({ answer: completion(usage) })
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
    const facts = await ask({
      answer: completion({ prompt_tokens: 10, completion_tokens: 10, cost: 5 }),
    })
    const call = { ...facts, provider: 'openai-compatible', atMs: 0 }
    expect(agreed(call).costUsd).toBe('0.00002')
  })
})

test.each([
  'chat/completions',
  'completions',
  'embeddings',
  'responses',
  'fim/completions',
  'agents/completions',
  'models',
  'generation',
])('/v1/%s is an endpoint that is known', (path) => {
  const { endpoints } = definitionOf('openai-compatible')
  expect(endpoints.some((endpoint) => endpoint.path.test(`/v1/${path}`))).toBe(true)
})
