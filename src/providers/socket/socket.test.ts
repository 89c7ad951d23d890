import zlib from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chunks } from '../fixtures/play.ts'
import { createExchangeReader, type ExchangeFacts } from '../reading/exchange-reader.ts'
import { definitionOf } from '../registry.ts'

const OPCODES = { text: 1, binary: 2, close: 8, ping: 9 } as const
interface Frame {
  readonly opcode?: keyof typeof OPCODES
  readonly masked?: boolean
  /** Payload bytes of each fragment. */
  readonly fragment?: number
  readonly compressed?: boolean
}

function header(first: number, length: number, mask: Buffer | null): Buffer {
  const lengthBytes =
    length < 126
      ? [length]
      : length < 65_536
        ? [126, length >> 8, length & 0xff]
        : [
            127,
            0,
            0,
            0,
            0,
            length >>> 24,
            (length >> 16) & 0xff,
            (length >> 8) & 0xff,
            length & 0xff,
          ]
  const [marker = 0, ...rest] = lengthBytes
  return Buffer.concat([
    Buffer.from([first, marker | (mask ? 0x80 : 0), ...rest]),
    mask ?? Buffer.alloc(0),
  ])
}

function masking(bytes: Uint8Array, mask: Buffer | null): Buffer {
  return Buffer.from(
    mask === null ? bytes : bytes.map((byte, index) => byte ^ (mask[index & 3] ?? 0)),
  )
}

/** A message as it is on the wire; a ping between its fragments. */
function wire(
  message: unknown,
  { opcode = 'text', masked = false, fragment = 1e9, compressed = false }: Frame = {},
): Buffer {
  const plain = Buffer.from(typeof message === 'string' ? message : JSON.stringify(message))
  const flushed: Uint8Array = compressed
    ? zlib.deflateRawSync(plain, { finishFlush: zlib.constants.Z_SYNC_FLUSH })
    : plain
  const payload = compressed ? flushed.subarray(0, flushed.length - 4) : flushed
  const mask = masked ? Buffer.from([0x12, 0x00, 0xff, 0x7b]) : null
  const pieces: Buffer[] = []
  for (let at = 0; at < payload.length || at === 0; at += fragment) {
    const piece = payload.subarray(at, at + fragment)
    const isFirst = at === 0
    const first =
      (at + fragment >= payload.length ? 0x80 : 0) |
      (isFirst ? OPCODES[opcode] : 0) |
      (isFirst && compressed ? 0x40 : 0)
    pieces.push(header(first, piece.length, mask), masking(piece, mask))
    pieces.push(header(0x80 | OPCODES.ping, 2, mask), masking(Buffer.from('{}'), mask))
  }
  return Buffer.concat(pieces)
}

interface Talk {
  readonly provider?: 'openai' | 'gemini'
  readonly endpoint?: string
  readonly query?: string
  readonly status?: number
  readonly client?: Uint8Array
  readonly server: Uint8Array
  readonly sizes?: number | null
  readonly text?: boolean
}

function talk({
  provider = 'openai',
  endpoint = '/v1/realtime',
  query = '',
  status = 101,
  client = new Uint8Array(0),
  server,
  sizes = null,
  text = false,
}: Talk): Promise<ExchangeFacts> {
  const start = {
    ...{ provider: definitionOf(provider), method: 'GET', endpoint, query },
    ...{ contentType: null, contentEncoding: null },
  }
  const reader = createExchangeReader(start, { text })
  reader.responseStart({
    status,
    contentType: null,
    contentEncoding: null,
    header: (name) => (name === 'x-request-id' ? 'req_1' : undefined),
  })
  for (const chunk of chunks(client, sizes)) reader.requestBody(chunk)
  for (const chunk of chunks(server, sizes)) reader.responseBody(chunk)
  return new Promise((resolve) => reader.finish(resolve))
}

const response = (id: string, input: number, output: number) => ({
  type: 'response.done',
  response: {
    id,
    status: 'completed',
    usage: {
      total_tokens: input + output,
      input_tokens: input,
      output_tokens: output,
      input_token_details: {
        text_tokens: 1,
        audio_tokens: input - 1,
        cached_tokens: 4,
        cached_tokens_details: { text_tokens: 1, audio_tokens: 3 },
      },
      output_token_details: { text_tokens: 2, audio_tokens: output - 2 },
    },
  },
})
const REALTIME = [
  {
    type: 'session.created',
    session: {
      model: 'gpt-realtime-2025-08-28',
      audio: { input: { transcription: { model: 'gpt-4o-mini-transcribe' } } },
    },
  },
  { type: 'response.output_audio.delta', delta: 'A'.repeat(70_000) },
  response('resp_1', 20, 10),
  response('resp_2', 40, 30),
]
const SPOKEN = {
  model: 'gpt-realtime-2025-08-28',
  requestModel: 'gpt-realtime',
  stream: true,
  billable: true,
  providerRequestId: 'req_1',
  responseId: 'resp_2',
  finishReason: 'completed',
  usageSource: 'provider',
  usage: {
    inputTokens: 60,
    outputTokens: 40,
    totalTokens: 100,
    cachedInputTokens: 8,
    audioInputTokens: 58,
    audioOutputTokens: 36,
  },
  billed: { cachedAudioInputTokens: 6 },
}

describe('a realtime socket', () => {
  const server = Buffer.concat(REALTIME.map((event) => wire(event)))

  test('is one record of all its responses, with the usage of each', async () => {
    const facts = await talk({ server, query: 'model=gpt-realtime' })
    expect(facts).toMatchObject(SPOKEN)
    expect(JSON.parse(facts.usageRaw ?? '')).toEqual([
      response('', 20, 10).response.usage,
      response('', 40, 30).response.usage,
    ])
  })

  test('is the same however it is cut, fragmented, compressed and sent', async () => {
    const frame = fc.record<Frame>({
      opcode: fc.constantFrom('text', 'binary'),
      masked: fc.boolean(),
      fragment: fc.constantFrom(1e9, 7, 130),
      compressed: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(frame, fc.integer({ min: 1, max: 5_000 }), async (each, sizes) => {
        const spoken = REALTIME.filter((event) => event.type !== 'response.output_audio.delta')
        expect(
          await talk({
            server: Buffer.concat(spoken.map((event) => wire(event, each))),
            query: 'model=gpt-realtime',
            sizes,
          }),
        ).toMatchObject(SPOKEN)
      }),
      { numRuns: 60 },
    )
  })

  test('prices what it heard by the transcription’s own model', async () => {
    const usage = {
      type: 'tokens',
      input_tokens: 26,
      input_token_details: { text_tokens: 5, audio_tokens: 21 },
      output_tokens: 4,
      total_tokens: 30,
    }
    const heard = wire({
      type: 'conversation.item.input_audio_transcription.completed',
      transcript: 'hi',
      usage,
    })
    const facts = await talk({
      server: Buffer.concat([server, heard]),
      query: 'model=gpt-realtime',
    })
    expect(facts.usage).toMatchObject({ inputTokens: 86, outputTokens: 44 })
    expect(facts.billed.parts).toMatchObject([
      { model: 'gpt-realtime-2025-08-28', usage: { inputTokens: 60 } },
      { model: 'gpt-4o-mini-transcribe', usage: { inputTokens: 26, audioInputTokens: 21 } },
    ])
  })

  test('has the seconds it heard as a share of their own, beside the tokens of its responses', async () => {
    const session = (model: string) =>
      wire({ type: 'session.updated', session: { audio: { input: { transcription: { model } } } } })
    const heard = (seconds: number) =>
      wire({
        type: 'conversation.item.input_audio_transcription.completed',
        usage: { type: 'duration', seconds },
      })
    const server = (model: string) =>
      Buffer.concat([
        wire(REALTIME[0]),
        session(model),
        heard(3),
        wire(response('r', 20, 10)),
        heard(4.5),
      ])
    const facts = await talk({ server: server('whisper-1') })
    expect(facts).toMatchObject({
      usage: { inputTokens: 20, outputTokens: 10, totalTokens: 30 },
      billed: {
        parts: [{ model: 'gpt-realtime-2025-08-28' }, { model: 'whisper-1', audioSeconds: 7.5 }],
      },
    })
    // A session that only transcribes.
    const only = await talk({ server: Buffer.concat([session('whisper-1'), heard(60)]) })
    expect(only).toMatchObject({
      model: 'whisper-1',
      usageSource: 'provider',
      usage: { inputTokens: null },
    })
    expect(only.billed.parts).toMatchObject([{ model: 'whisper-1', audioSeconds: 60 }])
  })

  test('keeps apart what several models heard', async () => {
    const session = (model: string) =>
      wire({ type: 'session.updated', session: { audio: { input: { transcription: { model } } } } })
    const usage = { type: 'tokens', input_tokens: 2, output_tokens: 1, total_tokens: 3 }
    const heard = wire({ type: 'conversation.item.input_audio_transcription.completed', usage })
    const { billed } = await talk({
      server: Buffer.concat([
        session('gpt-4o-transcribe'),
        heard,
        session('gpt-4o-mini-transcribe'),
        heard,
        heard,
      ]),
    })
    expect(billed.parts.map((part) => [part.model, part.usage.inputTokens])).toEqual([
      ['gpt-4o-transcribe', 2],
      ['gpt-4o-mini-transcribe', 4],
    ])
  })

  test('that broke off, or was never one, says what came', async () => {
    expect(
      await talk({ server: server.subarray(0, server.length - 30), query: 'model=gpt-realtime' }),
    ).toMatchObject({
      usage: { inputTokens: 20 },
      responseId: 'resp_1',
    })
    expect(await talk({ server: Buffer.from('hello'), query: 'model=gpt-realtime' })).toMatchObject(
      {
        usageSource: 'none',
        model: 'gpt-realtime',
        unreadable: 'unreadable_body',
      },
    )
    expect(await talk({ server, status: 401, query: 'model=gpt-realtime' })).toMatchObject({
      usageSource: 'none',
      billable: false,
      stream: false,
    })
    const damaged = Buffer.concat([
      server,
      wire({ type: 'x' }, { compressed: true }).fill(0xff, 3, 8),
    ])
    expect(await talk({ server: damaged })).toMatchObject({ usage: { inputTokens: 60 } })
  })

  test('a list of usages too long for a record is not kept in part', async () => {
    const many = Buffer.concat(
      Array.from({ length: 60 }, (_, index) => wire(response(`resp_${index}`, 20, 10))),
    )
    expect(await talk({ server: many })).toMatchObject({
      usage: { inputTokens: 1_200 },
      usageRaw: null,
    })
  })
})

describe('a socket of the responses API', () => {
  const done = (input_tokens: number, more: object = {}) => ({
    type: 'response.completed',
    response: {
      id: 'resp_1',
      model: 'gpt-5.5',
      usage: { input_tokens, output_tokens: 1 },
      ...more,
    },
  })
  const said = async (...events: readonly object[]) => {
    const server = Buffer.concat(events.map((event) => wire(event)))
    return (await talk({ endpoint: '/v1/responses', server })).billed
  }

  const created = { type: 'response.created', response: { id: 'resp_1', model: 'gpt-5.5' } }
  const turns = async (...events: readonly object[]) => {
    const server = Buffer.concat(events.map((event) => wire(event)))
    const facts = await talk({ endpoint: '/v1/responses', server })
    return { endBytes: facts.answerEndBytes, allBytes: server.length }
  }

  test('is over where its last response has ended, and open while one is on its way', async () => {
    const { endBytes, allBytes } = await turns(created, done(10), created, done(20))
    expect(endBytes).toBe(allBytes)
    expect((await turns(created, done(10), created)).endBytes).toBeNull()
    expect((await turns(created)).endBytes).toBeNull()
  })

  test('has the model that its client asked for, and says that its text is not read', async () => {
    const client = wire({ type: 'response.create', model: 'gpt-5', input: 'hi' }, { masked: true })
    const server = wire(done(10))
    const call = { endpoint: '/v1/responses', client, server }
    expect(await talk(call)).toMatchObject({ requestModel: 'gpt-5', textGap: null, text: null })
    expect(await talk({ ...call, text: true })).toMatchObject({ textGap: 'websocket', text: null })
  })

  test('keeps how long its prompts were, since their sum is not one long prompt', async () => {
    expect(await said(done(200_000), done(150_000))).toMatchObject({
      parts: [],
      callSizes: { least: 150_000, most: 200_000 },
    })
    expect(await said(done(200_000))).toMatchObject({ callSizes: null })
  })

  test('prices each response by the model that gave it, and not by one tier where there were two', async () => {
    const models = await said(done(10), done(20, { model: 'gpt-5-mini' }), done(30))
    expect(models.parts).toMatchObject([
      { model: 'gpt-5.5', usage: { inputTokens: 40 } },
      { model: 'gpt-5-mini', usage: { inputTokens: 20 } },
    ])
    expect(
      await said(done(10, { service_tier: 'flex' }), done(10, { service_tier: 'flex' })),
    ).toMatchObject({ terms: [] })
    expect(
      await said(done(10, { service_tier: 'flex' }), done(10, { service_tier: 'default' })),
    ).toMatchObject({ terms: ['mixed_terms'] })
  })

  test('bills what the hosted tools of each response did', async () => {
    const item = (type: string) => ({
      type: 'response.output_item.done',
      item: { type, action: { type: 'search' } },
    })
    const one = await said(
      item('web_search_call'),
      done(10),
      item('web_search_call'),
      item('code_interpreter_call'),
      done(10),
    )
    expect(one).toMatchObject({ webSearches: 2, uncountedFees: ['code_interpreter'] })
    const image_gen = { model: 'gpt-image-2', input_tokens: 5, output_tokens: 7, total_tokens: 12 }
    const drawn = await said(
      done(10, { tool_usage: { image_gen } }),
      done(20, { tool_usage: { image_gen } }),
      done(30),
    )
    expect(drawn.parts).toMatchObject([
      { model: 'gpt-5.5', usage: { inputTokens: 60, outputTokens: 3 } },
      {
        model: 'gpt-image-2',
        usage: { inputTokens: 10, outputTokens: 14 },
        counts: { imageOutputTokens: 14 },
      },
    ])
  })
})

test('no bytes whatever break a socket’s reader', async () => {
  const frames = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom(...REALTIME.map((event) => wire(event, { compressed: true }))),
    ),
    { maxLength: 6 },
  )
  await fc.assert(
    fc.asyncProperty(frames, fc.integer({ min: 1, max: 90 }), async (pieces, sizes) => {
      const facts = await talk({
        server: Buffer.concat(pieces),
        client: Buffer.concat(pieces),
        sizes,
      })
      expect(['none', 'provider']).toContain(facts.usageSource)
    }),
    { numRuns: 60 },
  )
})

describe('a Live socket', () => {
  test('has its model from the client’s first message, and adds its turns', async () => {
    const endpoint = '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent'
    const turn = (prompt: number, answer: number) => ({
      serverContent: { turnComplete: true },
      usageMetadata: {
        promptTokenCount: prompt,
        responseTokenCount: answer,
        totalTokenCount: prompt + answer,
        promptTokensDetails: [{ modality: 'AUDIO', tokenCount: prompt - 2 }],
        responseTokensDetails: [{ modality: 'AUDIO', tokenCount: answer }],
      },
    })
    const client = Buffer.concat([
      wire({ setup: { model: 'models/gemini-3.1-flash-live-preview' } }, { masked: true }),
      wire(
        { realtimeInput: { audio: { data: 'A'.repeat(100_000) } } },
        { masked: true, fragment: 1_000 },
      ),
    ])
    const server = Buffer.concat(
      [{ setupComplete: {} }, turn(12, 5), turn(12, 5), turn(20, 9)].map((message) =>
        wire(message, { opcode: 'binary' }),
      ),
    )
    expect(await talk({ provider: 'gemini', endpoint, client, server, sizes: 333 })).toMatchObject({
      model: 'gemini-3.1-flash-live-preview',
      usage: { inputTokens: 32, outputTokens: 14, audioInputTokens: 28, audioOutputTokens: 14 },
      usageSource: 'provider',
      unknownUsage: [],
      unknownEndpoint: false,
    })
  })
})
