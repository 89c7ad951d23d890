import { randomUUID } from 'node:crypto'
import OpenAI, { AzureOpenAI } from 'openai'
import { beforeEach, describe, expect, test } from 'vitest'
import { recordsByClaim } from './support/records.ts'
import { startScriptedProvider } from './support/scripted-provider.ts'
import { until } from './support/until.ts'
import { useFlint, useServer } from './support/use-flint.ts'
import { expectNothingOfFlint } from './support/wire.ts'

/** Azure OpenAI by the official clients, through the real Envoy. */

const provider = useServer(startScriptedProvider)
const flint = useFlint(() => ({ upstream: provider.url }))

/** A key as Azure makes them, without a prefix, and a token as Entra makes them; of no one. */
const KEY = '0123456789abcdef0123456789abcdef'
const TOKEN = `${['eyJ0eXAiOiJKV1QifQ', 'eyJhdWQiOiJmbGludCJ9'].join('.')}.c2lnbmF0dXJlabcd`
const MODEL = 'gpt-4.1-mini-2025-04-14'
const API_VERSION = '2024-10-21'
const DEPLOYED = '/openai/deployments/team-chat/chat/completions'
const messages = [{ role: 'user' as const, content: 'hello' }]

const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }
const completion = {
  ...{ id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: MODEL, usage },
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'hi' } }],
  prompt_filter_results: [{ prompt_index: 0, content_filter_results: {} }],
}
const chunk = (more: object) =>
  `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: MODEL, ...more })}\n\n`
const PROMPT_CHUNK = chunk({
  ...{ id: '', object: '', created: 0, model: '', choices: [] },
  prompt_filter_results: completion.prompt_filter_results,
})
const TEXT_CHUNK = chunk({
  choices: [{ index: 0, delta: { role: 'assistant', content: 'hi' }, finish_reason: null }],
})
const STREAM = [
  PROMPT_CHUNK,
  TEXT_CHUNK,
  chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
  chunk({ choices: [], usage }),
  'data: [DONE]\n\n',
]
const SSE = { 'content-type': 'text/event-stream', 'apim-request-id': 'apim-1' }

let claim: string
beforeEach(() => {
  claim = randomUUID()
  provider.received.length = 0
  answer(200, completion)
})

function answer(status: number, body: object): void {
  provider.answer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', 'apim-request-id': 'apim-1' })
    response.end(JSON.stringify(body))
  })
}

function azure(base: Partial<ConstructorParameters<typeof AzureOpenAI>[0]> = {}): AzureOpenAI {
  return new AzureOpenAI({
    ...{ endpoint: `${flint.baseUrl}/v1/proxy/azure`, apiKey: `${KEY}.${flint.key}` },
    ...{ apiVersion: API_VERSION, maxRetries: 0 },
    ...base,
    defaultHeaders: { 'x-flint-request-id': claim, ...base.defaultHeaders },
  })
}

const recorded = async () => (await recordsByClaim(flint, [claim])).get(claim)
const chat = (client: OpenAI) => client.chat.completions.create({ model: 'team-chat', messages })

/** The one request that arrived, with nothing of Flint in it. */
function arrived() {
  expect(provider.received).toHaveLength(1)
  const [seen] = provider.received
  expectNothingOfFlint(seen?.rawHeaders ?? [])
  return seen
}

describe('a deployment is called', () => {
  test('by AzureOpenAI with one key', async () => {
    expect((await chat(azure())).choices[0]?.message.content).toBe('hi')
    const seen = arrived()
    expect(seen?.url).toBe(`${DEPLOYED}?api-version=${API_VERSION}`)
    expect(seen?.headers['api-key']).toBe(KEY)
    expect(seen?.headers.authorization).toBeUndefined()
    expect(await recorded()).toMatchObject({
      ...{ provider: 'azure', endpoint: DEPLOYED, status: 200, outcome: 'complete' },
      ...{ model: MODEL, requestModel: 'team-chat', credential: 'api_key', keyHint: '...cdef' },
      ...{ providerRequestId: 'apim-1', inputTokens: 10, outputTokens: 5, finishReason: 'stop' },
      ...{ usageSource: 'provider', costStatus: 'estimated', costReason: 'unknown_term' },
    })
  })

  test('with a token of Entra, and the Flint key in a header', async () => {
    const client = azure({
      apiKey: undefined,
      azureADTokenProvider: () => Promise.resolve(TOKEN),
      defaultHeaders: { 'x-flint-key': flint.key },
    })
    await chat(client)
    const seen = arrived()
    expect(seen?.headers.authorization).toBe(`Bearer ${TOKEN}`)
    expect(seen?.headers['api-key']).toBeUndefined()
    expect(await recorded()).toMatchObject({ credential: 'oauth', model: MODEL })
  })

  test('by the OpenAI client, whose key goes where Azure wants it', async () => {
    for (const base of ['azure/openai/v1', 'azure/v1', 'azure']) {
      claim = randomUUID()
      provider.received.length = 0
      const client = new OpenAI({
        ...{ apiKey: `${KEY}.${flint.key}`, maxRetries: 0 },
        baseURL: `${flint.baseUrl}/v1/proxy/${base}`,
        defaultHeaders: { 'x-flint-request-id': claim },
      })
      await chat(client)
      const seen = arrived()
      expect(seen?.url, base).toBe('/openai/v1/chat/completions')
      expect(seen?.headers['api-key'], base).toBe(KEY)
      expect(seen?.headers.authorization, base).toBeUndefined()
      expect(await recorded(), base).toMatchObject({ model: MODEL, requestModel: 'team-chat' })
    }
  })

  test('and its stream is read past the chunks of the content filter', async () => {
    provider.answer((_request, response) => {
      response.writeHead(200, SSE)
      response.end(STREAM.join(''))
    })
    const stream = await azure().chat.completions.create({
      ...{ model: 'team-chat', messages, stream: true },
      stream_options: { include_usage: true },
    })
    let said = ''
    for await (const { choices } of stream) said += choices[0]?.delta.content ?? ''
    expect(said).toBe('hi')
    expect(await recorded()).toMatchObject({
      ...{ stream: true, outcome: 'complete', model: MODEL, responseId: 'chatcmpl-1' },
      ...{ inputTokens: 10, outputTokens: 5, usageSource: 'provider' },
    })
  })
})

describe('other calls', () => {
  test('responses', async () => {
    answer(200, {
      ...{ id: 'resp_1', object: 'response', status: 'completed', model: 'gpt-4.1-mini' },
      ...{ output: [], usage: { input_tokens: 10, output_tokens: 5, total_tokens: 15 } },
    })
    await azure().responses.create({ model: 'team-chat', input: 'hello' })
    expect(arrived()?.url).toBe(`/openai/responses?api-version=${API_VERSION}`)
    expect(await recorded()).toMatchObject({
      ...{ endpoint: '/openai/responses', responseId: 'resp_1', inputTokens: 10 },
      ...{ model: 'gpt-4.1-mini', requestModel: 'team-chat' },
    })
  })

  test('embeddings', async () => {
    answer(200, {
      ...{ object: 'list', model: 'text-embedding-3-small' },
      data: [{ object: 'embedding', index: 0, embedding: [0.5] }],
      usage: { prompt_tokens: 4, total_tokens: 4 },
    })
    await azure().embeddings.create({
      ...{ model: 'vectors', input: 'hello', encoding_format: 'float' },
    })
    expect(await recorded()).toMatchObject({
      ...{ endpoint: '/openai/deployments/vectors/embeddings', inputTokens: 4, outputTokens: 0 },
      ...{ model: 'text-embedding-3-small', requestModel: 'vectors' },
    })
  })

  test('images, whose answer names no model: the deployment is none', async () => {
    answer(200, { created: 1, data: [{ b64_json: 'AAAA' }] })
    await azure().images.generate({ model: 'gpt-image-1', prompt: 'a cat' })
    expect(await recorded()).toMatchObject({
      ...{ model: null, requestModel: 'gpt-image-1', costUsd: null, costStatus: 'unpriced' },
    })
  })
})

describe('what goes wrong', () => {
  test('a prompt that the content filter refuses is the client’s own error', async () => {
    answer(400, {
      error: {
        ...{ message: 'The response was filtered.', type: null, param: 'prompt' },
        ...{ code: 'content_filter', status: 400 },
        innererror: { code: 'ResponsibleAIPolicyViolation', content_filter_result: {} },
      },
    })
    const refused = await chat(azure()).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(OpenAI.BadRequestError)
    expect(refused).toMatchObject({ code: 'content_filter', status: 400 })
    expect(await recorded()).toMatchObject({
      ...{ status: 400, outcome: 'complete', requestModel: 'team-chat', model: null },
      ...{ billable: false, costUsd: null, providerRequestId: 'apim-1' },
    })
  })

  test('a stream that breaks off is an error of the client, and its model is known', async () => {
    provider.answer((_request, response, socket) => {
      response.writeHead(200, SSE)
      response.write(PROMPT_CHUNK + TEXT_CHUNK, () => socket.destroy())
    })
    const stream = await azure().chat.completions.create({
      ...{ model: 'team-chat', messages, stream: true },
    })
    const read = async () => {
      for await (const _ of stream);
    }
    await expect(read()).rejects.toThrow()
    expect(await recorded()).toMatchObject({
      ...{ status: 200, outcome: 'upstream_reset', model: MODEL, requestModel: 'team-chat' },
    })
  })

  test('a caller that hangs up leaves what was seen', async () => {
    let isGone = false
    provider.answer((_request, response) => {
      response.writeHead(200, SSE)
      response.write(PROMPT_CHUNK + TEXT_CHUNK)
      response.on('close', () => {
        isGone = true
      })
    })
    const stream = await azure().chat.completions.create({
      ...{ model: 'team-chat', messages, stream: true },
    })
    for await (const { choices } of stream) if (choices.length > 0) break
    stream.controller.abort()
    await until('the provider to learn of it', 15_000, () => isGone)
    expect(await recorded()).toMatchObject({ outcome: 'client_aborted', model: MODEL })
  })
})
