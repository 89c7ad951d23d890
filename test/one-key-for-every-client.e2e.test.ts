import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { beforeAll, describe, expect, test } from 'vitest'
import { chatCompletion, startScriptedProvider } from './support/scripted-provider.ts'
import { useFlint, useServer } from './support/use-flint.ts'
import { expectNothingOfFlint } from './support/wire.ts'

/** Clients with a base URL and a key, and nothing else set (docs/sdks.md). */

const provider = useServer(startScriptedProvider)
const flint = useFlint(() => ({ upstream: provider.url }))

const ask = [{ role: 'user' as const, content: 'hello' }]
const message = {
  ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-haiku-4-5' },
  content: [{ type: 'text', text: 'hi' }],
  stop_reason: 'end_turn',
  usage: { input_tokens: 10, output_tokens: 5 },
}
const responded = {
  ...{ id: 'resp_1', object: 'response', status: 'completed', model: 'gpt-5.5', output: [] },
  usage: { input_tokens: 10, output_tokens: 5, total_tokens: 15 },
}
const generated = {
  candidates: [{ content: { role: 'model', parts: [{ text: 'hi' }] }, finishReason: 'STOP' }],
  usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 },
  modelVersion: 'gemini-2.5-flash',
}

beforeAll(() => {
  provider.answer((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    if (request.url.endsWith('/messages')) response.end(JSON.stringify(message))
    else if (request.url.endsWith('/responses')) response.end(JSON.stringify(responded))
    else if (request.url.includes(':generateContent')) response.end(JSON.stringify(generated))
    else {
      const { model } = JSON.parse(request.body.toString()) as { model: string }
      response.end(JSON.stringify({ ...JSON.parse(chatCompletion('hi')), model }))
    }
  })
})

interface Client {
  readonly baseUrl: string
  readonly key: string
}
const chat =
  (model: string) =>
  ({ baseUrl, key }: Client) =>
    new OpenAI({ apiKey: key, baseURL: baseUrl, maxRetries: 0 }).chat.completions.create({
      model,
      messages: ask,
    })
const claude = ({ baseUrl, key }: Client) =>
  new Anthropic({ apiKey: key, authToken: null, baseURL: baseUrl, maxRetries: 0 }).messages.create({
    model: 'claude-haiku-4-5',
    max_tokens: 64,
    messages: ask,
  })
const gemini = ({ baseUrl, key }: Client) =>
  new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl } }).models.generateContent({
    model: 'gemini-2.5-flash',
    contents: 'hello',
  })

const codex = ({ baseUrl, key }: Client) =>
  new OpenAI({ apiKey: key, baseURL: baseUrl, maxRetries: 0 }).responses.create({
    model: 'gpt-5.5',
    input: 'hello',
  })

const OPENAI = { endpoint: '/v1/chat/completions', header: 'authorization', credential: 'api_key' }
const CLAUDE = { endpoint: '/v1/messages', header: 'x-api-key', credential: 'api_key' }
const GEMINI = {
  endpoint: '/v1beta/models/gemini-2.5-flash:generateContent',
  header: 'x-goog-api-key',
  credential: 'api_key',
}
const COMPATIBLE = { ...OPENAI, endpoint: '/v1beta/openai/chat/completions' }
/** As Codex has one after `codex login`; the signature is checked by no one here. */
const LOGIN = `eyJhbGciOiJSUzI1NiJ9.${Buffer.from(
  JSON.stringify({ 'https://api.openai.com/auth': { chatgpt_account_id: 'a' } }),
).toString('base64url')}.c2lnbmF0dXJlabcd`
const CODEX = { ...OPENAI, endpoint: '/backend-api/codex/responses', credential: 'subscription' }
const PLAN = { ...CLAUDE, header: 'authorization', credential: 'subscription' }

describe('a base URL and one key, <provider key>.<Flint key>, are all that is needed', () => {
  test.each([
    ['OpenAI', 'openai', chat('gpt-4o'), 'sk-proj-0123456789abcd', OPENAI],
    ['OpenAI, /v1', 'openai/v1', chat('gpt-4o'), 'sk-proj-0123456789abcd', OPENAI],
    ['Anthropic', 'anthropic', claude, 'sk-ant-api03-0123456789abcd', CLAUDE],
    ['Anthropic, /v1', 'anthropic/v1', claude, 'sk-ant-api03-0123456789abcd', CLAUDE],
    ['Anthropic, a plan', 'anthropic', claude, 'sk-ant-oat01-0123456789abcd', PLAN],
    [
      'Anthropic by the OpenAI SDK',
      'anthropic',
      chat('claude-haiku-4-5'),
      'sk-ant-api03-0123456789abcd',
      OPENAI,
    ],
    ['ChatGPT plan', 'chatgpt', codex, LOGIN, CODEX],
    ['ChatGPT plan, /v1', 'chatgpt/v1', codex, LOGIN, CODEX],
    ['Gemini', 'gemini', gemini, 'AQ.Ab8R.0123456789abcd', GEMINI],
    ['Gemini, /v1beta', 'gemini/v1beta', gemini, 'AIza0123456789abcd', GEMINI],
    [
      'Gemini by the OpenAI SDK',
      'gemini/openai',
      chat('gemini-2.5-flash'),
      'AIza0123456789abcd',
      COMPATIBLE,
    ],
  ] as const)('%s', async (_client, base, call, providerKey, expected) => {
    provider.received.length = 0
    const before = (await flint.records()).length
    await call({
      baseUrl: `${flint.baseUrl}/v1/proxy/${base}`,
      key: `${providerKey}.${flint.key}`,
    })
    const [seen] = provider.received
    expect(provider.received).toHaveLength(1)
    expect(seen?.url.split('?')[0]).toBe(expected.endpoint)
    expect(seen?.headers[expected.header]).toBe(
      expected.header === 'authorization' ? `Bearer ${providerKey}` : providerKey,
    )
    expectNothingOfFlint(seen?.rawHeaders ?? [])
    const [record] = await flint.settled(before + 1)
    const isPlan = expected.credential === 'subscription'
    expect(record).toMatchObject({
      ...{ endpoint: expected.endpoint, credential: expected.credential, keyHint: '...abcd' },
      ...{ status: 200, outcome: 'complete', inputTokens: 10, outputTokens: 5 },
      usageSource: 'provider',
      costStatus: isPlan ? 'estimated' : 'exact',
      costReason: isPlan ? 'subscription' : null,
    })
    expect(record?.costUsd).toBeGreaterThan(0)
  })

  test('and the calls of one session of an agent are listed together', async () => {
    const sessionId = '019a9544-7ab1-73c1-837e-1fa681f4462b'
    const client = new Anthropic({
      ...{ apiKey: `sk-ant-api03-0123456789abcd.${flint.key}`, authToken: null, maxRetries: 0 },
      baseURL: `${flint.baseUrl}/v1/proxy/anthropic`,
      defaultHeaders: { 'x-claude-code-session-id': sessionId, 'x-client-request-id': 'request-1' },
    })
    for (let turn = 0; turn < 2; turn += 1)
      await client.messages.create({ model: 'claude-haiku-4-5', max_tokens: 64, messages: ask })
    const records = await flint.settled(2, { sessionId })
    for (const record of records)
      expect(record).toMatchObject({ sessionId, callerRequestId: 'request-1' })
    expect(provider.received.at(-1)?.headers['x-claude-code-session-id']).toBe(sessionId)
  })
})
