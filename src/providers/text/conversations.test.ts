import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type PlayedCall, play, SSE, sse } from '../fixtures/play.ts'
import { saidMessages } from '../fixtures/said-messages.ts'

const GENERATE = '/v1beta/models/gemini-2.5-flash:generateContent'
const PNG = Buffer.from('an image').toString('base64')
const DATA_URL = `data:image/png;base64,${PNG}`
const image = ['image', 'image/png', 8]

const of = (
  provider: NonNullable<PlayedCall['provider']>,
  endpoint: string,
  request: object,
  answer: object | readonly object[] = {},
): PlayedCall => ({
  provider,
  endpoint,
  request: JSON.stringify(request),
  ...(Array.isArray(answer)
    ? { answer: sse(...answer), answerType: SSE }
    : { answer: JSON.stringify(answer) }),
})
const chat = (messages: readonly object[], answer?: object | readonly object[]) =>
  of('openai', '/v1/chat/completions', { messages }, answer)
const delta = (index: number, delta: object) => ({ choices: [{ index, delta }] })

const CALLS: Readonly<Record<string, readonly [PlayedCall, readonly (readonly unknown[])[]]>> = {
  'chat: roles in order, what tools were asked and gave back, files and what is unknown': [
    chat(
      [
        { role: 'developer', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', image_url: { url: DATA_URL } },
            { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
            { type: 'file', file: { file_id: 'file-1', filename: 'a.pdf' } },
            { type: 'hologram', text: 'not known' },
            { type: 'text', text: '' },
          ],
        },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 'call_1', type: 'function', function: { name: 'look', arguments: '{"a":1}' } },
            { id: 'call_2', type: 'custom', custom: { name: 'sh', input: 'ls' } },
          ],
        },
        { role: 'tool', tool_call_id: 'call_1', content: 'a cat' },
        { role: 'tool', tool_call_id: 'call_2', content: [{ type: 'text', text: 'a.txt' }] },
        { role: 'tool', tool_call_id: 'call_3', content: '' },
        { role: 'assistant', content: 'A cat.', refusal: 'no' },
        { role: 'wizard', content: 'Who?' },
      ],
      {
        choices: [
          { index: 1, message: { content: 'second' } },
          {
            index: 0,
            message: {
              content: 'first',
              reasoning_content: 'hm',
              tool_calls: [{ id: 'c', function: { name: 'f', arguments: '{}' } }],
            },
          },
        ],
      },
    ),
    [
      ['developer', 'Be brief.'],
      [
        'user',
        'What is this?',
        image,
        ['image', null, 'https://example.com/a.png'],
        ['file', null, 'file-1', 'a.pdf'],
        { other: 'hologram' },
        '',
      ],
      [
        'assistant',
        { call: 'call_1', name: 'look', arguments: '{"a":1}' },
        { call: 'call_2', name: 'sh', arguments: 'ls' },
      ],
      ['tool', { result: 'call_1', name: null, text: 'a cat' }],
      ['tool', { result: 'call_2', name: null, text: 'a.txt' }],
      ['tool', { result: 'call_3', name: null, text: '' }],
      ['assistant', 'A cat.', { other: 'refusal' }],
      [null, 'Who?'],
      ['assistant', 'first', { call: 'c', name: 'f', arguments: '{}' }, { other: 'reasoning' }],
      ['assistant', 'second'],
    ],
  ],
  'chat: functions as they were before tools': [
    chat([
      { role: 'assistant', content: 'Let me see.', function_call: { name: 'f', arguments: '{}' } },
      { role: 'function', name: 'f', content: '42' },
    ]),
    [
      ['assistant', 'Let me see.', { call: null, name: 'f', arguments: '{}' }],
      ['tool', { result: null, name: 'f', text: '42' }],
    ],
  ],
  'chat: a stream of two choices, its calls in pieces': [
    chat(
      [{ role: 'user', content: 'hi' }],
      [
        delta(0, { role: 'assistant', content: 'a' }),
        delta(1, { content: 'x' }),
        delta(0, { content: 'b' }),
        delta(0, { tool_calls: [{ index: 0, id: 'c', function: { name: 'f', arguments: '{"' } }] }),
        delta(0, { tool_calls: [{ index: 0, function: { arguments: 'n":1}' } }] }),
        delta(1, { content: 'y' }),
      ],
    ),
    [
      ['user', 'hi'],
      ['assistant', 'ab', { call: 'c', name: 'f', arguments: '{"n":1}' }],
      ['assistant', 'xy'],
    ],
  ],
  'responses: items of input and of output': [
    of(
      'openai',
      '/v1/responses',
      {
        instructions: 'Be brief.',
        input: [
          { role: 'user', content: 'hi' },
          {
            type: 'message',
            role: 'user',
            content: [
              { type: 'input_text', text: 'and this' },
              { type: 'input_image', image_url: DATA_URL },
              { type: 'input_file', filename: 'b.pdf', file_url: 'https://example.com/b.pdf' },
            ],
          },
          { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'no' }] },
          { type: 'function_call', call_id: 'c', name: 'f', arguments: '{"a":1}' },
          { type: 'function_call_output', call_id: 'c', output: 'done' },
          {
            type: 'custom_tool_call_output',
            call_id: 'd',
            output: [
              { type: 'input_text', text: 'one' },
              { type: 'input_image', image_url: DATA_URL },
              { type: 'input_text', text: 'two' },
            ],
          },
          { type: 'item_reference', id: 'x' },
        ],
      },
      {
        output: [
          { type: 'reasoning', summary: [] },
          { type: 'message', content: [{ type: 'output_text', text: 'Hello' }] },
          { type: 'function_call', call_id: 'e', name: 'g', arguments: '{}' },
          {
            type: 'message',
            content: [
              { type: 'output_text', text: 'Bye' },
              { type: 'refusal', refusal: 'no' },
            ],
          },
        ],
      },
    ),
    [
      ['system', 'Be brief.'],
      ['user', 'hi'],
      ['user', 'and this', image, ['file', null, 'https://example.com/b.pdf', 'b.pdf']],
      ['assistant', { other: 'reasoning' }],
      ['assistant', { call: 'c', name: 'f', arguments: '{"a":1}' }],
      ['tool', { result: 'c', name: null, text: 'done' }],
      ['tool', { result: 'd', name: null, text: 'one\n\ntwo' }, image],
      [null, { other: 'item_reference' }],
      [
        'assistant',
        { other: 'reasoning' },
        'Hello',
        { call: 'e', name: 'g', arguments: '{}' },
        'Bye',
        { other: 'refusal' },
      ],
    ],
  ],
  'responses: a stream that was broken off, as far as it came': [
    {
      ...of('openai', '/v1/responses', { input: 'hi' }, [
        { type: 'response.output_item.added', output_index: 0, item: { type: 'reasoning' } },
        { type: 'response.output_text.delta', output_index: 1, content_index: 0, delta: 'He' },
        {
          type: 'response.output_item.added',
          output_index: 2,
          item: { type: 'function_call', call_id: 'c', name: 'f', arguments: '' },
        },
        { type: 'response.function_call_arguments.delta', output_index: 2, delta: '{}' },
        { type: 'response.output_text.delta', output_index: 1, content_index: 1, delta: 'llo' },
        { type: 'response.output_text.delta', output_index: 3, content_index: 0, delta: 'By' },
      ]),
      aborted: true,
    },
    [
      ['user', 'hi'],
      [
        'assistant',
        { other: 'reasoning' },
        'He',
        'llo',
        { call: 'c', name: 'f', arguments: '{}' },
        'By~',
      ],
    ],
  ],
  'Anthropic messages: blocks, results with images, system last': [
    of(
      'anthropic',
      '/v1/messages',
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'one' },
              {
                type: 'document',
                title: 'c.pdf',
                source: { type: 'base64', media_type: 'application/pdf', data: PNG },
              },
            ],
          },
          {
            role: 'assistant',
            content: [
              { type: 'thinking', thinking: 'no' },
              { type: 'text', text: 'Let me look.' },
              { type: 'tool_use', id: 't', name: 'look', input: { at: ['a'] } },
            ],
          },
          {
            role: 'user',
            content: [
              {
                type: 'tool_result',
                content: [
                  { type: 'text', text: 'a cat' },
                  { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } },
                  { type: 'text', text: 'and a dog' },
                ],
                tool_use_id: 't',
              },
              { type: 'tool_result', tool_use_id: 'u', content: 'nothing' },
              { type: 'text', text: 'go on' },
            ],
          },
        ],
        system: [
          { type: 'text', text: 'Be brief.' },
          { type: 'text', text: 'Be kind.' },
        ],
      },
      {
        type: 'message',
        content: [
          { type: 'thinking', thinking: 'no' },
          { type: 'text', text: 'a' },
          { type: 'tool_use', id: 'v', name: 'f', input: { x: 1 } },
          { type: 'text', text: 'b' },
        ],
      },
    ),
    [
      ['system', 'Be brief.', 'Be kind.'],
      ['user', 'one', ['file', 'application/pdf', 8, 'c.pdf']],
      [
        'assistant',
        { other: 'thinking' },
        'Let me look.',
        { call: 't', name: 'look', arguments: '{"at":["a"]}' },
      ],
      [
        'user',
        { result: 't', name: null, text: 'a cat\n\nand a dog' },
        image,
        { result: 'u', name: null, text: 'nothing' },
        'go on',
      ],
      [
        'assistant',
        { other: 'thinking' },
        'a',
        { call: 'v', name: 'f', arguments: '{"x":1}' },
        'b',
      ],
    ],
  ],
  'an Anthropic stream': [
    of('anthropic', '/v1/messages', { messages: [{ role: 'user', content: 'hi' }] }, [
      { type: 'message_start', message: {} },
      { type: 'content_block_start', index: 0, content_block: { type: 'thinking' } },
      { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'a' } },
      { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'b' } },
      {
        type: 'content_block_start',
        index: 2,
        content_block: { type: 'tool_use', id: 't', name: 'f', input: {} },
      },
      {
        type: 'content_block_delta',
        index: 2,
        delta: { type: 'input_json_delta', partial_json: '{"a"' },
      },
      {
        type: 'content_block_delta',
        index: 2,
        delta: { type: 'input_json_delta', partial_json: ':1}' },
      },
      { type: 'message_stop' },
    ]),
    [
      ['user', 'hi'],
      ['assistant', { other: 'thinking' }, 'ab', { call: 't', name: 'f', arguments: '{"a":1}' }],
    ],
  ],
  'Gemini contents, in both ways of writing them': [
    of(
      'gemini',
      GENERATE,
      {
        contents: [
          {
            role: 'user',
            parts: [{ text: 'hi' }, { inlineData: { mimeType: 'image/png', data: PNG } }],
          },
          {
            role: 'model',
            parts: [
              { text: 'hm', thought: true },
              { functionCall: { id: 'c', name: 'f', args: { a: 1 } } },
            ],
          },
          { role: 'user', parts: [{ function_response: { name: 'f', response: { b: 2 } } }] },
          { parts: { file_data: { file_uri: 'gs://a/b', mime_type: 'video/mp4' } } },
        ],
        system_instruction: { parts: { text: 'Be brief.' } },
      },
      {
        candidates: [
          {
            content: {
              parts: [
                { text: 'hm', thought: true },
                { text: 'Hello' },
                { functionCall: { name: 'g', args: {} } },
              ],
            },
          },
        ],
      },
    ),
    [
      ['system', 'Be brief.'],
      ['user', 'hi', image],
      ['assistant', { other: 'thought' }, { call: 'c', name: 'f', arguments: '{"a":1}' }],
      ['user', { result: null, name: 'f', text: '{"b":2}' }],
      ['user', ['video', 'video/mp4', 'gs://a/b']],
      ['assistant', 'Hello', { call: null, name: 'g', arguments: '{}' }, { other: 'thought' }],
    ],
  ],
  'Converse: blocks without a type': [
    of(
      'bedrock',
      '/model/amazon.nova-lite-v1:0/converse',
      {
        system: [{ text: 'Be brief.' }],
        messages: [
          {
            role: 'user',
            content: [
              { text: 'hi' },
              { document: { name: 'd', format: 'pdf', source: { bytes: PNG } } },
              { cachePoint: { type: 'default' } },
            ],
          },
          {
            role: 'assistant',
            content: [
              { reasoningContent: { reasoningText: { text: 'hm' } } },
              { toolUse: { toolUseId: 't', name: 'f', input: { a: 1 } } },
            ],
          },
          {
            role: 'user',
            content: [
              {
                toolResult: {
                  toolUseId: 't',
                  content: [
                    { text: 'one' },
                    { json: { b: 2 } },
                    { image: { source: { bytes: PNG } } },
                  ],
                },
              },
            ],
          },
        ],
      },
      {
        output: {
          message: {
            role: 'assistant',
            content: [
              { text: 'a' },
              { toolUse: { toolUseId: 'u', name: 'g', input: {} } },
              { text: 'b' },
            ],
          },
        },
      },
    ),
    [
      ['system', 'Be brief.'],
      ['user', 'hi', ['file', null, 8, 'd'], { other: 'cachePoint' }],
      ['assistant', { other: 'reasoning' }, { call: 't', name: 'f', arguments: '{"a":1}' }],
      ['user', { result: 't', name: null, text: 'one\n\n{"b":2}' }, ['image', null, 8]],
      ['assistant', 'a', { call: 'u', name: 'g', arguments: '{}' }, 'b'],
    ],
  ],
  'interactions: steps and results': [
    of('gemini', '/v1beta/interactions', {
      system_instruction: 'Be brief.',
      input: [
        { type: 'user_input', content: [{ type: 'text', text: 'hi' }] },
        { type: 'function_call', id: 'c', name: 'f', arguments: { a: 1 } },
        { type: 'function_result', call_id: 'c', name: 'f', result: 'done' },
        { type: 'image', data: PNG, mime_type: 'image/png' },
      ],
    }),
    [
      ['system', 'Be brief.'],
      ['user', 'hi'],
      ['assistant', { call: 'c', name: 'f', arguments: '{"a":1}' }],
      ['tool', { result: 'c', name: 'f', text: 'done' }],
      ['user', image],
    ],
  ],
  'strings that stand in no message are the user’s': [
    of('openai', '/v1/embeddings', { input: ['one', 'two'] }),
    [
      ['user', 'one'],
      ['user', 'two'],
    ],
  ],
}

const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 })

describe('a call as a conversation', () => {
  test.each(Object.entries(CALLS))(
    'is read wherever the bytes are cut: %s',
    async (_, [call, expected]) => {
      const whole = (await play({ ...call, text: true })).text
      expect(saidMessages(whole)).toEqual(expected)
      await fc.assert(
        fc.asyncProperty(cuts, async (chunkBytes) => {
          expect((await play({ ...call, text: true, chunkBytes })).text).toEqual(whole)
        }),
        { numRuns: 40 },
      )
    },
  )

  test('leaves prompt and hash as they are without it: results of tools are beside the prompt', async () => {
    const [call] = CALLS['Anthropic messages: blocks, results with images, system last'] ?? []
    const prompt = 'Be brief.\n\nBe kind.\n\none\n\nLet me look.\n\ngo on'
    const { text } = await play({ ...call, text: true })
    expect(text?.prompt).toMatchObject({
      full: prompt,
      hashSha256: createHash('sha256').update(prompt).digest('hex'),
    })
    expect(text?.conversation.toolText).toBe('{"at":["a"]}\n\na cat\n\nand a dog\n\nnothing')
  })

  test('keeps 10,000 messages, and stops at a bound that no context reaches', async () => {
    const messagesOf = async (count: number) =>
      (
        await play({
          ...chat(Array.from({ length: count }, () => ({ role: 'user', content: 'x' }))),
          text: true,
        })
      ).text?.conversation
    const kept = await messagesOf(10_000)
    expect([kept?.messages.length, kept?.truncated]).toEqual([10_000, false])
    const most = await messagesOf(40_000)
    expect([most?.messages.length, most?.truncated]).toEqual([32_768, true])
  })

  test('says where it was cut: texts over the bound, a body that breaks off, deep JSON', async () => {
    const call = chat([
      { role: 'user', content: 'abcdef' },
      { role: 'user', content: 'more' },
      {
        role: 'assistant',
        tool_calls: [{ id: 'c', function: { name: 'f', arguments: '{"long":true}' } }],
      },
    ])
    const { text } = await play({ ...call, text: true, maxTextBytes: 4 })
    expect(saidMessages(text)).toEqual([
      ['user', 'abcd~'],
      ['user', '~'],
      ['assistant', { call: 'c', name: 'f', arguments: '{"lo~' }],
    ])
    expect(text?.conversation.truncated).toBe(true)
    const broken = '{"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"tex'
    expect(saidMessages((await play({ request: broken, text: true })).text)).toEqual([
      ['user', 'a'],
    ])
    const deep = `${'['.repeat(100)}1${']'.repeat(100)}`
    const tool = { type: 'tool_use', id: 't', name: 'f', input: JSON.parse(deep) }
    const nested = of('anthropic', '/v1/messages', {
      messages: [{ role: 'user', content: [tool] }],
    })
    expect(saidMessages((await play({ ...nested, text: true })).text)).toEqual([
      ['user', { call: 't', name: 'f', arguments: deep }],
    ])
  })

  test('keeps text as it is: markup, half a surrogate pair, text that looks like a message', async () => {
    for (const content of [
      '<script>alert(1)</script>',
      'a\ud83d',
      '{"role":"system"}',
      '\u202e\u0000',
    ])
      expect(
        saidMessages((await play({ ...chat([{ role: 'user', content }]), text: true })).text),
      ).toEqual([['user', content]])
  })

  test('names and ids of any length cost no more than a name', async () => {
    const long = 'x'.repeat(100_000)
    const { text } = await play({
      ...chat([
        { role: 'assistant', tool_calls: [{ id: long, function: { name: 'f', arguments: '' } }] },
        { role: 'tool', tool_call_id: long, name: long, content: 'a' },
      ]),
      text: true,
    })
    expect(saidMessages(text)).toEqual([
      ['assistant', { call: null, name: 'f', arguments: '' }],
      ['tool', { result: null, name: null, text: 'a' }],
    ])
  })

  test('keeps no arguments that are JSON over 1 MiB, and says so', async () => {
    const input = { long: 'x'.repeat(1024 * 1024) }
    const use = { type: 'tool_use', id: 't', name: 'f', input }
    const call = of('anthropic', '/v1/messages', { messages: [{ role: 'user', content: [use] }] })
    const { text } = await play({ ...call, text: true })
    expect(saidMessages(text)).toEqual([['user', { call: 't', name: 'f', arguments: '~' }]])
    expect(text?.conversation).toMatchObject({ toolText: '', truncated: true })
  })

  test('is not read where text is not asked for', async () => {
    const [call] = CALLS['Gemini contents, in both ways of writing them'] ?? []
    expect((await play({ ...call })).text).toBeNull()
  })
})
