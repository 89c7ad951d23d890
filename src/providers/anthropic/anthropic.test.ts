import { describe, expect, test } from 'vitest'
import { type PlayedCall, play as playCall, SSE, sse } from '../fixtures/play.ts'

const play = (call: PlayedCall) =>
  playCall({
    provider: 'anthropic',
    endpoint: '/v1/messages',
    request: '{"model":"claude-sonnet-5","max_tokens":9}',
    answerType: SSE,
    ...call,
  })
const whole = (usage: object, more: object = {}) => ({
  answerType: 'application/json',
  answer: JSON.stringify({
    type: 'message',
    model: 'claude-sonnet-5',
    stop_reason: 'end_turn',
    usage,
    ...more,
  }),
})

const START_USAGE = {
  input_tokens: 10,
  cache_creation_input_tokens: 30,
  cache_read_input_tokens: 500,
  cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 },
  output_tokens: 3,
  service_tier: 'standard',
  inference_geo: 'us',
}
const start = (usage: object = START_USAGE, model = 'claude-sonnet-5') => ({
  type: 'message_start',
  message: { id: 'm', model, stop_reason: null, usage },
})
const text = {
  type: 'content_block_delta',
  index: 0,
  delta: { type: 'text_delta', text: '{"usage":{"output_tokens":1}}' },
}
const delta = (usage: object, stop: string | null = 'end_turn') => ({
  type: 'message_delta',
  delta: { stop_reason: stop },
  usage,
})

describe('Anthropic messages', () => {
  test('count cached input beside the rest, not inside it', async () => {
    const usage = {
      ...START_USAGE,
      output_tokens: 40,
      output_tokens_details: { thinking_tokens: 12 },
      server_tool_use: { web_search_requests: 2 },
      speed: 'fast',
    }
    const facts = await play({ ...whole(usage), headers: { 'request-id': 'req_a' } })
    expect(facts.usage).toEqual({
      inputTokens: 540,
      outputTokens: 40,
      totalTokens: 580,
      cachedInputTokens: 500,
      cacheWriteTokens: 30,
      cacheWrite5mTokens: 10,
      cacheWrite1hTokens: 20,
      reasoningTokens: 12,
      audioInputTokens: null,
      audioOutputTokens: null,
    })
    expect(facts).toMatchObject({
      finishReason: 'end_turn',
      serviceTier: 'standard',
      providerRequestId: 'req_a',
      stream: false,
    })
    expect(facts.billed).toMatchObject({
      webSearches: 2,
      terms: ['speed:fast', 'inference_geo:us'],
      parts: [],
    })
  })

  test('of a stream take the start, and over it the delta field by field', async () => {
    const facts = await play({
      answer: sse(
        start(),
        text,
        { type: 'ping' },
        delta({ output_tokens: 20 }, null),
        delta({ output_tokens: 45, cache_read_input_tokens: null }),
        { type: 'message_stop' },
      ),
    })
    expect(facts).toMatchObject({
      stream: true,
      usageSource: 'provider',
      finishReason: 'end_turn',
      serviceTier: 'standard',
      billed: { terms: ['inference_geo:us'] },
    })
    expect(facts.usage).toMatchObject({
      inputTokens: 540,
      outputTokens: 45,
      totalTokens: 585,
      cachedInputTokens: 500,
      cacheWrite5mTokens: 10,
      cacheWrite1hTokens: 20,
    })
    expect(JSON.parse(facts.usageRaw ?? '')).toEqual([
      START_USAGE,
      { output_tokens: 45, cache_read_input_tokens: null },
    ])
  })

  test('whose input changes on the way are billed by the last report, and an old split of cache writes is dropped', async () => {
    const facts = await play({
      answer: sse(
        start(),
        delta({ input_tokens: 6, cache_creation_input_tokens: 33, output_tokens: 9 }),
      ),
    })
    expect(facts.usage).toMatchObject({
      inputTokens: 539,
      outputTokens: 9,
      cacheWriteTokens: 33,
      cacheWrite5mTokens: null,
      cacheWrite1hTokens: null,
    })
  })

  test('that start twice start anew', async () => {
    const second = start({ input_tokens: 7, output_tokens: 1 }, 'claude-opus-5')
    const answer = sse(start(), delta({ output_tokens: 99 }), second, delta({ output_tokens: 2 }))
    expect(await play({ answer })).toMatchObject({
      model: 'claude-opus-5',
      usage: { inputTokens: 7, outputTokens: 2, totalTokens: 9, cachedInputTokens: null },
    })
  })

  test('that are aborted know their input exactly and their output not at all', async () => {
    const facts = await play({ answer: sse(start(), text, text).slice(0, -20), aborted: true })
    expect(facts).toMatchObject({
      usageSource: 'partial',
      unreadable: null,
      finishReason: null,
      usage: { inputTokens: 540, outputTokens: null, totalTokens: null, cachedInputTokens: 500 },
    })
    expect(facts.usageRaw).toBe(JSON.stringify(START_USAGE))
  })

  test('name the error of a stream that failed after its 200 and keep the usage so far', async () => {
    const facts = await play({
      answer: sse(start(), text, {
        type: 'error',
        error: { type: 'overloaded_error', message: 'secret' },
      }),
    })
    expect(facts).toMatchObject({
      streamError: 'overloaded_error',
      usageSource: 'partial',
      usage: { inputTokens: 540 },
    })
    expect(JSON.stringify(facts)).not.toContain('secret')
  })

  test('bill compaction and advisor work on top, each by its own model', async () => {
    const iterations = [
      {
        type: 'compaction',
        input_tokens: 60_385,
        output_tokens: 522,
        cache_read_input_tokens: 0,
        cache_creation_input_tokens: 0,
      },
      { type: 'message', input_tokens: 612, output_tokens: 2_819 },
      {
        type: 'advisor_message',
        model: 'claude-opus-5',
        input_tokens: 100,
        output_tokens: 5,
        cache_read_input_tokens: 50,
        cache_creation_input_tokens: 0,
      },
    ]
    const final = {
      input_tokens: 612,
      output_tokens: 2_819,
      cache_read_input_tokens: 1,
      iterations,
    }
    const facts = await play({
      answer: sse(start({ input_tokens: 60_385, output_tokens: 1 }), delta(final)),
    })
    expect(facts.usage).toMatchObject({
      inputTokens: 613 + 60_385 + 150,
      outputTokens: 2_819 + 522 + 5,
      cachedInputTokens: 51,
    })
    expect(
      facts.billed.parts.map(({ model, usage }) => [model, usage.inputTokens, usage.outputTokens]),
    ).toEqual([
      ['claude-sonnet-5', 613, 2_819],
      ['claude-sonnet-5', 60_385, 522],
      ['claude-opus-5', 150, 5],
    ])
  })

  test('that fell back are the work of the model that did it', async () => {
    const iterations = [
      { type: 'message', model: 'claude-fable-5', input_tokens: 408, output_tokens: 0 },
      { type: 'fallback_message', model: 'claude-opus-4-8', input_tokens: 412, output_tokens: 264 },
    ]
    const facts = await play({
      answer: sse(
        start({ input_tokens: 408, output_tokens: 1 }, 'claude-fable-5'),
        delta({ input_tokens: 412, output_tokens: 264, iterations }),
      ),
    })
    expect(facts).toMatchObject({
      model: 'claude-opus-4-8',
      requestModel: 'claude-sonnet-5',
      usage: { inputTokens: 412, outputTokens: 264 },
      billed: { parts: [] },
    })
  })

  test('of a newer API have members that are null, and a credit that changes the bill is a term of it', async () => {
    const nothing = {
      cache_creation: null,
      cache_creation_input_tokens: null,
      cache_read_input_tokens: null,
      iterations: null,
    }
    const more = {
      ...nothing,
      output_tokens_details: { thinking_tokens: 4 },
      server_tool_use: null,
      service_tier: null,
      speed: null,
    }
    const reported = { ...more, inference_geo: null, input_tokens: 20, output_tokens: 9 }
    const read = (fallback_credit: unknown) =>
      play({
        answerType: 'application/json',
        answer: JSON.stringify({ model: 'claude-opus-5', usage: { ...reported, fallback_credit } }),
      })
    expect(await read(null)).toMatchObject({
      ...{ usageSource: 'provider', unknownUsage: [], billed: { terms: [] } },
      usage: { inputTokens: 20, outputTokens: 9, cachedInputTokens: null, reasoningTokens: 4 },
    })
    expect(await read({ status: { type: 'not_applied', reason: 'expired' } })).toMatchObject({
      unknownUsage: [],
      billed: { terms: [] },
    })
    expect((await read({ status: { type: 'redeemed' } })).billed.terms).toEqual([
      'fallback_credit:redeemed',
    ])
  })

  test('that are only counted are not on the bill', async () => {
    const facts = await play({
      endpoint: '/v1/messages/count_tokens',
      answerType: 'application/json',
      answer: '{"input_tokens":14}',
    })
    expect(facts).toMatchObject({
      usageSource: 'none',
      billable: false,
      model: 'claude-sonnet-5',
      usage: { inputTokens: null },
    })
  })
})
