import { randomUUID } from 'node:crypto'
import { Mistral } from '@mistralai/mistralai'
import OpenAI from 'openai'
import { beforeEach, describe, expect, test } from 'vitest'
import { recordsByClaim } from './support/records.ts'
import { startScriptedProvider } from './support/scripted-provider.ts'
import { until } from './support/until.ts'
import { useFlint, useServer } from './support/use-flint.ts'
import { expectNothingOfFlint } from './support/wire.ts'

/** `providers:` of flint.yaml, by official clients through the real Envoy. */

const provider = useServer(startScriptedProvider)
const flint = useFlint(() => ({
  upstream: provider.url,
  env: {
    FLINT_PROVIDERS_GROQ_UPSTREAM: provider.url,
    FLINT_PROVIDERS_MISTRAL_UPSTREAM: provider.url,
    FLINT_PROVIDERS_OPENROUTER_UPSTREAM: provider.url,
    FLINT_PROVIDERS_IN_HOUSE_FORMAT: 'openai-compatible',
    FLINT_PROVIDERS_IN_HOUSE_UPSTREAM: provider.url,
    FLINT_PROVIDERS_IN_HOUSE_BASE_PATH: '/ai',
    FLINT_PROVIDERS_IN_HOUSE_CREDENTIAL: 'x-own-key',
  },
}))

const KEY = 'sk-host-0123456789abcd'
const MODEL = 'llama-3.3-70b-versatile'
const messages = [{ role: 'user' as const, content: 'hello' }]
const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }
const choices = [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'hi' } }]
const completion = {
  id: 'c-1',
  object: 'chat.completion',
  created: 1,
  model: MODEL,
  usage,
  choices,
}

let claim: string
beforeEach(() => {
  claim = randomUUID()
  provider.received.length = 0
  answer(200, completion)
})

function answer(status: number, body: object): void {
  provider.answer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  })
}

/** Streams these chunks, and breaks the connection off where `broken`. */
function stream(chunks: readonly object[], broken = false): void {
  provider.answer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const events = chunks.map((chunk) => {
      const head = { id: 'c-1', object: 'chat.completion.chunk', created: 1, model: MODEL }
      return `data: ${JSON.stringify({ ...head, ...chunk })}\n\n`
    })
    if (broken) response.write(events.join(''), () => response.destroy())
    else response.end(`${events.join('')}data: [DONE]\n\n`)
  })
}

const client = (name: string) =>
  new OpenAI({
    ...{ apiKey: `${KEY}.${flint.key}`, baseURL: `${flint.baseUrl}/v1/proxy/${name}` },
    ...{ maxRetries: 0, defaultHeaders: { 'x-flint-request-id': claim } },
  })
const recorded = async () => (await recordsByClaim(flint, [claim])).get(claim)

/** The one request that arrived, with nothing of Flint in it. */
function arrived() {
  expect(provider.received).toHaveLength(1)
  const [seen] = provider.received
  expectNothingOfFlint(seen?.rawHeaders ?? [])
  return seen
}

const delta = (content: string) => ({ choices: [{ index: 0, delta: { content } }] })

describe('a host that is known by its name', () => {
  test('is called at its own base path, and its name is the record’s', async () => {
    await client('groq').chat.completions.create({ model: MODEL, messages })
    expect(arrived()).toMatchObject({
      url: '/openai/v1/chat/completions',
      headers: { authorization: `Bearer ${KEY}` },
    })
    expect(await recorded()).toMatchObject({
      ...{ provider: 'groq', endpoint: '/openai/v1/chat/completions', outcome: 'complete' },
      ...{ model: MODEL, inputTokens: 10, outputTokens: 5, usageSource: 'provider' },
      ...{ costStatus: 'exact', keyHint: '...abcd', credential: 'api_key' },
    })
    const listed = await flint.records({ provider: 'groq' })
    expect(listed.map(({ claimedRequestId }) => claimedRequestId)).toContain(claim)
  })

  test('streams, with its usage where Groq puts it', async () => {
    const finish = { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }
    stream([delta('h'), delta('i'), { ...finish, x_groq: { id: 'req_1', usage } }])
    let said = ''
    const answered = await client('groq').chat.completions.create({
      ...{ model: MODEL, messages, stream: true },
    })
    for await (const chunk of answered) said += chunk.choices[0]?.delta.content ?? ''
    expect(said).toBe('hi')
    expect(await recorded()).toMatchObject({
      ...{ outcome: 'complete', stream: true, usageSource: 'provider', inputTokens: 10 },
    })
  })

  test('that breaks off or refuses leaves a record that says so', async () => {
    stream([delta('h')], true)
    const answered = await client('groq').chat.completions.create({
      ...{ model: MODEL, messages, stream: true },
    })
    await expect(async () => {
      for await (const _ of answered);
    }).rejects.toThrow()
    expect(await recorded()).toMatchObject({ outcome: 'upstream_reset' })
    claim = randomUUID()
    answer(429, { error: { message: 'slow down', type: 'tokens', code: 'rate_limit' } })
    await expect(
      client('groq').chat.completions.create({ model: MODEL, messages }),
    ).rejects.toMatchObject({ status: 429 })
    expect(await recorded()).toMatchObject({ status: 429, costUsd: null })
  })

  test('is called by Mistral’s own client', async () => {
    const mistral = new Mistral({
      ...{ apiKey: `${KEY}.${flint.key}`, serverURL: `${flint.baseUrl}/v1/proxy/mistral` },
    })
    answer(200, {
      ...completion,
      model: 'mistral-small-latest',
      usage: { ...usage, num_cached_tokens: 4 },
    })
    await mistral.chat.complete(
      { model: 'mistral-small-latest', messages },
      { headers: { 'x-flint-request-id': claim } },
    )
    expect(arrived()?.url).toBe('/v1/chat/completions')
    expect(await recorded()).toMatchObject({
      ...{ provider: 'mistral', model: 'mistral-small-latest', cachedInputTokens: 4 },
    })
  })

  test('says what it charges, which is the cost', async () => {
    answer(200, { ...completion, usage: { ...usage, cost: 0.0015 } })
    await client('openrouter').chat.completions.create({ model: 'some/model', messages })
    expect(arrived()?.url).toBe('/api/v1/chat/completions')
    expect(await recorded()).toMatchObject({ costUsd: 0.0015, costStatus: 'exact' })
  })
})

describe('a host of one’s own', () => {
  test('gets its key in the header of its setting, and a caller’s key is found there', async () => {
    const response = await fetch(`${flint.baseUrl}/v1/proxy/in-house/chat/completions`, {
      method: 'POST',
      headers: {
        ...{ 'x-flint-key': flint.key, 'x-own-key': KEY, 'x-flint-request-id': claim },
        'content-type': 'application/json',
      },
      body: JSON.stringify({ model: 'our-model', messages }),
    })
    expect(response.status).toBe(200)
    const seen = arrived()
    expect(seen?.url).toBe('/ai/chat/completions')
    expect(seen?.headers['x-own-key']).toBe(KEY)
    expect(seen?.headers.authorization).toBeUndefined()
    expect(await recorded()).toMatchObject({
      ...{ provider: 'in-house', model: MODEL, inputTokens: 10, keyHint: '...abcd' },
      // No one lists its prices.
      ...{ costUsd: null, costStatus: 'unpriced' },
    })
  })

  test('takes reports of calls that passed elsewhere', async () => {
    const report = (body: object) =>
      fetch(`${flint.baseUrl}/v1/audit/report`, {
        method: 'POST',
        headers: { authorization: `Bearer ${flint.key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ endpoint: '/ai/chat/completions', response: completion, ...body }),
      })
    const taken = await report({ provider: 'in-house' })
    expect(taken.status).toBe(202)
    const { requestId } = (await taken.json()) as { requestId: string }
    await until('the report is listed', 15_000, async () =>
      (await flint.records({ provider: 'in-house' })).some(
        (record) => record.requestId === requestId && record.inputTokens === 10,
      ),
    )
    const refused = await report({ provider: 'nowhere' })
    expect(refused.status).toBe(400)
    expect(await refused.text()).toContain('in-house')
  })
})

test('a name that is not configured is no provider, and the answer lists those that are', async () => {
  const response = await fetch(`${flint.baseUrl}/v1/proxy/deepseek/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}.${flint.key}` },
    body: '{}',
  })
  expect(response.status).toBe(400)
  const { error } = (await response.json()) as { error: { code: string; message: string } }
  expect(error.code).toBe('unknown_provider')
  expect(error.message).toContain('in-house')
  expect(provider.received).toHaveLength(0)
})
