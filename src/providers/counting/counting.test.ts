import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { describe, expect, it } from 'vitest'
import type { ExchangeFacts } from '../exchange-reader.ts'
import { createExchangeReader } from '../exchange-reader.ts'
import { SSE, sse } from '../fixtures/play.ts'
import { countExchange } from './count-exchange.ts'
import { countedFacts } from './counted-facts.ts'
import { encodingOf } from './encoding.ts'
import { createRetentionBudget, type RetentionBudget } from './retained-exchange.ts'

const count = (text: string) => countTokens(text)
const REQUEST = JSON.stringify({ model: 'gpt-4o', stream: true, messages: [{ role: 'user', content: 'How many tokens is this?' }] })
const delta = (content: string, finish_reason: string | null = null) => ({
  model: 'gpt-4o-2024-08-06',
  choices: [{ index: 0, delta: { content }, finish_reason }],
  usage: null,
  obfuscation: 'x'.repeat(40),
})
const ANSWER = sse(delta('Not '), delta('many.', 'stop'), '[DONE]')

interface Call {
  readonly provider?: 'openai' | 'anthropic'
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
  const start = { provider, method: 'POST', endpoint, query: '', contentType: 'application/json', contentEncoding: null }
  const reader = createExchangeReader(start, { retention: budget })
  reader.requestBody(Buffer.from(call.request ?? REQUEST))
  reader.requestEnd()
  reader.responseStart({ status: 200, contentType: call.answerType ?? SSE, contentEncoding: null, header: () => undefined })
  reader.responseBody(Buffer.from(call.answer ?? ANSWER))
  if (!cut) reader.responseEnd()
  const seen: ExchangeFacts[] = []
  reader.finish((facts) => seen.push(facts))
  const [facts] = seen
  if (facts === undefined) throw new Error('not read at once')
  expect(budget.usedBytes).toBe(0)
  return facts.uncounted === null ? facts : countedFacts(facts, countExchange(facts.uncounted, count))
}

describe('a stream whose provider tells no usage', () => {
  it('is counted on both sides, and says so', () => {
    const facts = read({})
    // "How many tokens is this?" is 6, the role 1, 3 around the message and 3 before the answer; "Not many." is 3.
    expect(facts).toMatchObject({ usageSource: 'estimated', usage: { inputTokens: 13, outputTokens: 3, totalTokens: 16 }, usageRaw: null })
  })

  it('that was cut is counted as far as it came, and is partial', () => {
    expect(read({ answer: sse(delta('Not ')), cut: true })).toMatchObject({
      usageSource: 'partial',
      usage: { inputTokens: 13, outputTokens: 2 },
    })
  })

  it('is left unknown where its request cannot be counted: pictures, or bodies over the bound', () => {
    const picture = { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:' } }] }
    const facts = read({ request: JSON.stringify({ stream: true, messages: [picture] }) })
    expect(facts).toMatchObject({ usageSource: 'estimated', usage: { inputTokens: null, outputTokens: 3, totalTokens: null } })
    const huge = JSON.stringify({ stream: true, messages: [{ role: 'user', content: 'x'.repeat(2_000_000) }] })
    expect(read({ request: huge })).toMatchObject({ usageSource: 'none', uncounted: null })
    expect(read({ budget: createRetentionBudget(10) })).toMatchObject({ usageSource: 'none', uncounted: null })
  })

  it('counts tools on either side', () => {
    const tool = {
      type: 'function',
      function: {
        name: 'get_weather',
        description: 'Weather of a city.',
        parameters: { type: 'object', properties: { city: { type: 'string', enum: ['Rome', 'Oslo'] } } },
      },
    }
    const withTools = JSON.stringify({ stream: true, messages: [{ role: 'user', content: 'How many tokens is this?' }], tools: [tool] })
    const call = { index: 0, delta: { tool_calls: [{ index: 0, id: 'c', function: { name: 'get_weather', arguments: '{"city":' } }] } }
    const rest = { index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: '"Rome"}' } }] }, finish_reason: 'tool_calls' }
    const facts = read({ request: withTools, answer: sse({ choices: [call] }, { choices: [rest] }, '[DONE]') })
    expect(facts.usage.inputTokens).toBeGreaterThan(13 + 12 + 7)
    expect(facts.usage.outputTokens).toBe(7 + count('get_weather') + count('{"city":"Rome"}'))
  })
})

describe('a call that is told', () => {
  it.each([
    ['by a stream', { answer: sse({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } }, '[DONE]') }],
    ['nothing, in a plain answer', { answer: '{"choices":[]}', answerType: 'application/json' }],
  ])('%s is not counted', (_, call) => {
    expect(read(call).uncounted).toBeNull()
  })

  it('its input by an Anthropic stream that was cut keeps it, and has its output counted', () => {
    const start = { type: 'message_start', message: { model: 'claude-sonnet-5', usage: { input_tokens: 77, output_tokens: 1 } } }
    const answer = sse(start, { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Not many.' } })
    const facts = read({ provider: 'anthropic', endpoint: '/v1/messages', answer, cut: true })
    expect(facts).toMatchObject({ usageSource: 'partial', usage: { inputTokens: 77, outputTokens: 3, totalTokens: 80 } })
  })
})

it('counts by the vocabulary of the model', () => {
  expect(['gpt-3.5-turbo-0125', 'gpt-4-0613', 'gpt-4'].map(encodingOf)).toEqual(['cl100k_base', 'cl100k_base', 'cl100k_base'])
  expect(['gpt-4o', 'gpt-4.1', 'gpt-5', 'o3', 'claude-x', null].map(encodingOf)).toEqual(new Array(6).fill('o200k_base'))
})
