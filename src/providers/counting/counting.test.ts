import fc from 'fast-check'
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { describe, expect, test } from 'vitest'
import { SSE, sse } from '../fixtures/play.ts'
import type { ExchangeFacts } from '../reading/exchange-reader.ts'
import { createExchangeReader } from '../reading/exchange-reader.ts'
import { definitionOf } from '../registry.ts'
import { countExchange } from './count-exchange.ts'
import { countedFacts } from './counted-facts.ts'
import { encodingOf } from './encoding.ts'
import { createRetentionBudget, type RetentionBudget } from './retained-exchange.ts'

const count = (text: string) => countTokens(text)
const REQUEST = JSON.stringify({
  model: 'gpt-4o',
  stream: true,
  messages: [{ role: 'user', content: 'How many tokens is this?' }],
})
const delta = (content: string, finish_reason: string | null = null) => ({
  model: 'gpt-4o-2024-08-06',
  choices: [{ index: 0, delta: { content }, finish_reason }],
  usage: null,
  obfuscation: 'x'.repeat(40),
})
const ANSWER = sse(delta('Not '), delta('many.', 'stop'), '[DONE]')

interface Call {
  readonly provider?: 'openai' | 'anthropic' | 'gemini'
  readonly endpoint?: string
  readonly request?: string
  readonly answer?: string
  readonly answerType?: string
  readonly cut?: boolean
  readonly budget?: RetentionBudget
}

function read({
  provider = 'openai',
  endpoint = '/v1/chat/completions',
  cut = false,
  budget = createRetentionBudget(),
  ...call
}: Call): ExchangeFacts {
  const start = {
    provider: definitionOf(provider),
    method: 'POST',
    endpoint,
    query: '',
    contentType: 'application/json',
    contentEncoding: null,
  }
  const reader = createExchangeReader(start, { retention: budget })
  reader.requestBody(Buffer.from(call.request ?? REQUEST))
  reader.requestEnd()
  reader.responseStart({
    status: 200,
    contentType: call.answerType ?? SSE,
    contentEncoding: null,
    header: () => undefined,
  })
  reader.responseBody(Buffer.from(call.answer ?? ANSWER))
  if (!cut) reader.responseEnd()
  const seen: ExchangeFacts[] = []
  reader.finish((facts) => seen.push(facts))
  const [facts] = seen
  if (facts === undefined) throw new Error('not read at once')
  expect(budget.usedBytes).toBe(0)
  return facts.uncounted === null
    ? facts
    : countedFacts(facts, countExchange(facts.uncounted, count))
}

describe('a stream whose provider reports no usage', () => {
  test('is counted on both sides, and says so', () => {
    const facts = read({})
    // "How many tokens is this?" is 6, the role 1, 3 around the message and 3 before the answer;
    // "Not many." is 3.
    expect(facts).toMatchObject({
      usageSource: 'estimated',
      usage: { inputTokens: 13, outputTokens: 3, totalTokens: 16 },
      usageRaw: null,
    })
  })

  test('that was cut is counted as far as it came, and is partial', () => {
    expect(read({ answer: sse(delta('Not ')), cut: true })).toMatchObject({
      usageSource: 'partial',
      usage: { inputTokens: 13, outputTokens: 2 },
    })
  })

  test('is left unknown where its request cannot be counted: pictures, or bodies over the bound', () => {
    const picture = { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:' } }] }
    const facts = read({ request: JSON.stringify({ stream: true, messages: [picture] }) })
    expect(facts).toMatchObject({
      usageSource: 'estimated',
      usage: { inputTokens: null, outputTokens: 3, totalTokens: null },
    })
    const huge = JSON.stringify({
      stream: true,
      messages: [{ role: 'user', content: 'x'.repeat(2_000_000) }],
    })
    expect(read({ request: huge })).toMatchObject({ usageSource: 'none', uncounted: null })
    expect(read({ budget: createRetentionBudget(10) })).toMatchObject({
      usageSource: 'none',
      uncounted: null,
    })
  })

  test('counts tools on either side', () => {
    const tool = {
      type: 'function',
      function: {
        name: 'get_weather',
        description: 'Weather of a city.',
        parameters: {
          type: 'object',
          properties: { city: { type: 'string', enum: ['Rome', 'Oslo'] } },
        },
      },
    }
    const withTools = JSON.stringify({
      stream: true,
      messages: [{ role: 'user', content: 'How many tokens is this?' }],
      tools: [tool],
    })
    const call = {
      index: 0,
      delta: {
        tool_calls: [
          { index: 0, id: 'c', function: { name: 'get_weather', arguments: '{"city":' } },
        ],
      },
    }
    const rest = {
      index: 0,
      delta: { tool_calls: [{ index: 0, function: { arguments: '"Rome"}' } }] },
      finish_reason: 'tool_calls',
    }
    const facts = read({
      request: withTools,
      answer: sse({ choices: [call] }, { choices: [rest] }, '[DONE]'),
    })
    expect(facts.usage.inputTokens).toBeGreaterThan(13 + 12 + 7)
    expect(facts.usage.outputTokens).toBe(7 + count('get_weather') + count('{"city":"Rome"}'))
  })

  test('has nothing to count in a body that is no stream, whatever its label says', () => {
    for (const answer of ['internal error', '<html></html>', '{"error":{"type":"server_error"}}'])
      expect(read({ answer }).usageSource).toBe('none')
  })

  test('counts parallel calls that have one index and ids of their own', () => {
    const asked = (id: string, index: number) => ({
      choices: [
        {
          index: 0,
          delta: {
            tool_calls: [{ index, id, function: { name: 'get_weather', arguments: '{}' } }],
          },
        },
      ],
    })
    const output = (...calls: readonly object[]) =>
      read({ request: REQUEST, answer: sse(...calls, '[DONE]') }).usage.outputTokens
    expect(output(asked('a', 0), asked('b', 0))).toBe(output(asked('a', 0), asked('b', 1)))
  })
})

describe('a call that is reported', () => {
  test.each([
    [
      'by a stream',
      { answer: sse({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } }, '[DONE]') },
    ],
    ['nothing, in a plain answer', { answer: '{"choices":[]}', answerType: 'application/json' }],
  ])('%s is not counted', (_, call) => {
    expect(read(call).uncounted).toBeNull()
  })

  test('its input by an Anthropic stream that was cut keeps it, and has its output counted', () => {
    const start = {
      type: 'message_start',
      message: { model: 'claude-sonnet-5', usage: { input_tokens: 77, output_tokens: 1 } },
    }
    const answer = sse(start, {
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'text_delta', text: 'Not many.' },
    })
    const facts = read({ provider: 'anthropic', endpoint: '/v1/messages', answer, cut: true })
    expect(facts).toMatchObject({
      usageSource: 'partial',
      usage: { inputTokens: 77, outputTokens: 3, totalTokens: 80 },
    })
  })
})

describe('a response of OpenAI that is cut off', () => {
  const question = {
    model: 'gpt-4o',
    stream: true,
    instructions: 'Be brief.',
    input: 'How many tokens is this?',
  }
  const created = {
    type: 'response.created',
    response: { id: 'resp_1', model: 'gpt-4o-2024-08-06', status: 'in_progress', usage: null },
  }
  const said = (delta: string) => ({
    type: 'response.output_text.delta',
    output_index: 0,
    delta,
    obfuscation: 'xxxxxxxx',
  })
  const usage = { input_tokens: 20, output_tokens: 3, total_tokens: 23 }
  const completed = {
    type: 'response.completed',
    response: { id: 'resp_1', model: 'gpt-4o-2024-08-06', status: 'completed', usage },
  }
  const asked = (request: unknown, answer: string, cut = true) =>
    read({ endpoint: '/v1/responses', request: JSON.stringify(request), answer, cut })

  test('has its input counted from the request, its output from what came, and says so', () => {
    // Instructions 3 + 1 + 3, question 3 + 1 + 6, and 3 before the answer.
    expect(asked(question, sse(created, said('Not '), said('many.')))).toMatchObject({
      ...{ usageSource: 'partial', model: 'gpt-4o-2024-08-06', responseId: 'resp_1' },
      usage: { inputTokens: 20, outputTokens: 3, totalTokens: 23 },
    })
    expect(asked(question, sse(created, said('Not many.')), false).usageSource).toBe('estimated')
  })

  test('is reported by the provider where its last event came', () => {
    expect(asked(question, sse(created, said('x'), completed))).toMatchObject({
      usageSource: 'provider',
      uncounted: null,
      usage: { inputTokens: 20 },
    })
  })

  test('counts messages, tools, calls and their results as items', () => {
    const tool = {
      type: 'function',
      name: 'get_weather',
      description: 'Weather.',
      parameters: { properties: { city: { type: 'string' } } },
    }
    const input = [
      { role: 'user', content: [{ type: 'input_text', text: 'Weather?' }] },
      { type: 'reasoning', encrypted_content: 'x'.repeat(100) },
      { type: 'function_call', name: 'get_weather', arguments: '{}' },
      { type: 'function_call_output', output: 'rain' },
    ]
    const bare = asked({ input }, sse(created)).usage.inputTokens
    expect(bare).toBe(
      3 + 3 + 1 + count('Weather?') + 3 + count('get_weather') + count('{}') + 3 + count('rain'),
    )
    expect(
      asked({ input, tools: [tool, { type: 'web_search' }] }, sse(created)).usage.inputTokens,
    ).toBeGreaterThan((bare ?? 0) + 20)
    const added = {
      type: 'response.output_item.added',
      output_index: 1,
      item: { type: 'function_call', name: 'get_weather', arguments: '' },
    }
    const given = (delta: string) => ({
      type: 'response.function_call_arguments.delta',
      output_index: 1,
      delta,
    })
    const summary = {
      type: 'response.reasoning_summary_text.delta',
      output_index: 0,
      delta: 'I thought about it.',
    }
    expect(
      asked({ input }, sse(created, summary, added, given('{"city":'), given('"Rome"}'))).usage
        .outputTokens,
    ).toBe(7 + count('get_weather') + count('{"city":"Rome"}'))
  })

  test.each([
    ['earlier turns that the provider keeps', { input: 'more', previous_response_id: 'resp_0' }],
    ['a conversation', { input: 'more', conversation: 'conv_1' }],
    ['a prompt template', { prompt: { id: 'pmpt_1' } }],
    [
      'a picture',
      { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'data:' }] }] },
    ],
    ['an item kept by the provider', { input: [{ type: 'item_reference', id: 'msg_1' }] }],
  ])('has unknown input with %s', (_, request) => {
    expect(asked(request, sse(created, said('Not many.')))).toMatchObject({
      usageSource: 'partial',
      usage: { inputTokens: null, outputTokens: 3, totalTokens: null },
    })
  })

  test('is the same at every byte it may be cut at: input known, output never more than the whole', () => {
    const whole = sse(created, said('Not '), said('many, I '), said('should say.'), completed)
    const most = count('Not many, I should say.')
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length }), (length) => {
        const { usage: seen, usageSource } = asked(question, whole.slice(0, length))
        if (usageSource === 'provider') {
          expect(seen).toMatchObject({ inputTokens: 20, outputTokens: 3 })
          return
        }
        expect(usageSource).toBe('partial')
        expect(seen.inputTokens).toBe(20)
        expect(seen.outputTokens).toBeLessThanOrEqual(most)
      }),
    )
  })
})

describe('an interaction of Gemini that is cut off', () => {
  const created = {
    event_type: 'interaction.created',
    interaction: { id: 'v1_a', status: 'in_progress', model: 'gemini-2.5-flash' },
  }
  const said = (text: string) => ({
    event_type: 'step.delta',
    index: 1,
    delta: { type: 'text', text },
  })
  const asked = (request: unknown, answer: string) =>
    read({
      provider: 'gemini',
      endpoint: '/v1beta/interactions',
      request: JSON.stringify(request),
      answer,
      cut: true,
    })

  test('has its input counted from the request and its output from what came', () => {
    const signature = {
      event_type: 'step.delta',
      index: 0,
      delta: { type: 'thought_signature', signature: 'x'.repeat(80) },
    }
    const request = {
      model: 'gemini-2.5-flash',
      stream: true,
      system_instruction: 'Be brief.',
      input: 'How many tokens is this?',
    }
    expect(asked(request, sse(created, signature, said('Not '), said('many.')))).toMatchObject({
      ...{ usageSource: 'partial', model: 'gemini-2.5-flash', responseId: 'v1_a', deferred: false },
      usage: { inputTokens: 20, outputTokens: 3, totalTokens: 23 },
    })
  })

  test('counts steps, older turns and calls', () => {
    const steps = [
      { type: 'user_input', content: [{ type: 'text', text: 'Weather?' }] },
      { type: 'function_call', name: 'get_weather', arguments: {} },
      { type: 'function_result', result: { sky: 'rain' } },
    ]
    const start = {
      event_type: 'step.start',
      index: 2,
      step: { type: 'function_call', name: 'get_weather' },
    }
    const given = (text: string) => ({
      event_type: 'step.delta',
      index: 2,
      delta: { type: 'arguments_delta', arguments: text },
    })
    const { usage } = asked(
      { input: steps },
      sse(created, start, given('{"city":'), given('"Rome"}')),
    )
    expect(usage.inputTokens).toBe(
      3 +
        3 +
        1 +
        count('Weather?') +
        3 +
        count('get_weather') +
        count('{}') +
        3 +
        count('{"sky":"rain"}'),
    )
    expect(usage.outputTokens).toBe(7 + count('get_weather') + count('{"city":"Rome"}'))
    const turns = asked({ input: [{ role: 'user', content: 'Weather?' }] }, sse(created)).usage
      .inputTokens
    expect(turns).toBe(3 + 3 + 1 + count('Weather?'))
    expect(
      asked({ input: 'more', previous_interaction_id: 'v1_0' }, sse(created)).usage.inputTokens,
    ).toBeNull()
  })

  test('keeps the counts that the stream reported so far, as the last that are known', () => {
    const counts = { total_input_tokens: 7, total_output_tokens: 5, total_thought_tokens: 2 }
    const stop = { event_type: 'step.stop', index: 1, usage: counts }
    expect(asked({ input: 'x' }, sse(created, said('Not many.'), stop))).toMatchObject({
      ...{ usageSource: 'partial', uncounted: null },
      usage: { inputTokens: 7, outputTokens: 7, totalTokens: 14 },
    })
    const done = {
      event_type: 'interaction.completed',
      interaction: { status: 'completed', usage: { ...counts, total_output_tokens: 6 } },
    }
    expect(asked({ input: 'x' }, sse(created, stop, done))).toMatchObject({
      usageSource: 'provider',
      usage: { outputTokens: 8 },
    })
  })
})

test('counts by the vocabulary of the model', () => {
  expect(['gpt-3.5-turbo-0125', 'gpt-4-0613', 'gpt-4'].map(encodingOf)).toEqual([
    'cl100k_base',
    'cl100k_base',
    'cl100k_base',
  ])
  expect(['gpt-4o', 'gpt-4.1', 'gpt-5', 'o3', 'claude-x', null].map(encodingOf)).toEqual(
    new Array(6).fill('o200k_base'),
  )
})
