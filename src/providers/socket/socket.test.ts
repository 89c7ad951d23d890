import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Frame, talk, wire } from '../fixtures/talk.ts'

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
    expect(facts.turns).toBe(2)
    expect(JSON.parse(facts.turnUsage ?? '')).toEqual([
      { input: 20, output: 10, cached: 4 },
      { input: 40, output: 30, cached: 4 },
    ])
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
    expect(facts.turns).toBe(2)
    expect(JSON.parse(facts.turnUsage ?? '')).toContainEqual({
      transcription: true,
      input: 26,
      output: 4,
    })
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

  test('lists the usage of 256 turns, and of all that follow the sum and how many they are', async () => {
    const many = Buffer.concat([
      ...Array.from({ length: 300 }, (_, index) => wire(response(`resp_${index}`, 20, 10))),
      wire({ type: 'response.done', response: { id: 'resp_x', status: 'cancelled' } }),
    ])
    const facts = await talk({ server: many })
    const turns = JSON.parse(facts.turnUsage ?? '') as object[]
    expect(facts).toMatchObject({ turns: 301, usage: { inputTokens: 6_000 } })
    expect(turns).toHaveLength(257)
    expect(turns.at(-1)).toEqual({ more: 45, input: 880, output: 440, cached: 176 })
  })

  test('has a turn without usage as one, and no turns where it is no socket', async () => {
    const failed = wire({ type: 'response.done', response: { id: 'a', status: 'failed' } })
    expect(await talk({ server: failed })).toMatchObject({ turns: 1, turnUsage: null })
    const both = await talk({ server: Buffer.concat([failed, wire(response('b', 20, 10))]) })
    expect(both.turnUsage).toBe('[null,{"input":20,"output":10,"cached":4}]')
    expect(await talk({ server: failed, status: 401 })).toMatchObject({ turns: null })
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

  test('has the model that its client asked for, and its text where that is asked for', async () => {
    const client = wire({ type: 'response.create', model: 'gpt-5', input: 'hi' }, { masked: true })
    const server = wire(done(10))
    const call = { endpoint: '/v1/responses', client, server }
    expect(await talk(call)).toMatchObject({ requestModel: 'gpt-5', textGap: null, text: null })
    expect(await talk({ ...call, text: true })).toMatchObject({
      textGap: null,
      text: { prompt: { full: 'hi' } },
    })
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
  const endpoint = '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent'
  const usageOf = (prompt: number, answer: number) => ({
    promptTokenCount: prompt,
    responseTokenCount: answer,
    totalTokenCount: prompt + answer,
    promptTokensDetails: [{ modality: 'AUDIO', tokenCount: prompt - 2 }],
    responseTokensDetails: [{ modality: 'AUDIO', tokenCount: answer }],
  })
  const turn = (prompt: number, answer: number) => ({
    serverContent: { turnComplete: true },
    usageMetadata: usageOf(prompt, answer),
  })
  const content = { serverContent: { modelTurn: { parts: [{ text: 'hi' }] } } }
  const end = { serverContent: { turnComplete: true } }
  const said = async (...messages: readonly object[]) => {
    const server = Buffer.concat(messages.map((message) => wire(message, { opcode: 'binary' })))
    const facts = await talk({ provider: 'gemini', endpoint, server, sizes: 1 })
    // Without the ping behind the last message.
    const allBytes = server.length - 4
    return { facts, turnUsage: JSON.parse(facts.turnUsage ?? 'null'), allBytes }
  }

  test('has its model from the client’s first message, and adds its turns', async () => {
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
      turns: 2,
      turnUsage: '[{"input":12,"output":5},{"input":20,"output":9}]',
      unknownUsage: [],
      unknownEndpoint: false,
    })
  })

  test('has usage that comes with, before or after the end of a turn with that turn', async () => {
    const { facts, turnUsage } = await said(
      { setupComplete: {} },
      ...[content, turn(10, 1)],
      ...[content, { usageMetadata: usageOf(20, 2) }, end],
      ...[content, end, { usageMetadata: usageOf(30, 3) }],
      // Interrupted, and reported nothing.
      ...[content, { serverContent: { interrupted: true } }, end],
      // Broken off after its usage came.
      ...[content, { usageMetadata: usageOf(40, 4) }],
    )
    expect(facts).toMatchObject({ turns: 5, usage: { inputTokens: 100, outputTokens: 10 } })
    expect(turnUsage).toEqual([
      { input: 10, output: 1 },
      { input: 20, output: 2 },
      { input: 30, output: 3 },
      null,
      { input: 40, output: 4 },
    ])
  })

  test('is over where its last turn has ended, and open while another is on its way', async () => {
    const setup = { setupComplete: {} }
    const two = await said(setup, content, turn(10, 1), content, turn(20, 2))
    expect(two.facts.answerEndBytes).toBe(two.allBytes)
    // What comes behind the end does not begin a turn.
    const behind = [{ usageMetadata: usageOf(30, 3) }, { sessionResumptionUpdate: {} }]
    const { facts } = await said(setup, content, end, ...behind)
    expect(facts.answerEndBytes).toBe((await said(setup, content, end)).allBytes)
    for (const open of [
      [setup],
      [setup, content],
      [setup, content, end, content],
      [setup, content, end, { toolCall: { functionCalls: [{ name: 'f' }] } }],
      [setup, content, { serverContent: { generationComplete: true } }],
    ])
      expect((await said(...open)).facts.answerEndBytes).toBeNull()
  })
})

test('the usage of all turns is that of the record', async () => {
  const count = fc.integer({ min: 2, max: 1_000 })
  const event = fc.oneof(
    fc.tuple(count, count).map(([input, output]) => response('r', input, output)),
    fc.tuple(count, count).map(([input_tokens, output_tokens]) => ({
      type: 'conversation.item.input_audio_transcription.completed',
      usage: { type: 'tokens', input_tokens, output_tokens },
    })),
    fc.constant({ type: 'response.done', response: { status: 'failed' } }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 400 }), async (events) => {
      const facts = await talk({ server: Buffer.concat(events.map((each) => wire(each))) })
      const entries = JSON.parse(facts.turnUsage ?? '[]') as ({
        readonly input: number | null
        readonly output: number | null
      } | null)[]
      const sum = (member: 'input' | 'output') =>
        entries.reduce((total, entry) => total + (entry?.[member] ?? 0), 0)
      expect([sum('input'), sum('output')]).toEqual([
        facts.usage.inputTokens ?? 0,
        facts.usage.outputTokens ?? 0,
      ])
      expect(facts.turns).toBe(events.filter(({ type }) => type === 'response.done').length)
    }),
    { numRuns: 40 },
  )
})
