import { randomUUID } from 'node:crypto'
import Anthropic from '@anthropic-ai/sdk'
import { AnthropicVertex } from '@anthropic-ai/vertex-sdk'
import { ApiError, GoogleGenAI } from '@google/genai'
import { OAuth2Client } from 'google-auth-library'
import OpenAI from 'openai'
import { beforeEach, describe, expect, test } from 'vitest'
import { recordsByClaim } from './support/records.ts'
import { startScriptedProvider } from './support/scripted-provider.ts'
import { until } from './support/until.ts'
import { useFlint, useServer } from './support/use-flint.ts'
import { expectNothingOfFlint } from './support/wire.ts'

/** Vertex AI by the official clients, through the real Envoy; Google is never asked for a token. */

const provider = useServer(startScriptedProvider)
const flint = useFlint(() => ({ upstream: provider.url }))

const TOKEN = 'ya29.c.0123456789abcd'
const PROJECT_ID = 'audit-1'
const GENERATE = `/v1beta1/projects/${PROJECT_ID}/locations/global/publishers/google/models/gemini-2.5-flash`
const CLAUDE = `/v1/projects/${PROJECT_ID}/locations/us-east5/publishers/anthropic/models/claude-sonnet-4-5@20250929`
const ask = [{ role: 'user' as const, content: 'hello' }]

const generated = {
  candidates: [{ content: { role: 'model', parts: [{ text: 'hi' }] }, finishReason: 'STOP' }],
  usageMetadata: {
    ...{ promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 },
    trafficType: 'ON_DEMAND',
  },
  modelVersion: 'gemini-2.5-flash',
  responseId: 'x7sFaYq',
}
const message = {
  ...{ id: 'msg_vrtx_1', type: 'message', role: 'assistant', model: 'claude-sonnet-4-5-20250929' },
  content: [{ type: 'text', text: 'hi' }],
  stop_reason: 'end_turn',
  usage: { input_tokens: 10, output_tokens: 5 },
}
const named = (event: { type: string }) =>
  `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
const opened = {
  type: 'message_start',
  message: {
    ...message,
    content: [],
    stop_reason: null,
    usage: { input_tokens: 10, output_tokens: 1 },
  },
}
const said = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hi' } }
const MESSAGE_BEGINS = [
  opened,
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  said,
]
const MESSAGE_ENDS = [
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 5 } },
  { type: 'message_stop' },
]
const JSON_TYPE = { 'content-type': 'application/json' }
const SSE = { 'content-type': 'text/event-stream', 'request-id': 'req_vrtx_1' }

let claim: string
beforeEach(() => {
  claim = randomUUID()
  provider.received.length = 0
})

function answer(status: number, body: object): void {
  provider.answer((_request, response) => {
    response.writeHead(status, JSON_TYPE).end(JSON.stringify(body))
  })
}

/** A client of Google Cloud whose token is there already. */
function signedIn(): OAuth2Client {
  const client = new OAuth2Client()
  client.setCredentials({ access_token: TOKEN, expiry_date: Date.now() + 3_600_000 })
  return client
}

const headers = () => ({ 'x-flint-key': flint.key, 'x-flint-request-id': claim })
const baseUrl = () => `${flint.baseUrl}/v1/proxy/vertex`
const gemini = () =>
  new GoogleGenAI({
    ...{ vertexai: true, project: PROJECT_ID, location: 'global' },
    googleAuthOptions: { authClient: signedIn() },
    httpOptions: { baseUrl: baseUrl(), headers: headers() },
  })
const claude = () =>
  new AnthropicVertex({
    ...{ projectId: PROJECT_ID, region: 'us-east5', authClient: signedIn(), maxRetries: 0 },
    ...{ baseURL: `${baseUrl()}/v1`, defaultHeaders: headers() },
  })

const recorded = async () => (await recordsByClaim(flint, [claim])).get(claim)

/** The one request that arrived, with nothing of Flint in it. */
function arrived() {
  expect(provider.received).toHaveLength(1)
  const [seen] = provider.received
  expectNothingOfFlint(seen?.rawHeaders ?? [])
  return seen
}

describe('Gemini is called', () => {
  const question = { model: 'gemini-2.5-flash', contents: 'hello' }

  test('by the GenAI SDK with a token', async () => {
    answer(200, generated)
    expect((await gemini().models.generateContent(question)).text).toBe('hi')
    const seen = arrived()
    expect(seen?.url).toBe(`${GENERATE}:generateContent`)
    expect(seen?.headers.authorization).toBe(`Bearer ${TOKEN}`)
    expect(await recorded()).toMatchObject({
      ...{ provider: 'vertex', endpoint: `${GENERATE}:generateContent`, outcome: 'complete' },
      ...{ model: 'gemini-2.5-flash', requestModel: 'gemini-2.5-flash', credential: 'oauth' },
      ...{ providerRequestId: 'x7sFaYq', inputTokens: 10, outputTokens: 5 },
      ...{ usageSource: 'provider', costStatus: 'exact', costReason: null },
    })
  })

  test('in express mode, with one key', async () => {
    answer(200, generated)
    const key = 'AQ.Ab8R.0123456789abcd'
    const client = new GoogleGenAI({
      ...{ vertexai: true, apiKey: `${key}.${flint.key}` },
      httpOptions: { baseUrl: baseUrl(), headers: { 'x-flint-request-id': claim } },
    })
    await client.models.generateContent(question)
    const seen = arrived()
    expect(seen?.url).toBe('/v1beta1/publishers/google/models/gemini-2.5-flash:generateContent')
    expect(seen?.headers['x-goog-api-key']).toBe(key)
    expect(await recorded()).toMatchObject({ credential: 'api_key', costStatus: 'exact' })
  })

  test('as a stream', async () => {
    provider.answer((_request, response) => {
      const { usageMetadata: _, ...first } = generated
      response.writeHead(200, SSE)
      const events = [
        { ...first, candidates: [{ content: generated.candidates[0]?.content }] },
        generated,
      ]
      response.end(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''))
    })
    let text = ''
    for await (const chunk of await gemini().models.generateContentStream(question))
      text += chunk.text ?? ''
    expect(text).toBe('hihi')
    expect(arrived()?.url).toBe(`${GENERATE}:streamGenerateContent?alt=sse`)
    expect(await recorded()).toMatchObject({
      ...{ stream: true, outcome: 'complete', inputTokens: 10, outputTokens: 5 },
    })
  })

  test('by the OpenAI client', async () => {
    answer(200, {
      ...{ id: 'c', object: 'chat.completion', created: 1, model: 'google/gemini-2.5-flash' },
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'hi' } }],
      usage: {
        ...{ prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
        extra_properties: { google: { traffic_type: 'PROVISIONED_THROUGHPUT' } },
      },
    })
    const endpoint = `/v1/projects/${PROJECT_ID}/locations/global/endpoints/openapi`
    const client = new OpenAI({
      ...{ apiKey: `${TOKEN}.${flint.key}`, maxRetries: 0 },
      ...{ baseURL: baseUrl() + endpoint, defaultHeaders: { 'x-flint-request-id': claim } },
    })
    await client.chat.completions.create({ model: 'google/gemini-2.5-flash', messages: ask })
    expect(arrived()?.headers.authorization).toBe(`Bearer ${TOKEN}`)
    expect(await recorded()).toMatchObject({
      ...{ endpoint: `${endpoint}/chat/completions`, inputTokens: 10, outputTokens: 5 },
      ...{ model: 'gemini-2.5-flash', requestModel: 'google/gemini-2.5-flash' },
      ...{ costStatus: 'estimated', costReason: 'provisioned_throughput' },
    })
  })

  test('and refused: the SDK has its own error, the record its status', async () => {
    answer(429, { error: { code: 429, message: 'x', status: 'RESOURCE_EXHAUSTED' } })
    await expect(gemini().models.generateContent(question)).rejects.toBeInstanceOf(ApiError)
    expect(await recorded()).toMatchObject({
      ...{ status: 429, outcome: 'complete', billable: false, model: 'gemini-2.5-flash' },
    })
  })

  test('to count tokens, which is free', async () => {
    answer(200, { totalTokens: 6 })
    await gemini().models.countTokens(question)
    expect(await recorded()).toMatchObject({
      ...{ endpoint: `${GENERATE}:countTokens`, billable: false, costUsd: null },
    })
  })
})

describe('Claude is called', () => {
  const question = { model: 'claude-sonnet-4-5@20250929', max_tokens: 64, messages: ask }

  test('by AnthropicVertex, the model in the path', async () => {
    answer(200, message)
    const { content } = await claude().messages.create(question)
    expect(content).toMatchObject([{ text: 'hi' }])
    const seen = arrived()
    expect(seen?.url).toBe(`${CLAUDE}:rawPredict`)
    expect(seen?.headers.authorization).toBe(`Bearer ${TOKEN}`)
    expect(JSON.parse(String(seen?.body))).not.toHaveProperty('model')
    expect(await recorded()).toMatchObject({
      ...{ provider: 'vertex', endpoint: `${CLAUDE}:rawPredict`, outcome: 'complete' },
      ...{ model: 'claude-sonnet-4-5-20250929', requestModel: 'claude-sonnet-4-5@20250929' },
      ...{ inputTokens: 10, outputTokens: 5, credential: 'oauth', costStatus: 'exact' },
      // (10 × $3 + 5 × $15 per million) and a tenth: the location is a region.
      costUsd: 0.0001155,
    })
  })

  test('as a stream', async () => {
    provider.answer((_request, response) => {
      response.writeHead(200, SSE)
      response.end([...MESSAGE_BEGINS, ...MESSAGE_ENDS].map(named).join(''))
    })
    const { content } = await claude().messages.stream(question).finalMessage()
    expect(content).toMatchObject([{ text: 'hi' }])
    expect(arrived()?.url).toBe(`${CLAUDE}:streamRawPredict`)
    expect(await recorded()).toMatchObject({
      ...{ stream: true, outcome: 'complete', inputTokens: 10, outputTokens: 5 },
      ...{ responseId: 'msg_vrtx_1', providerRequestId: 'req_vrtx_1' },
    })
  })

  test('to count tokens, which is free', async () => {
    answer(200, { input_tokens: 9 })
    const { max_tokens: _, ...counted } = question
    await claude().messages.countTokens(counted)
    expect(await recorded()).toMatchObject({
      ...{ requestModel: 'claude-sonnet-4-5@20250929', billable: false, inputTokens: null },
    })
  })

  test('and refused: the SDK has its own error, the record its status', async () => {
    answer(429, { type: 'error', error: { type: 'rate_limit_error', message: 'x' } })
    await expect(claude().messages.create(question)).rejects.toBeInstanceOf(
      Anthropic.RateLimitError,
    )
    expect(await recorded()).toMatchObject({ status: 429, billable: false, outcome: 'complete' })
  })

  test('and the provider breaks off: what was counted so far is in the record', async () => {
    provider.answer((_request, response, socket) => {
      response.writeHead(200, SSE)
      response.write(MESSAGE_BEGINS.map(named).join(''), () => socket.destroy())
    })
    await expect(claude().messages.stream(question).finalMessage()).rejects.toThrow()
    expect(await recorded()).toMatchObject({
      ...{ status: 200, outcome: 'upstream_reset', model: 'claude-sonnet-4-5-20250929' },
      ...{ inputTokens: 10, usageSource: 'partial' },
    })
  })

  test('and the caller hangs up', async () => {
    let isGone = false
    provider.answer((_request, response) => {
      response.writeHead(200, SSE)
      response.write(MESSAGE_BEGINS.map(named).join(''))
      response.on('close', () => {
        isGone = true
      })
    })
    const stream = claude().messages.stream(question)
    for await (const { type } of stream) if (type === said.type) break
    stream.abort()
    await until('the provider to learn of it', 15_000, () => isGone)
    expect(await recorded()).toMatchObject({
      ...{ outcome: 'client_aborted', model: 'claude-sonnet-4-5-20250929', inputTokens: 10 },
    })
  })
})
