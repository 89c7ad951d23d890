import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { play } from '../fixtures/play.ts'
import { definitionOf } from '../registry.ts'
import { type ClientReport, extractFromReport } from './report.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const CHAT = { provider: definitionOf('openai'), endpoint: '/v1/chat/completions' } as const
const MESSAGES = { provider: definitionOf('anthropic'), endpoint: '/v1/messages' } as const
const GENERATE = {
  provider: definitionOf('gemini'),
  endpoint: '/v1beta/models/gemini-2.5-flash:generateContent',
} as const
const USAGE = { prompt_tokens: 20, completion_tokens: 49, total_tokens: 69 }
const ANSWER = {
  id: 'c',
  model: 'gpt-4o-2024',
  choices: [{ index: 0, message: { content: 'Hi' }, finish_reason: 'stop' }],
  usage: USAGE,
}
const CHUNKS = [
  { model: 'gpt-4o-2024', choices: [{ index: 0, delta: { content: 'H' } }] },
  { model: 'gpt-4o-2024', choices: [{ index: 0, delta: { content: 'i' }, finish_reason: 'stop' }] },
  { model: 'gpt-4o-2024', choices: [], usage: USAGE },
]

describe('a client report', () => {
  test.each([
    ['an SDK object', ANSWER, false],
    ['raw JSON', JSON.stringify(ANSWER), false],
    ['a list of stream events', CHUNKS, true],
    [
      'a stream as it was on the wire',
      `${CHUNKS.map((chunk) => `data: ${JSON.stringify(chunk)}`).join('\n\n')}\n\ndata: [DONE]\n\n`,
      true,
    ],
  ])('may hold %s', (_, response, stream) => {
    expect(extractFromReport({ ...CHAT, response }, { text: true })).toMatchObject({
      model: 'gpt-4o-2024',
      requestModel: null,
      stream,
      finishReason: 'stop',
      usage: { totalTokens: 69 },
      usageSource: 'provider',
      billable: true,
      unreadable: null,
      text: { prompt: null, completion: { full: 'Hi' } },
    })
  })

  test('may hold what a Python SDK dumps', () => {
    const response = {
      model_version: 'gemini-2.5-flash-001',
      response_id: 'r',
      candidates: [
        {
          content: {
            parts: [{ text: 'Hi' }, { function_call: { name: 'f', args: { snake_case: 1 } } }],
          },
          finish_reason: 'STOP',
        },
      ],
      usage_metadata: { prompt_token_count: 4, candidates_token_count: 2, total_token_count: 6 },
    }
    expect(extractFromReport({ ...GENERATE, response }, { text: true })).toMatchObject({
      model: 'gemini-2.5-flash-001',
      providerRequestId: 'r',
      finishReason: 'STOP',
      usage: { inputTokens: 4, outputTokens: 2 },
      text: {
        completion: { full: 'Hi' },
        toolCalls: [{ name: 'f', argumentsJson: '{"snake_case":1}' }],
      },
    })
  })

  test.each<[string, ClientReport]>([
    [
      "OpenAI's body",
      { ...CHAT, response: { error: { message: 'no', type: 'invalid_request_error' } } },
    ],
    ["OpenAI's body as text", { ...CHAT, response: '{"error":{"message":"no"}}' }],
    [
      "the SDK's object",
      {
        ...CHAT,
        response: { status: 429, code: 'x', requestID: 'req_1', error: { message: 'no' } },
      },
    ],
    [
      "Anthropic's body",
      {
        ...MESSAGES,
        response: { type: 'error', error: { type: 'overloaded_error' }, request_id: 'req_1' },
      },
    ],
    ["Gemini's body", { ...GENERATE, response: { error: { code: 503, status: 'UNAVAILABLE' } } }],
    ['an answer with an error status', { ...CHAT, response: ANSWER, status: 500 }],
  ])('of an error is not billable: %s', (_, report) => {
    expect(extractFromReport(report)).toMatchObject({
      billable: false,
      usageSource: 'none',
      unreadable: null,
      stream: false,
    })
  })

  test.each([null, 7, [], {}, 'nonsense', undefined, [[]], { choices: 'x' }])(
    'of %j says nothing, and does not throw',
    (response) => {
      expect(extractFromReport({ ...CHAT, response }, { text: true })).toMatchObject({
        usageSource: 'none',
        model: null,
      })
    },
  )

  test('nested without end is unreadable, and does not throw', () => {
    const deep: unknown = JSON.parse('['.repeat(200_000) + ']'.repeat(200_000))
    for (const report of [CHAT, GENERATE]) {
      expect(extractFromReport({ ...report, response: { deep } }).unreadable).toBe(
        'unreadable_body',
      )
      expect(
        extractFromReport({ ...report, response: ANSWER, messages: deep }, { text: true }).text
          ?.prompt,
      ).toBeNull()
    }
  })

  test('knows the request id where the SDK put it', () => {
    expect(
      extractFromReport({ ...CHAT, response: { ...ANSWER, _request_id: 'req_1' } })
        .providerRequestId,
    ).toBe('req_1')
  })

  const guide = [
    { role: 'user', content: 'one' },
    { role: 'assistant', content: 'two' },
  ]
  test.each<[string, Omit<ClientReport, 'response'>]>([
    ['chat', { ...CHAT, messages: guide, system: 'sys' }],
    [
      'chat with its own system message',
      { ...CHAT, messages: [{ role: 'system', content: 'sys' }, ...guide] },
    ],
    ['Anthropic', { ...MESSAGES, messages: guide, system: 'sys' }],
    ['Anthropic blocks', { ...MESSAGES, messages: guide, system: [{ type: 'text', text: 'sys' }] }],
    [
      'responses',
      {
        provider: definitionOf('openai'),
        endpoint: '/v1/responses',
        messages: guide,
        system: 'sys',
      },
    ],
    ['Gemini in the shape of the guide', { ...GENERATE, messages: guide, system: 'sys' }],
    [
      'Gemini in its own',
      {
        ...GENERATE,
        messages: [{ parts: [{ text: 'one' }, { text: 'two' }] }],
        system: { parts: [{ text: 'sys' }] },
      },
    ],
    ['Gemini strings', { ...GENERATE, messages: ['one', 'two'], system: 'sys' }],
    [
      'speech',
      {
        provider: definitionOf('openai'),
        endpoint: '/v1/audio/speech',
        messages: ['one', 'two'],
        system: 'sys',
      },
    ],
  ])('with messages has the prompt of the call: %s', (_, report) => {
    const { text } = extractFromReport({ ...report, response: {} }, { text: true })
    expect(text?.prompt).toMatchObject({
      full: 'sys\n\none\n\ntwo',
      hashSha256: sha256('sys\n\none\n\ntwo'),
      preview: 'sys\n\none\n\ntwo',
    })
  })

  test('has the same hash as the same call through the proxy', async () => {
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'Grüße 😀' }] }]
    const proxied = await play({
      request: JSON.stringify({ messages }),
      answer: JSON.stringify(ANSWER),
      text: true,
    })
    expect(extractFromReport({ ...CHAT, messages, response: ANSWER }, { text: true }).text).toEqual(
      proxied.text,
    )
  })

  test('of an endpoint whose format no one knows has none', () => {
    const report = {
      provider: definitionOf('openai'),
      endpoint: '/v1/moderations',
      messages: guide,
      response: {},
    } as const
    expect(extractFromReport(report, { text: true }).text).toEqual({
      prompt: null,
      completion: null,
      toolCalls: [],
      attachments: [],
      conversation: { messages: [], toolText: '', truncated: false },
    })
  })
})
