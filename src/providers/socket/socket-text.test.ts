import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { saidMessages } from '../fixtures/said-messages.ts'
import { type Frame, talk, wire } from '../fixtures/talk.ts'
import { createExchangeReader, type ExchangeText } from '../reading/exchange-reader.ts'
import { definitionOf } from '../registry.ts'

const LIVE = '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent'
const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex')
const PNG = Buffer.from('not really a picture')
const SOUND = Buffer.from('not really sound').toString('base64')
const TEXT = 'Grüße "😀"\n\\ud83d'

interface Socket {
  readonly provider?: 'openai' | 'gemini'
  readonly endpoint: string
  readonly client: readonly unknown[]
  readonly server: readonly unknown[]
}

interface Expected {
  /** The pieces of the prompt; empty for none. */
  readonly prompt?: readonly string[]
  readonly lastUser?: string
  /** One of each response. */
  readonly completion?: readonly string[]
  readonly toolCalls?: readonly object[]
  readonly attachments?: readonly object[]
  readonly gap?: string | null
  readonly isCut?: boolean
}

const responses = (client: readonly unknown[], server: readonly unknown[]): Socket => ({
  endpoint: '/v1/responses',
  client,
  server,
})
const realtime = (client: readonly unknown[], server: readonly unknown[]): Socket => ({
  endpoint: '/v1/realtime',
  client,
  server,
})
const live = (client: readonly unknown[], server: readonly unknown[]): Socket => ({
  provider: 'gemini',
  endpoint: LIVE,
  client: [{ setup: { model: 'models/gemini-live' } }, ...client],
  server: [{ setupComplete: {} }, ...server],
})
const message = (text: string) => ({ type: 'message', content: [{ type: 'output_text', text }] })
const completed = (...output: readonly object[]) => ({
  type: 'response.completed',
  response: { id: 'resp_1', output, usage: { input_tokens: 1, output_tokens: 1 } },
})
const done = (...output: readonly object[]) => ({
  type: 'response.done',
  response: { id: 'resp_1', status: 'completed', output },
})
const created = { type: 'response.created', response: { id: 'resp_1', output: [] } }
const item = (content: readonly object[], role = 'user') => ({
  type: 'conversation.item.create',
  item: { type: 'message', role, content },
})
const heard = (transcript: string) => ({
  type: 'conversation.item.input_audio_transcription.completed',
  transcript,
})
const turns = (...contents: readonly object[]) => ({
  clientContent: { turns: contents, turnComplete: true },
})
const said = (text: string, rest: object = {}) => ({
  serverContent: { modelTurn: { parts: [{ text, ...rest }] } },
})
const turnComplete = { serverContent: { turnComplete: true } }
const delta = (type: string, text: string) => ({
  type,
  output_index: 0,
  content_index: 0,
  delta: text,
})

const SOCKETS: Readonly<Record<string, readonly [Socket, Expected]>> = {
  'responses, several on one socket': [
    responses(
      [
        {
          type: 'response.create',
          model: 'gpt-5',
          instructions: 'Be brief.',
          input: [
            { role: 'developer', content: 'context' },
            { type: 'message', role: 'user', content: [{ type: 'input_text', text: TEXT }] },
          ],
        },
        {
          type: 'response.create',
          // Said again with every turn.
          instructions: 'Be brief.',
          previous_response_id: 'resp_1',
          input: [
            { type: 'function_call_output', call_id: 'a', output: 'no' },
            {
              content: [
                { type: 'input_text', text: 'and?' },
                {
                  type: 'input_image',
                  image_url: `data:image/png;base64,${PNG.toString('base64')}`,
                },
              ],
              role: 'user',
            },
          ],
        },
        { type: 'response.create', instructions: 'Be long.', input: 'and more?' },
      ],
      [
        created,
        delta('response.output_text.delta', 'fir'),
        { type: 'response.reasoning_text.delta', output_index: 1, delta: 'no' },
        completed(message('first'), {
          type: 'function_call',
          call_id: 'a',
          name: 'f',
          arguments: '{}',
        }),
        created,
        completed(message(TEXT), {
          type: 'function_call',
          call_id: 'b',
          name: 'g',
          arguments: '{"x":1}',
        }),
        created,
        delta('response.output_text.delta', 'third'),
        completed(),
      ],
    ),
    {
      prompt: ['Be brief.', 'Be long.', 'context', TEXT, 'and?', 'and more?'],
      lastUser: 'and more?',
      completion: ['first', TEXT, 'third'],
      toolCalls: [
        { index: 0, id: 'a', name: 'f', argumentsJson: '{}' },
        { index: 1, id: 'b', name: 'g', argumentsJson: '{"x":1}' },
      ],
      attachments: [
        {
          direction: 'request',
          kind: 'image',
          mediaType: 'image/png',
          sha256: sha256(PNG),
          bytes: PNG.length,
        },
      ],
    },
  ],
  'responses, the last of which broke off': [
    responses(
      [{ type: 'response.create', input: 'one' }],
      [created, completed(message('first')), created, delta('response.output_text.delta', 'sec')],
    ),
    { prompt: ['one'], lastUser: 'one', completion: ['first', 'sec'], isCut: true },
  ],
  'realtime, in text': [
    realtime(
      [
        { type: 'session.update', session: { instructions: 'Be kind.' } },
        item([{ type: 'input_text', text: 'hello' }]),
        { type: 'response.create' },
        item([{ type: 'output_text', text: 'earlier' }], 'assistant'),
        { type: 'response.create', response: { instructions: 'In rhyme.' } },
      ],
      [
        { type: 'session.created', session: { instructions: 'no', model: 'gpt-realtime' } },
        created,
        delta('response.output_text.delta', 'no'),
        done(message('hi')),
        created,
        done({ type: 'message', content: [{ type: 'text', text: 'of the beta' }] }),
      ],
    ),
    {
      prompt: ['Be kind.', 'In rhyme.', 'hello', 'earlier'],
      lastUser: 'hello',
      completion: ['hi', 'of the beta'],
    },
  ],
  'realtime, aloud, with transcripts': [
    realtime(
      [{ type: 'input_audio_buffer.append', audio: SOUND }, { type: 'input_audio_buffer.commit' }],
      [
        heard('what is said'),
        created,
        { type: 'response.output_audio.delta', delta: SOUND },
        delta('response.output_audio_transcript.delta', 'an '),
        { type: 'response.output_audio_transcript.done', transcript: 'no' },
        done({
          type: 'message',
          content: [{ type: 'output_audio', transcript: 'an answer' }],
        }),
        heard('and more'),
        created,
        delta('response.output_audio_transcript.delta', 'broken '),
        delta('response.output_audio_transcript.delta', 'off'),
      ],
    ),
    {
      prompt: ['what is said', 'and more'],
      lastUser: 'and more',
      completion: ['an answer', 'broken off'],
      gap: 'websocket_partial',
      isCut: true,
    },
  ],
  'realtime, aloud, without transcripts': [
    realtime(
      [{ type: 'input_audio_buffer.append', audio: SOUND }],
      [created, { type: 'response.output_audio.delta', delta: SOUND }, done()],
    ),
    { gap: 'websocket' },
  ],
  'Live, in text': [
    {
      ...live(
        [
          turns(
            { role: 'user', parts: [{ text: 'one' }] },
            { role: 'model', parts: [{ text: 'earlier' }, { text: 'no', thought: true }] },
            { parts: [{ text: TEXT }] },
          ),
          { realtimeInput: { text: 'and?' } },
          { toolResponse: { functionResponses: [{ response: { text: 'no' } }] } },
          { client_content: { turns: { role: 'user', parts: { text: 'snake' } } } },
        ],
        [
          said('no', { thought: true }),
          said('a '),
          said('b'),
          turnComplete,
          { toolCall: { functionCalls: [{ id: '1', name: 'f', args: { x: 1 } }] } },
          said(TEXT),
          turnComplete,
        ],
      ),
    },
    {
      prompt: ['one', 'earlier', TEXT, 'and?', 'snake'],
      lastUser: 'snake',
      completion: ['a b', TEXT],
      toolCalls: [{ index: 0, id: '1', name: 'f', argumentsJson: '{"x":1}' }],
    },
  ],
  'Live, with its system text': [
    {
      ...live([], []),
      client: [
        { setup: { model: 'm', systemInstruction: { parts: [{ text: 'Be brief.' }] } } },
        { realtimeInput: { text: 'hi' } },
      ],
      server: [said('hello'), turnComplete],
    },
    { prompt: ['Be brief.', 'hi'], lastUser: 'hi', completion: ['hello'] },
  ],
  'Live, aloud, with transcripts': [
    live(
      [{ realtimeInput: { audio: { data: SOUND, mimeType: 'audio/pcm' } } }],
      [
        { serverContent: { inputTranscription: { text: 'what ' } } },
        { serverContent: { inputTranscription: { text: 'is said' } } },
        {
          serverContent: {
            modelTurn: { parts: [{ inlineData: { mimeType: 'audio/pcm', data: SOUND } }] },
          },
        },
        { serverContent: { outputTranscription: { text: 'an ' } } },
        { serverContent: { outputTranscription: { text: 'answer' } } },
        turnComplete,
        { serverContent: { inputTranscription: { text: 'and more' } } },
      ],
    ),
    {
      prompt: ['what is said', 'and more'],
      lastUser: 'and more',
      completion: ['an answer'],
      gap: 'websocket_partial',
    },
  ],
  'Live, aloud, without transcripts': [
    live([{ realtime_input: { audio: { data: SOUND, mime_type: 'audio/pcm' } } }], [turnComplete]),
    { gap: 'websocket' },
  ],
  'a socket on which no one said anything': [
    realtime([], [{ type: 'session.created', session: { instructions: 'no' } }]),
    { isCut: true },
  ],
}

const bytesOf = (messages: readonly unknown[], frame: Frame = {}) =>
  Buffer.concat(messages.map((each) => wire(each, frame)))
const talkOf = (
  { client, server, ...socket }: Socket,
  frame: Frame = {},
  options: Partial<Parameters<typeof talk>[0]> = {},
) =>
  talk({
    ...socket,
    client: bytesOf(client, { ...frame, masked: true }),
    server: bytesOf(server, frame),
    text: true,
    ...options,
  })

function shown(text: ExchangeText | null) {
  return {
    prompt: text?.prompt?.full,
    lastUser: text?.prompt?.lastUser?.start,
    completion: text?.completion?.full,
    toolCalls: text?.toolCalls,
    attachments: text?.attachments,
  }
}

const framed = fc.record<Frame>({
  opcode: fc.constantFrom('text', 'binary'),
  fragment: fc.constantFrom(1e9, 7, 130),
  compressed: fc.boolean(),
})

describe('the text of a socket', () => {
  test.each(Object.entries(SOCKETS))(
    'is read however it is cut, fragmented and compressed: %s',
    async (_, [socket, expected]) => {
      const whole = await talkOf(socket)
      const prompt = expected.prompt?.join('\n\n')
      expect(shown(whole.text)).toEqual({
        prompt,
        lastUser: expected.lastUser,
        completion: expected.completion?.join('\n\n'),
        toolCalls: expected.toolCalls ?? [],
        attachments: expected.attachments ?? [],
      })
      expect(whole.textGap).toBe(expected.gap ?? null)
      if (expected.completion !== undefined)
        expect(whole.text?.completion).toMatchObject({
          truncated: expected.isCut ?? false,
          chars: expected.completion.join('\n\n').length,
        })
      if (prompt !== undefined && expected.isCut !== true)
        expect(whole.text?.prompt).toMatchObject({ truncated: false, hashSha256: sha256(prompt) })
      await fc.assert(
        fc.asyncProperty(framed, fc.integer({ min: 1, max: 400 }), async (frame, sizes) => {
          // Asked for on the way or not.
          const facts = await talkOf(socket, frame, { sizes, checkpoints: sizes > 40 })
          // What was said first depends on what came first.
          const { conversation, ...text } = facts.text ?? { conversation: null }
          const { conversation: wholly, ...wholeText } = whole.text ?? { conversation: null }
          expect(text).toEqual(wholeText)
          expect(conversation?.messages).toHaveLength(wholly?.messages.length ?? 0)
          expect(facts.textGap).toBe(whole.textGap)
        }),
        { numRuns: 60 },
      )
    },
  )

  test('is a conversation: each response behind what was asked before it', () => {
    const { provider, ...start } = {
      ...{ provider: definitionOf('openai'), method: 'GET', endpoint: '/v1/responses', query: '' },
      ...{ contentType: null, contentEncoding: null },
    }
    const reader = createExchangeReader({ provider, ...start }, { text: true })
    reader.responseStart({
      status: 101,
      contentType: null,
      contentEncoding: null,
      header: () => undefined,
    })
    const ask = (input: unknown) =>
      reader.requestBody(wire({ type: 'response.create', instructions: 'Be brief.', input }))
    const answer = (...output: readonly object[]) => reader.responseBody(wire(completed(...output)))
    const call = { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' }
    ask('one')
    answer(message('first'), call)
    ask([{ type: 'function_call_output', call_id: 'c', output: 'done' }])
    answer(message('second'))
    ask('three')
    expect(saidMessages(reader.soFar(true).text)).toEqual([
      ['system', 'Be brief.'],
      ['user', 'one'],
      ['assistant', 'first', { call: 'c', name: 'f', arguments: '{}' }],
      ['tool', { result: 'c', name: null, text: 'done' }],
      ['assistant', 'second'],
      ['user', 'three'],
    ])
  })

  test('is not read where it is not asked for', async () => {
    const [socket] = SOCKETS['responses, several on one socket'] ?? []
    if (socket === undefined) throw new Error('unreachable')
    expect(await talkOf(socket, {}, { text: false })).toMatchObject({ text: null, textGap: null })
  })

  test('is let go of where it is too much, and what it cost is still read', async () => {
    const reader = createExchangeReader(
      {
        ...{
          provider: definitionOf('openai'),
          method: 'GET',
          endpoint: '/v1/responses',
          query: '',
        },
        ...{ contentType: null, contentEncoding: null },
      },
      { text: true },
    )
    const head = { status: 101, contentType: null, contentEncoding: null, header: () => undefined }
    reader.responseStart(head)
    const ask = { type: 'response.create', model: 'gpt-5', input: 'x'.repeat(1_000) }
    reader.requestBody(bytesOf([ask], { masked: true }))
    reader.responseBody(bytesOf([created]))
    // The text, a message and its part.
    expect(reader.textBytes).toBe(1_000 + 2 * 128)
    reader.dropText()
    expect(reader.heldBytes).toBe(0)
    reader.requestBody(bytesOf([ask], { masked: true }))
    reader.responseBody(bytesOf([completed(message('first'))]))
    const facts = await new Promise((resolve) => reader.finish(resolve))
    expect(facts).toMatchObject({
      textGap: 'over_budget',
      text: null,
      turns: 1,
      requestModel: 'gpt-5',
      usage: { inputTokens: 1 },
    })
  })

  test('is kept up to a bound in each direction, over all of its turns', async () => {
    const ask = { type: 'response.create', input: 'é'.repeat(50) }
    const answer = completed(message('é'.repeat(50)))
    const socket = responses([ask, ask], [created, answer, created, answer])
    const { text } = await talkOf(socket, {}, { maxTextBytes: 121 })
    const full = `${'é'.repeat(50)}\n\n${'é'.repeat(50)}`
    const cut = { full: `${'é'.repeat(50)}\n\n${'é'.repeat(9)}`, truncated: true, chars: 102 }
    expect(text).toMatchObject({ prompt: { ...cut, hashSha256: sha256(full) }, completion: cut })
  })

  test('is known up to where it was cut, without a hash', async () => {
    const ask = { type: 'response.create', input: [{ role: 'user', content: 'one' }] }
    const client = Buffer.concat([
      wire(ask, { masked: true }),
      wire({ ...ask, input: [{ role: 'user', content: 'two th' }] }, { masked: true }),
    ])
    const { text } = await talk({
      endpoint: '/v1/responses',
      client: client.subarray(0, client.length - 12),
      server: bytesOf([created, completed(message('first'))]),
      text: true,
    })
    expect(text?.prompt).toMatchObject({
      full: expect.stringMatching(/^one\n\ntwo/),
      truncated: true,
      hashSha256: null,
    })
    expect(text?.completion).toMatchObject({ full: 'first', truncated: false })
  })

  test('keeps what came before something that is no frame, and says that the rest is missing', async () => {
    const socket = responses([{ type: 'response.create', input: 'one' }], [created])
    const facts = await talkOf(
      socket,
      {},
      {
        client: Buffer.concat([bytesOf(socket.client, { masked: true }), Buffer.from('hello')]),
      },
    )
    expect(facts.textGap).toBe('websocket_partial')
    expect(facts.text?.prompt).toMatchObject({ full: 'one', truncated: true })
    const nothing = await talkOf(socket, {}, { client: Buffer.from('hello') })
    expect(nothing).toMatchObject({ textGap: 'request_unreadable', text: { prompt: null } })
  })
})
