import { createHash } from 'node:crypto'
import zlib from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type PlayedCall, play, SSE, sse } from '../fixtures/play.ts'
import { heldByMessages, heldByText } from '../fixtures/said-messages.ts'
import type { ExchangeText } from '../reading/exchange-reader.ts'

const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex')
const PNG = Buffer.from('not really a picture, but bytes: \u0000\u0001\u0002')
const BASE64 = PNG.toString('base64')
const IMAGE = {
  direction: 'request',
  kind: 'image',
  mediaType: 'image/png',
  sha256: sha256(PNG),
  bytes: PNG.length,
}
const LINKED = (kind: string, mediaType: string | null, url: string) => ({
  direction: 'request',
  kind,
  mediaType,
  sha256: null,
  bytes: null,
  url,
})
const TEXT = 'Grüße "😀"\n\\ud83d'
const MESSAGES = '/v1/messages'
const INTERACTIONS = '/v1beta/interactions'
const RESPONSES = '/v1/responses'
const GENERATE = '/v1beta/models/gemini-2.5-flash:generateContent'
const STREAM_GENERATE = '/v1beta/models/gemini-2.5-flash:streamGenerateContent'

interface Expected {
  /** The pieces of the prompt; empty for none. */
  readonly prompt?: readonly string[]
  readonly completion?: string | null
  readonly toolCalls?: readonly object[]
  readonly attachments?: readonly object[]
}

const openai = (endpoint: string, request: object): PlayedCall => ({
  endpoint,
  request: JSON.stringify(request),
})
const anthropic = (call: PlayedCall): PlayedCall => ({
  provider: 'anthropic',
  endpoint: MESSAGES,
  ...call,
})
const gemini = (call: PlayedCall): PlayedCall => ({
  provider: 'gemini',
  endpoint: GENERATE,
  ...call,
})
const streamed = (...events: readonly unknown[]): PlayedCall => ({
  answer: sse(...events),
  answerType: SSE,
})

const CALLS: Readonly<Record<string, readonly [PlayedCall, Expected]>> = {
  'chat messages of all roles': [
    openai('/v1/chat/completions', {
      messages: [
        { role: 'system', content: TEXT },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'one' },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${BASE64}` } },
            { text: 'type comes last', type: 'text' },
            { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
            { type: 'input_audio', input_audio: { data: BASE64, format: 'wav' } },
            { type: 'file', file: { file_data: `data:application/pdf;base64,${BASE64}` } },
            { type: 'text', text: '' },
          ],
        },
        {
          role: 'assistant',
          content: null,
          refusal: 'no',
          tool_calls: [{ id: 'a', function: { name: 'f', arguments: 'not text' } }],
        },
        { role: 'tool', content: 'result' },
      ],
      tools: [{ function: { description: 'not text' } }],
    }),
    {
      prompt: [TEXT, 'one', 'type comes last', 'result'],
      attachments: [
        IMAGE,
        LINKED('image', null, 'https://example.com/a.png'),
        { ...IMAGE, kind: 'audio', mediaType: null },
        { ...IMAGE, kind: 'file', mediaType: 'application/pdf' },
      ],
    },
  ],
  'chat choices, in index order': [
    {
      answer: JSON.stringify({
        choices: [
          { index: 1, message: { content: 'second' } },
          {
            message: {
              content: 'first',
              refusal: 'no',
              reasoning_content: 'no',
              audio: { transcript: 'no' },
              tool_calls: [
                { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":"\\"😀"}' } },
                { id: 'b', type: 'custom', custom: { name: 'g', input: 'free text' } },
              ],
            },
            index: 0,
          },
        ],
      }),
    },
    {
      completion: 'firstsecond',
      toolCalls: [
        { index: 0, id: 'a', name: 'f', argumentsJson: '{"x":"\\"😀"}' },
        { index: 1, id: 'b', name: 'g', argumentsJson: 'free text' },
      ],
    },
  ],
  'chat deltas whose parallel calls have one index and ids of their own': [
    streamed(
      ...[
        { id: 'one', function: { name: 'f', arguments: '{"city":"Oslo"}' } },
        { id: 'two', function: { name: 'f', arguments: '{"city":' } },
        // An id alone is a repetition, as some hosts make a new one for each piece.
        { id: 'three', function: { arguments: '"Rome"}' } },
      ].map((call) => ({
        choices: [{ index: 0, delta: { tool_calls: [{ index: 0, type: 'function', ...call }] } }],
      })),
    ),
    {
      completion: null,
      toolCalls: [
        { index: 0, id: 'one', name: 'f', argumentsJson: '{"city":"Oslo"}' },
        { index: 1, id: 'three', name: 'f', argumentsJson: '{"city":"Rome"}' },
      ],
    },
  ],
  'chat deltas, interleaved': [
    streamed(
      { choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] },
      { choices: [{ index: 1, delta: { content: 'c' } }] },
      { choices: [{ index: 0, delta: { content: 'a' }, obfuscation: 'no' }] },
      {
        choices: [
          {
            index: 0,
            delta: {
              tool_calls: [{ index: 1, id: 'two', function: { name: 'g', arguments: '' } }],
            },
          },
        ],
      },
      {
        choices: [
          {
            index: 0,
            delta: {
              tool_calls: [{ index: 0, id: 'one', function: { name: 'f', arguments: '{"a"' } }],
            },
          },
        ],
      },
      {
        choices: [
          { index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: ':1}' } }] } },
        ],
      },
      {
        choices: [
          { index: 0, delta: { content: 'b' } },
          { index: 1, delta: { content: 'd' } },
        ],
      },
      { choices: [{ index: 0, delta: { refusal: 'no' } }] },
      '[DONE]',
    ),
    {
      completion: 'abcd',
      toolCalls: [
        { index: 0, id: 'one', name: 'f', argumentsJson: '{"a":1}' },
        { index: 1, id: 'two', name: 'g', argumentsJson: '' },
      ],
    },
  ],
  'legacy completions': [
    {
      ...openai('/v1/completions', { prompt: ['one', 'two'] }),
      answer: JSON.stringify({
        choices: [
          { text: 'b', index: 1 },
          { text: 'a', index: 0 },
        ],
      }),
    },
    { prompt: ['one', 'two'], completion: 'ab' },
  ],
  embeddings: [openai('/v1/embeddings', { input: ['one', 'two'] }), { prompt: ['one', 'two'] }],
  'embeddings of tokens': [openai('/v1/embeddings', { input: [[1, 2], [3]] }), {}],
  images: [openai('/v1/images/generations', { prompt: 'a cat' }), { prompt: ['a cat'] }],
  speech: [
    openai('/v1/audio/speech', { input: 'hello', instructions: 'softly' }),
    { prompt: ['softly', 'hello'] },
  ],
  'responses input, instructions last': [
    openai(RESPONSES, {
      input: [
        { role: 'user', content: 'one' },
        {
          content: [
            { type: 'input_text', text: 'two' },
            { type: 'input_image', image_url: `data:image/png;base64,${BASE64}` },
            { type: 'refusal', refusal: 'no', text: 'no' },
          ],
          type: 'message',
        },
        { content: [{ type: 'reasoning_text', text: 'no' }], type: 'reasoning' },
        { content: 'no', type: 'something_else' },
        { type: 'function_call_output', call_id: 'a', output: 'no' },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'three' }] },
      ],
      instructions: TEXT,
    }),
    { prompt: [TEXT, 'one', 'two', 'three'], attachments: [IMAGE] },
  ],
  'a response': [
    {
      endpoint: RESPONSES,
      answer: JSON.stringify({
        output: [
          {
            type: 'reasoning',
            content: [{ type: 'reasoning_text', text: 'no' }],
            summary: [{ type: 'summary_text', text: 'no' }],
          },
          {
            type: 'message',
            content: [
              { type: 'output_text', text: TEXT },
              { type: 'refusal', refusal: 'no' },
              { text: '!', type: 'output_text' },
            ],
          },
          { type: 'function_call', id: 'fc', call_id: 'call', name: 'f', arguments: '{}' },
        ],
      }),
    },
    {
      completion: `${TEXT}!`,
      toolCalls: [{ index: 0, id: 'call', name: 'f', argumentsJson: '{}' }],
    },
  ],
  'a response stream, by its final object': [
    {
      endpoint: RESPONSES,
      ...streamed(
        { type: 'response.created', response: { output: [] } },
        { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'delta' },
        {
          type: 'response.completed',
          response: {
            output: [{ type: 'message', content: [{ type: 'output_text', text: 'final' }] }],
          },
        },
      ),
    },
    { completion: 'final' },
  ],
  'a response stream that ended early, by its deltas': [
    {
      endpoint: RESPONSES,
      ...streamed(
        { type: 'response.output_text.delta', output_index: 2, content_index: 0, delta: 'c' },
        { type: 'response.output_text.delta', output_index: 0, content_index: 1, delta: 'b' },
        { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'a' },
        { type: 'response.reasoning_text.delta', output_index: 0, content_index: 0, delta: 'no' },
        {
          type: 'response.output_item.added',
          output_index: 1,
          item: { type: 'function_call', call_id: 'x', name: 'f', arguments: '' },
        },
        { type: 'response.function_call_arguments.delta', output_index: 1, delta: '{"a"' },
        { type: 'response.function_call_arguments.delta', output_index: 1, delta: ':1}' },
        {
          type: 'response.output_item.done',
          output_index: 1,
          item: { type: 'function_call', call_id: 'x', name: 'f', arguments: '{"a":1}' },
        },
        { type: 'response.output_text.done', output_index: 2, text: 'no' },
      ),
    },
    { completion: 'abc', toolCalls: [{ index: 0, id: 'x', name: 'f', argumentsJson: '{"a":1}' }] },
  ],
  'Anthropic messages, system last': [
    anthropic({
      request: JSON.stringify({
        messages: [
          { role: 'user', content: 'one' },
          {
            role: 'user',
            content: [
              { type: 'image', source: { data: BASE64, type: 'base64', media_type: 'image/png' } },
              {
                type: 'tool_result',
                content: [
                  { type: 'text', text: 'no' },
                  { type: 'image', source: { type: 'url', url: 'https://x' } },
                ],
              },
              { type: 'thinking', thinking: 'no' },
              { type: 'text', text: 'two', cache_control: { type: 'ephemeral' } },
            ],
          },
        ],
        system: [{ type: 'text', text: TEXT }],
      }),
    }),
    {
      prompt: [TEXT, 'one', 'two'],
      attachments: [IMAGE, LINKED('file', null, 'https://x')],
    },
  ],
  'an Anthropic answer': [
    anthropic({
      answer: JSON.stringify({
        type: 'message',
        content: [
          { type: 'thinking', thinking: 'no' },
          { type: 'text', text: 'a' },
          { type: 'tool_use', id: 't', name: 'f', input: { x: [1] } },
          { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
          { text: 'b', type: 'text' },
        ],
      }),
    }),
    { completion: 'ab', toolCalls: [{ index: 0, id: 't', name: 'f', argumentsJson: '{"x":[1]}' }] },
  ],
  'an Anthropic stream that started twice': [
    anthropic(
      streamed(
        { type: 'message_start', message: {} },
        { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'no' } },
        { type: 'message_start', message: {} },
        {
          type: 'content_block_start',
          index: 0,
          content_block: { type: 'thinking', thinking: 'no' },
        },
        {
          type: 'content_block_delta',
          index: 0,
          delta: { type: 'thinking_delta', thinking: 'no' },
        },
        { type: 'content_block_start', index: 1, content_block: { type: 'text', text: 'a' } },
        {
          type: 'content_block_start',
          index: 2,
          content_block: { type: 'tool_use', id: 't', name: 'f', input: {} },
        },
        {
          type: 'content_block_delta',
          index: 2,
          delta: { type: 'input_json_delta', partial_json: '{"x"' },
        },
        { delta: { text: 'b😀', type: 'text_delta' }, index: 1, type: 'content_block_delta' },
        {
          type: 'content_block_delta',
          index: 2,
          delta: { type: 'input_json_delta', partial_json: ':1}' },
        },
        {
          type: 'content_block_start',
          index: 3,
          content_block: { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
        },
        {
          type: 'content_block_delta',
          index: 3,
          delta: { type: 'input_json_delta', partial_json: 'no' },
        },
        { type: 'message_stop' },
      ),
    ),
    { completion: 'ab😀', toolCalls: [{ index: 0, id: 't', name: 'f', argumentsJson: '{"x":1}' }] },
  ],
  'Gemini contents, system last': [
    gemini({
      request: JSON.stringify({
        contents: [
          {
            role: 'user',
            parts: [{ text: 'one' }, { inlineData: { data: BASE64, mimeType: 'image/png' } }],
          },
          {
            role: 'model',
            parts: [
              { text: 'no', thought: true },
              { thought: false, text: 'two' },
              { functionCall: { name: 'f', args: { text: 'no' } } },
            ],
          },
          { role: 'user', parts: { text: 'three' } },
        ],
        systemInstruction: { parts: [{ text: TEXT }] },
      }),
    }),
    { prompt: [TEXT, 'one', 'two', 'three'], attachments: [IMAGE] },
  ],
  'Gemini contents as its curl examples write them': [
    gemini({
      request: JSON.stringify({
        system_instruction: { parts: { text: 'You are a cat' } },
        contents: {
          parts: [
            { text: 'Hello' },
            { file_data: { file_uri: 'https://x', mime_type: 'video/mp4' } },
          ],
        },
      }),
    }),
    {
      prompt: ['You are a cat', 'Hello'],
      attachments: [LINKED('video', 'video/mp4', 'https://x')],
    },
  ],
  'a Gemini answer': [
    gemini({
      answer: JSON.stringify({
        candidates: [
          { index: 1, content: { parts: [{ text: 'b' }] } },
          {
            content: {
              parts: [
                { text: 'no', thought: true },
                { text: 'a' },
                { functionCall: { name: 'f', args: { x: 1 } } },
              ],
            },
            index: 0,
          },
        ],
      }),
    }),
    { completion: 'ab', toolCalls: [{ index: 0, id: null, name: 'f', argumentsJson: '{"x":1}' }] },
  ],
  'a Gemini stream that is one array': [
    gemini({
      endpoint: STREAM_GENERATE,
      answer: JSON.stringify(
        [
          { candidates: [{ content: { parts: [{ text: 'no', thought: true }] } }] },
          { candidates: [{ content: { parts: [{ text: 'a' }] } }] },
          {
            candidates: [
              {
                content: {
                  parts: [{ text: 'b' }, { functionCall: { id: 'i', name: 'f', args: {} } }],
                },
              },
            ],
          },
        ],
        null,
        2,
      ),
    }),
    { completion: 'ab', toolCalls: [{ index: 0, id: 'i', name: 'f', argumentsJson: '{}' }] },
  ],
  interactions: [
    {
      provider: 'gemini',
      endpoint: INTERACTIONS,
      request: JSON.stringify({
        input: [
          { type: 'text', text: 'one' },
          { type: 'image', data: BASE64, mime_type: 'image/png' },
          { type: 'user_input', content: [{ type: 'text', text: 'two' }] },
          { type: 'function_result', result: 'no' },
        ],
        system_instruction: TEXT,
      }),
    },
    { prompt: [TEXT, 'one', 'two'], attachments: [IMAGE] },
  ],
  'an answer of an interaction': [
    gemini({
      endpoint: INTERACTIONS,
      answer: JSON.stringify({
        steps: [
          { content: [{ type: 'text', text: 'no' }], type: 'thought' },
          {
            type: 'model_output',
            content: [
              { text: 'a', type: 'text' },
              { type: 'image', data: BASE64 },
              { type: 'text', text: TEXT },
            ],
          },
          { content: [{ type: 'text', text: 'c' }], type: 'model_output' },
        ],
        usage: { total_tokens: 1 },
      }),
    }),
    {
      completion: `a${TEXT}c`,
      attachments: [{ ...IMAGE, direction: 'response', mediaType: null }],
    },
  ],
  'an answer of an interaction of the first beta': [
    gemini({
      endpoint: INTERACTIONS,
      answer: JSON.stringify({
        outputs: [
          { text: 'a', type: 'text' },
          { type: 'thought', text: 'no' },
          { type: 'text', text: 'b' },
        ],
      }),
    }),
    { completion: 'ab' },
  ],
  'a stream of an interaction': [
    gemini({
      endpoint: INTERACTIONS,
      ...streamed(
        { event_type: 'step.start', index: 0, step: { type: 'thought' } },
        {
          event_type: 'step.delta',
          index: 0,
          delta: { type: 'thought_summary', content: { type: 'text', text: 'no' } },
        },
        { event_type: 'step.start', index: 1, step: { type: 'model_output' } },
        { index: 1, delta: { text: 'a', type: 'text' }, event_type: 'step.delta' },
        { event_type: 'step.delta', index: 1, delta: { type: 'text', text: TEXT } },
        { event_type: 'interaction.completed', interaction: { usage: { total_tokens: 1 } } },
      ),
    }),
    { completion: `a${TEXT}` },
  ],
  'an endpoint no one knows': [openai('/v1/moderations', { input: 'one' }), {}],
}

/** Besides the conversation, of which src/providers/conversations.test.ts speaks. */
function shown(text: ExchangeText | null) {
  const { conversation: _, ...rest } = text ?? {}
  return { ...rest, prompt: text?.prompt?.full, completion: text?.completion?.full }
}

describe('the text of a call', () => {
  test.each(Object.entries(CALLS))(
    'are read wherever the bytes are cut: %s',
    async (_, [call, expected]) => {
      const whole = (await play({ ...call, text: true })).text
      const full = expected.prompt?.join('\n\n')
      expect(shown(whole)).toEqual({
        prompt: full,
        completion: expected.completion ?? undefined,
        toolCalls: expected.toolCalls ?? [],
        attachments: expected.attachments ?? [],
      })
      if (whole !== null) expect(heldByMessages(whole)).toEqual(heldByText(whole))
      if (full !== undefined)
        expect(whole?.prompt).toMatchObject({
          hashSha256: sha256(full),
          truncated: false,
          chars: full.length,
        })
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 }),
          async (chunkBytes) => {
            expect((await play({ ...call, text: true, chunkBytes })).text).toEqual(whole)
          },
        ),
        { numRuns: 60 },
      )
    },
  )

  test('may be escaped, and compressed', async () => {
    const escaped = '{"messages":[{"role":"user","content":"\\ud83d\\ude00 \\u00e9\\n"}]}'
    for (const chunkBytes of [null, 1, 2, 3, 5]) {
      const plain = await play({ request: escaped, text: true, chunkBytes })
      expect(plain.text?.prompt).toMatchObject({ full: '😀 é\n', hashSha256: sha256('😀 é\n') })
      const gzipped = await play({
        request: zlib.gzipSync(escaped),
        requestEncoding: 'gzip',
        text: true,
        chunkBytes,
      })
      expect(gzipped.text).toEqual(plain.text)
    }
  })

  test('of a refused call are its prompt', async () => {
    const facts = await play({
      status: 429,
      request: '{"messages":[{"content":"hi"}]}',
      answer: '{"error":{"message":"no"}}',
      text: true,
    })
    expect(facts.text).toMatchObject({
      prompt: { full: 'hi', hashSha256: sha256('hi') },
      completion: null,
    })
  })

  test('that were cut short are reported as such, without a hash', async () => {
    const facts = await play({
      request: '{"messages":[{"content":"one"},{"content":[{"type":"text","text":"two th',
      ...streamed({ choices: [{ index: 0, delta: { content: 'a' } }] }),
      aborted: true,
      text: true,
    })
    expect(facts.text?.prompt).toEqual({
      hashSha256: null,
      preview: 'one\n\ntwo th',
      full: 'one\n\ntwo th',
      truncated: true,
      chars: 11,
      lastUser: null,
    })
    expect(facts.text?.completion).toEqual({ preview: 'a', full: 'a', truncated: true, chars: 1 })
  })

  test('are kept up to a bound, and hashed beyond it', async () => {
    const call = {
      request: JSON.stringify({ messages: [{ content: 'é'.repeat(50) }, { content: 'b' }] }),
      answer: JSON.stringify({ choices: [{ message: { content: 'é'.repeat(50) } }] }),
      text: true,
      maxTextBytes: 21,
    }
    const cut = { full: 'é'.repeat(10), truncated: true }
    for (const chunkBytes of [null, 1, 7]) {
      const { text } = await play({ ...call, chunkBytes })
      expect(text?.prompt).toMatchObject({
        ...cut,
        hashSha256: sha256(`${'é'.repeat(50)}\n\nb`),
        chars: 53,
      })
      expect(text?.completion).toMatchObject({ ...cut, chars: 50 })
    }
  })

  test('cost no memory for what is attached', { timeout: 60_000 }, async () => {
    const image = 'QUJD'.repeat(5_000_000)
    const request = `{"messages":[{"content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,${image}"}},{"type":"text","text":"x"}]}]}`
    const { text } = await play({ request, text: true, chunkBytes: 65_536 })
    expect(text?.prompt?.full).toBe('x')
    expect(text?.attachments).toMatchObject([
      { kind: 'image', bytes: 15_000_000, sha256: sha256(Buffer.from(image, 'base64')) },
    ])
  })
})
