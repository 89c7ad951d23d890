import { describe, expect, test } from 'vitest'
import { play, SSE, sse } from '../fixtures/play.ts'

const REQUEST = '{"messages":[],"stream":true,"model":"gpt-4o-mini"}'
const USAGE = {
  prompt_tokens: 20,
  completion_tokens: 49,
  total_tokens: 69,
  prompt_tokens_details: { cached_tokens: 8, cache_write_tokens: 3, audio_tokens: 4 },
  completion_tokens_details: {
    reasoning_tokens: 7,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
}
const chunk = (more: object) => ({
  id: 'c',
  object: 'chat.completion.chunk',
  model: 'gpt-4o-mini-2024-07-18',
  service_tier: 'default',
  ...more,
})
const delta = chunk({
  choices: [{ index: 0, delta: { content: 'hé\\"' }, finish_reason: null }],
  usage: null,
  obfuscation: 'xY',
})
const stop = chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: null })

describe('OpenAI chat completions', () => {
  test('tell model, tier, finish reason and each bucket of the usage', async () => {
    const answer = JSON.stringify({
      model: 'gpt-4o-mini-2024-07-18',
      choices: [{ message: { content: 'x' }, finish_reason: 'length' }],
      usage: USAGE,
      service_tier: 'priority',
    })
    const facts = await play({ request: REQUEST, answer, headers: { 'x-request-id': 'req_1' } })
    expect(facts).toMatchObject({
      model: 'gpt-4o-mini-2024-07-18',
      requestModel: 'gpt-4o-mini',
      stream: false,
      finishReason: 'length',
      serviceTier: 'priority',
      providerRequestId: 'req_1',
      usageSource: 'provider',
      usageRaw: JSON.stringify(USAGE),
      unreadable: null,
    })
    expect(facts.usage).toEqual({
      inputTokens: 20,
      outputTokens: 49,
      totalTokens: 69,
      cachedInputTokens: 8,
      cacheWriteTokens: 3,
      cacheWrite5mTokens: null,
      cacheWrite1hTokens: null,
      reasoningTokens: 7,
      audioInputTokens: 4,
      audioOutputTokens: 0,
    })
  })

  test('have usage in the extra chunk of a stream that was asked for it', async () => {
    const answer = sse(delta, delta, stop, chunk({ choices: [], usage: USAGE }), '[DONE]')
    expect(await play({ request: REQUEST, answer, answerType: SSE })).toMatchObject({
      stream: true,
      finishReason: 'stop',
      usageSource: 'provider',
      usage: { totalTokens: 69 },
    })
  })

  test('have none in a stream that was not asked for it', async () => {
    const facts = await play({
      request: REQUEST,
      answer: sse(delta, stop, '[DONE]'),
      answerType: SSE,
    })
    expect(facts).toMatchObject({
      model: 'gpt-4o-mini-2024-07-18',
      usageSource: 'none',
      usage: { inputTokens: null, totalTokens: null },
      unreadable: null,
      billable: true,
    })
  })

  test('name the error of a stream that failed after its 200, and never its text', async () => {
    const facts = await play({
      answer: sse(delta, {
        error: { message: 'the secret prompt', type: 'server_error', code: null },
      }),
      answerType: SSE,
    })
    expect(facts.streamError).toBe('server_error')
    expect(JSON.stringify(facts)).not.toContain('secret')
  })

  test('of Gemini bill what the total says, thoughts included, and echo no resource name', async () => {
    const usage = { prompt_tokens: 35, completion_tokens: 12, total_tokens: 109 }
    const endpoint = '/v1beta/openai/chat/completions'
    const answer = JSON.stringify({ model: 'models/gemini-2.5-flash', choices: [], usage })
    const facts = await play({ provider: 'gemini', endpoint, answer })
    expect(facts).toMatchObject({
      model: 'gemini-2.5-flash',
      usage: { inputTokens: 35, outputTokens: 74, totalTokens: 109, reasoningTokens: null },
    })
    const grown = sse({
      choices: [],
      usage: { prompt_tokens: 35, completion_tokens: 1, total_tokens: 36 },
    })
    expect(
      await play({ provider: 'gemini', endpoint, answer: grown, answerType: SSE, aborted: true }),
    ).toMatchObject({
      usageSource: 'partial',
    })
  })

  test('never make a number of what is not one', async () => {
    const usage = {
      prompt_tokens: -1,
      completion_tokens: 1.5,
      total_tokens: '7',
      prompt_tokens_details: [],
      completion_tokens_details: { reasoning_tokens: 1e300 },
    }
    const facts = await play({ answer: JSON.stringify({ model: 7, usage }) })
    expect(facts).toMatchObject({ model: null, usageSource: 'none' })
    expect(Object.values(facts.usage).every((count) => count === null)).toBe(true)
  })
})

describe('OpenAI responses', () => {
  const endpoint = '/v1/responses'
  const usage = {
    input_tokens: 11,
    input_tokens_details: { cached_tokens: 2, cache_write_tokens: 1 },
    output_tokens: 5,
    output_tokens_details: { reasoning_tokens: 4 },
    total_tokens: 16,
  }
  const response = (more: object) => ({
    id: 'r',
    model: 'gpt-5-2025-08-07',
    status: 'in_progress',
    service_tier: 'auto',
    usage: null,
    ...more,
  })

  test('tell usage in the whole object', async () => {
    const answer = JSON.stringify(
      response({
        output: [{ model: 'other', usage: { input_tokens: 1 } }],
        status: 'completed',
        service_tier: 'default',
        usage,
      }),
    )
    expect(await play({ endpoint, answer })).toMatchObject({
      model: 'gpt-5-2025-08-07',
      finishReason: 'completed',
      serviceTier: 'default',
      usage: {
        inputTokens: 11,
        outputTokens: 5,
        totalTokens: 16,
        cachedInputTokens: 2,
        cacheWriteTokens: 1,
        reasoningTokens: 4,
      },
    })
  })

  test.each(['completed', 'incomplete', 'failed'])(
    'tell usage in response.%s of a stream',
    async (status) => {
      const answer = sse(
        { type: 'response.created', response: response({}) },
        { type: 'response.output_text.delta', delta: 'x', usage: { input_tokens: 99 } },
        { type: `response.${status}`, response: response({ status, service_tier: 'flex', usage }) },
      )
      expect(await play({ endpoint, answer, answerType: SSE })).toMatchObject({
        finishReason: status,
        serviceTier: 'flex',
        usageSource: 'provider',
        usage: { totalTokens: 16 },
      })
      expect(
        await play({ endpoint, answer: answer.slice(0, 200), answerType: SSE, aborted: true }),
      ).toMatchObject({
        usageSource: 'none',
        unreadable: null,
      })
    },
  )

  test.each([
    [
      'nested',
      {
        type: 'error',
        error: { type: 'insufficient_quota', code: 'insufficient_quota', message: 'm' },
      },
      'insufficient_quota',
    ],
    ['flat', { type: 'error', code: 'rate_limit_exceeded', message: 'm' }, 'rate_limit_exceeded'],
    [
      'in the response',
      {
        type: 'response.failed',
        response: response({ status: 'failed', error: { code: 'server_error', message: 'm' } }),
      },
      'server_error',
    ],
  ])('name a stream error that is %s', async (_, event, streamError) => {
    const facts = await play({
      endpoint,
      answer: sse({ type: 'response.created', response: response({}) }, event),
      answerType: SSE,
    })
    expect(facts).toMatchObject({ streamError, usageSource: 'none', billable: false })
  })

  test('that run in the background have no usage yet, and polling one repeats a bill', async () => {
    const answer = JSON.stringify(response({ status: 'completed', usage }))
    expect(await play({ endpoint: '/v1/responses/r', method: 'GET', answer })).toMatchObject({
      usageSource: 'provider',
      billable: false,
      model: 'gpt-5-2025-08-07',
      responseId: 'r',
    })
    expect(
      await play({ endpoint, answer: JSON.stringify(response({ status: 'queued' })) }),
    ).toMatchObject({
      usageSource: 'none',
      finishReason: 'queued',
    })
  })
})
