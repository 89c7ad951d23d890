import { describe, expect, test } from 'vitest'
import { type PlayedCall, play, SSE, sse } from '../fixtures/play.ts'
import { canonicalPath } from '../path-rules.ts'
import { createExchangeReader } from '../reading/exchange-reader.ts'
import { vertex } from './definition.ts'

const AT_REGION = '/v1/projects/audit-1/locations/us-central1'
const AT_GLOBAL = '/v1/projects/audit-1/locations/global'
const GENERATE = `${AT_GLOBAL}/publishers/google/models/gemini-2.5-flash:generateContent`
const STREAM = `${AT_GLOBAL}/publishers/google/models/gemini-2.5-flash:streamGenerateContent`
const CLAUDE = '/publishers/anthropic/models/claude-sonnet-4-5@20250929'

const ask = (call: PlayedCall) => play({ provider: 'vertex', ...call })

const REQUEST = JSON.stringify({
  contents: [{ role: 'user', parts: [{ text: 'Capital of Ecuador?' }] }],
})
const COUNTS = {
  promptTokenCount: 6,
  candidatesTokenCount: 3,
  totalTokenCount: 31,
  trafficType: 'ON_DEMAND',
  promptTokensDetails: [{ modality: 'TEXT', tokenCount: 6 }],
  candidatesTokensDetails: [{ modality: 'TEXT', tokenCount: 3 }],
  thoughtsTokenCount: 22,
}
const generated = (text: string, more: object = {}) => ({
  candidates: [{ content: { role: 'model', parts: [{ text }] }, ...more }],
  modelVersion: 'gemini-2.5-flash',
  createTime: '2026-11-01T10:00:00.123456Z',
  responseId: 'x7sFaYq',
})
const END = { ...generated('to.', { finishReason: 'STOP' }), usageMetadata: COUNTS }
const EVENTS = [{ ...generated('Qui'), usageMetadata: { trafficType: 'ON_DEMAND' } }, END]

describe('Gemini at Vertex AI', () => {
  test.each([
    GENERATE,
    GENERATE.replace('/v1/', '/v1beta1/'),
    // Express mode.
    '/v1/publishers/google/models/gemini-2.5-flash:generateContent',
  ])('%s', async (endpoint) => {
    const facts = await ask({ endpoint, request: REQUEST, answer: JSON.stringify(END), text: true })
    expect(facts).toMatchObject({
      model: 'gemini-2.5-flash',
      requestModel: 'gemini-2.5-flash',
      finishReason: 'STOP',
      providerRequestId: 'x7sFaYq',
      usageSource: 'provider',
      usage: { inputTokens: 6, outputTokens: 25, totalTokens: 31, reasoningTokens: 22 },
      billed: { terms: [], unreadUsage: [] },
      unknownUsage: [],
      billable: true,
    })
    expect(facts.text?.prompt).toMatchObject({ full: 'Capital of Ecuador?' })
    expect(facts.text?.completion).toMatchObject({ full: 'to.' })
  })

  test.each([
    ['SSE', SSE, sse(...EVENTS)],
    ['a JSON array', 'application/json', JSON.stringify(EVENTS, null, 2)],
  ])('streamed as %s, whole and cut anywhere', async (_, answerType, answer) => {
    const call = { endpoint: STREAM, request: REQUEST, answerType, text: true }
    const whole = await ask({ ...call, answer })
    expect(whole).toMatchObject({
      stream: true,
      usageSource: 'provider',
      usage: { inputTokens: 6, outputTokens: 25 },
    })
    expect(whole.text?.completion).toMatchObject({ full: 'Quito.' })
    for (const chunkBytes of [1, 13])
      expect(await ask({ ...call, answer, chunkBytes })).toEqual({
        ...whole,
        // To the end of the piece that the last event came in.
        answerEndBytes: expect.any(Number),
      })
    for (let at = 0; at < answer.length; at++) {
      const facts = await ask({ ...call, answer: answer.slice(0, at), aborted: true })
      expect(facts.model, `at ${at}`).toBe('gemini-2.5-flash')
      expect([null, 6], `at ${at}`).toContain(facts.usage.inputTokens)
      expect([null, 25], `at ${at}`).toContain(facts.usage.outputTokens)
      expect('Quito.').toContain(facts.text?.completion?.full ?? '')
    }
  })

  test('a refusal has no usage, and the model that was asked', async () => {
    const answer =
      '{"error":{"code":429,"message":"Resource exhausted.","status":"RESOURCE_EXHAUSTED"}}'
    expect(await ask({ endpoint: GENERATE, request: REQUEST, status: 429, answer })).toMatchObject({
      model: 'gemini-2.5-flash',
      billable: false,
      usageSource: 'none',
    })
  })

  test('an error within a stream is its error', async () => {
    const answer = sse(EVENTS[0], { error: { code: 503, message: 'x', status: 'UNAVAILABLE' } })
    expect(
      await ask({ endpoint: STREAM, request: REQUEST, answer, answerType: SSE }),
    ).toMatchObject({ streamError: 'UNAVAILABLE', billable: false })
  })

  test.each([
    ['PROVISIONED_THROUGHPUT', ['trafficType:PROVISIONED_THROUGHPUT']],
    ['ON_DEMAND_FLEX', ['trafficType:ON_DEMAND_FLEX']],
    ['ON_DEMAND', []],
  ])('paid by %s says so', async (trafficType, terms) => {
    const answer = JSON.stringify({ ...END, usageMetadata: { ...COUNTS, trafficType } })
    expect((await ask({ endpoint: GENERATE, answer })).billed.terms).toEqual(terms)
  })

  test('embeddings by predict count the tokens of each text', async () => {
    const embedding = (count: number) => ({
      embeddings: { statistics: { truncated: false, token_count: count }, values: [0.1, -0.2] },
    })
    const endpoint = `${AT_GLOBAL}/publishers/google/models/gemini-embedding-001:predict`
    const call = {
      endpoint,
      request: JSON.stringify({ instances: [{ content: 'one' }, { content: 'two' }] }),
      answer: JSON.stringify({
        predictions: [embedding(4), embedding(5)],
        metadata: { billableCharacterCount: 6 },
      }),
    }
    const facts = await ask({ ...call, text: true })
    expect(facts).toMatchObject({
      model: 'gemini-embedding-001',
      usageSource: 'provider',
      usage: { inputTokens: 9, outputTokens: 0, totalTokens: 9 },
      billable: true,
    })
    expect(facts.text?.prompt).toMatchObject({ full: 'one\n\ntwo' })
    for (let at = 0; at < call.answer.length; at++) {
      const cut = await ask({ ...call, answer: call.answer.slice(0, at), aborted: true })
      expect(cut.usageSource, `at ${at}`).not.toBe('provider')
    }
  })

  test('images by predict count nothing', async () => {
    const endpoint = `${AT_REGION}/publishers/google/models/imagen-4.0-generate-001:predict`
    const answer = '{"predictions":[{"mimeType":"image/png","bytesBase64Encoded":"AAAA"}]}'
    expect(
      await ask({ endpoint, request: '{"instances":[{"prompt":"a cat"}]}', answer }),
    ).toMatchObject({ model: 'imagen-4.0-generate-001', usageSource: 'none', billable: true })
  })

  test('a live session names its model by its resource', () => {
    const reader = createExchangeReader({
      ...{ provider: vertex, method: 'GET', query: '', contentType: null, contentEncoding: null },
      endpoint: '/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent',
    })
    reader.responseStart({
      ...{ status: 101, contentType: null, contentEncoding: null },
      header: () => undefined,
    })
    const model = `${AT_REGION.slice('/v1/'.length)}/publishers/google/models/gemini-live-2.5-flash`
    reader.requestBody(frame({ setup: { model } }))
    reader.responseBody(frame({ setupComplete: {} }))
    const usageMetadata = { promptTokenCount: 6, responseTokenCount: 3, totalTokenCount: 9 }
    reader.responseBody(frame({ serverContent: { turnComplete: true }, usageMetadata }))
    expect(reader.soFar(true)).toMatchObject({
      model: 'gemini-live-2.5-flash',
      requestModel: 'gemini-live-2.5-flash',
      usage: { inputTokens: 6, outputTokens: 3 },
      billed: { terms: ['location:unreported'] },
    })
  })
})

describe('Claude at Vertex AI', () => {
  const plain = {
    id: 'msg_vrtx_01',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5-20250929',
    content: [{ type: 'text', text: 'Quito.' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: {
      input_tokens: 12,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
      output_tokens: 5,
    },
  }
  const request = JSON.stringify({
    anthropic_version: 'vertex-2023-10-16',
    max_tokens: 100,
    messages: [{ role: 'user', content: 'Capital of Ecuador?' }],
  })
  const { usage } = plain
  const stream = sse(
    {
      type: 'message_start',
      message: { ...plain, content: [], usage: { ...usage, output_tokens: 1 } },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'ping' },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Quito.' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 5 } },
    { type: 'message_stop' },
  )

  test('has the model in its path, and the answer’s name for it', async () => {
    const facts = await ask({
      endpoint: `${AT_GLOBAL}${CLAUDE}:rawPredict`,
      request,
      answer: JSON.stringify(plain),
      headers: { 'request-id': 'req_vrtx_011' },
      text: true,
    })
    expect(facts).toMatchObject({
      model: 'claude-sonnet-4-5-20250929',
      requestModel: 'claude-sonnet-4-5@20250929',
      stream: false,
      finishReason: 'end_turn',
      providerRequestId: 'req_vrtx_011',
      responseId: 'msg_vrtx_01',
      usage: { inputTokens: 12, outputTokens: 5 },
      billed: { terms: [] },
      billable: true,
    })
    expect(facts.text?.prompt).toMatchObject({ full: 'Capital of Ecuador?' })
    expect(facts.text?.completion).toMatchObject({ full: 'Quito.' })
  })

  test('streams, whole and cut anywhere', async () => {
    const call = {
      endpoint: `/v1/projects/audit-1/locations/us-east5${CLAUDE}:streamRawPredict`,
      request,
      answerType: SSE,
      text: true,
    }
    const whole = await ask({ ...call, answer: stream })
    expect(whole).toMatchObject({
      stream: true,
      model: 'claude-sonnet-4-5-20250929',
      usage: { inputTokens: 12, outputTokens: 5 },
      usageSource: 'provider',
      billed: { terms: ['location:regional'] },
    })
    for (const chunkBytes of [1, 13])
      expect(await ask({ ...call, answer: stream, chunkBytes })).toEqual({
        ...whole,
        // To the end of the piece that the last event came in.
        answerEndBytes: expect.any(Number),
      })
    for (let at = 0; at < stream.length; at++) {
      const facts = await ask({ ...call, answer: stream.slice(0, at), aborted: true })
      expect([null, 12], `at ${at}`).toContain(facts.usage.inputTokens)
      // What a stream begins with is a placeholder, and no count of its output.
      expect([null, 5], `at ${at}`).toContain(facts.usage.outputTokens)
      expect('Quito.').toContain(facts.text?.completion?.full ?? '')
    }
  })

  test('refused has the model of its path', async () => {
    const answer = '{"type":"error","error":{"type":"rate_limit_error","message":"x"}}'
    const endpoint = `${AT_GLOBAL}${CLAUDE}:streamRawPredict`
    expect(await ask({ endpoint, request, status: 429, answer })).toMatchObject({
      model: 'claude-sonnet-4-5@20250929',
      billable: false,
    })
  })

  test('counted beforehand is free', async () => {
    const endpoint = `${AT_GLOBAL}/publishers/anthropic/models/count-tokens:rawPredict`
    const counted = '{"model":"claude-sonnet-4-5@20250929","messages":[]}'
    expect(await ask({ endpoint, request: counted, answer: '{"input_tokens":14}' })).toMatchObject({
      requestModel: 'claude-sonnet-4-5@20250929',
      billable: false,
      usageSource: 'none',
    })
  })
})

describe('the path that is compatible with OpenAI’s', () => {
  const endpoint = `${AT_GLOBAL}/endpoints/openapi/chat/completions`
  const request = JSON.stringify({
    model: 'google/gemini-2.5-flash',
    messages: [{ role: 'user', content: 'Capital of Ecuador?' }],
  })
  const usage = {
    completion_tokens: 3,
    completion_tokens_details: { reasoning_tokens: 22 },
    extra_properties: { google: { traffic_type: 'ON_DEMAND' } },
    prompt_tokens: 6,
    total_tokens: 31,
  }
  const answered = (more: object) => ({
    id: '2026-11-01|10:00:00.1|x',
    object: 'chat.completion',
    model: 'google/gemini-2.5-flash',
    system_fingerprint: '',
    usage,
    ...more,
  })

  test('names Google’s model without its publisher', async () => {
    const message = { role: 'assistant', content: 'Quito.' }
    const answer = JSON.stringify(
      answered({ choices: [{ index: 0, finish_reason: 'stop', logprobs: null, message }] }),
    )
    const facts = await ask({ endpoint, request, answer, text: true })
    expect(facts).toMatchObject({
      model: 'gemini-2.5-flash',
      requestModel: 'google/gemini-2.5-flash',
      usage: { inputTokens: 6, outputTokens: 25, reasoningTokens: 22 },
      billed: { terms: [], unreadUsage: [] },
      unknownUsage: [],
      billable: true,
    })
    expect(facts.text?.completion).toMatchObject({ full: 'Quito.' })
  })

  test('says what paid for the call, and what else it counts is not lost', async () => {
    const google = { traffic_type: 'PROVISIONED_THROUGHPUT', dreams: 4 }
    const answer = JSON.stringify(answered({ usage: { ...usage, extra_properties: { google } } }))
    expect(await ask({ endpoint, request, answer })).toMatchObject({
      billed: {
        terms: ['trafficType:PROVISIONED_THROUGHPUT'],
        unreadUsage: ['extra_properties'],
      },
    })
  })

  test('streams, and a cut stream is not whole', async () => {
    const delta = { role: 'assistant', content: 'Quito.' }
    const answer = sse(
      answered({ choices: [{ index: 0, delta }], usage: null }),
      answered({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
      '[DONE]',
    )
    const call = { endpoint, request, answerType: SSE }
    expect(await ask({ ...call, answer })).toMatchObject({
      model: 'gemini-2.5-flash',
      usage: { totalTokens: 31 },
      usageSource: 'provider',
    })
    expect(
      await ask({ ...call, answer: answer.slice(0, answer.indexOf('"usage":{')), aborted: true }),
    ).toMatchObject({ usageSource: 'none' })
  })
})

test.each([
  ['POST', `${AT_GLOBAL}/publishers/google/models/gemini-2.5-flash:countTokens`],
  ['POST', `${AT_REGION}/publishers/google/models/veo-3.0-generate-001:fetchPredictOperation`],
  ['POST', `${AT_REGION}/batchPredictionJobs`],
  ['POST', `${AT_REGION}/batchPredictionJobs/123:cancel`],
  ['GET', `${AT_REGION}/cachedContents/123`],
  ['GET', '/v1beta1/publishers/google/models/gemini-2.5-flash'],
  ['POST', `${AT_REGION}/endpoints/123:predict`],
])('%s %s is known and free', async (method, endpoint) => {
  expect(await ask({ method, endpoint, answer: '{"totalTokens":6}' })).toMatchObject({
    billable: false,
    unknownEndpoint: false,
  })
})

describe('the address and the key', () => {
  test.each([
    // Anthropic's client has the version in its base URL, Google's add theirs.
    [`${AT_REGION}${CLAUDE}:rawPredict`, `${AT_REGION}${CLAUDE}:rawPredict`],
    [
      `/projects/p/locations/l${CLAUDE}:rawPredict`,
      `/v1/projects/p/locations/l${CLAUDE}:rawPredict`,
    ],
    ['/v1/v1beta1/projects/p/locations/l/x', '/v1beta1/projects/p/locations/l/x'],
    ['/v1/ws/google.cloud', '/ws/google.cloud'],
  ])('%s reaches %s', (path, endpoint) => expect(canonicalPath(vertex, path)).toBe(endpoint))

  test('a token goes into Authorization, a key of express mode into x-goog-api-key', () => {
    expect(vertex.credential('ya29.token', GENERATE)).toEqual([
      'authorization',
      'Bearer ya29.token',
    ])
    expect(vertex.credentialKind('ya29.token')).toBe('oauth')
    expect(vertex.credentialKind('eyJhbGciOi.eyJhdWQ.c2ln')).toBe('oauth')
    for (const key of ['AIzaSyA-1234', 'AQ.Ab8RN6I']) {
      expect(vertex.credential(key, GENERATE)).toEqual(['x-goog-api-key', key])
      expect(vertex.credentialKind(key)).toBe('api_key')
    }
    expect(vertex.credentialKind('something')).toBeNull()
  })
})

/** An unmasked message of a websocket, of less than 64 KiB. */
function frame(message: unknown): Buffer {
  const text = Buffer.from(JSON.stringify(message))
  return Buffer.concat([Buffer.from([0x81, 126, text.length >> 8, text.length & 0xff]), text])
}
