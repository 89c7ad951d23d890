import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { startDemoProvider } from '../src/demo/demo-provider.ts'
import type { ListedRecord } from './support/flint.ts'
import { until } from './support/until.ts'
import { useFlint, useServer } from './support/use-flint.ts'

const PROVIDER_KEY = 'sk-client-0123456789abcd'
const messages = [{ role: 'user' as const, content: 'Summarise this contract in 3 bullets.' }]

const provider = useServer(() => startDemoProvider({ eventDelayMs: 0 }))
const flint = useFlint(() => ({ upstream: provider.upstream }))

async function report(body: unknown, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(`${flint.baseUrl}/v1/audit/report`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${flint.key}`,
      'content-type': 'application/json',
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return {
    status: response.status,
    body: (await response.json()) as {
      requestId: string
      createdAt: string
      error: { code: string; message: string }
    },
  }
}

async function recordOf(requestId: string): Promise<ListedRecord> {
  let record: ListedRecord | undefined
  await until(`record ${requestId}`, 15_000, async () => {
    const response = await fetch(`${flint.baseUrl}/v1/audit/${requestId}`, {
      headers: { authorization: `Bearer ${flint.key}` },
    })
    record = response.ok ? ((await response.json()) as ListedRecord) : undefined
    return response.ok
  })
  if (!record) throw new Error(requestId)
  return record
}

/** What both the proxy sees and a client reports. */
const COMPARED = [
  ...[
    'provider',
    'model',
    'endpoint',
    'status',
    'outcome',
    'stream',
    'finishReason',
    'parserVersion',
    'usageSource',
  ],
  ...[
    'inputTokens',
    'outputTokens',
    'totalTokens',
    'cachedInputTokens',
    'reasoningTokens',
    'costUsd',
    'costStatus',
  ],
] as readonly (keyof ListedRecord)[]
const compared = (record: ListedRecord) =>
  Object.fromEntries(COMPARED.map((name) => [name, record[name]]))

describe('a call that its client reports', () => {
  test('gives the same record as the same call through the proxy, for every SDK, plain and streamed', async () => {
    const through = { authorization: `Bearer ${flint.key}`, 'x-provider-key': PROVIDER_KEY }
    const openai = (proxied: boolean) =>
      new OpenAI({
        apiKey: PROVIDER_KEY,
        baseURL: proxied ? `${flint.baseUrl}/v1/proxy/openai` : `${provider.upstream}/v1`,
        ...(proxied ? { defaultHeaders: through } : {}),
      })
    const anthropic = (proxied: boolean) =>
      new Anthropic({
        apiKey: PROVIDER_KEY,
        baseURL: proxied ? `${flint.baseUrl}/v1/proxy/anthropic` : provider.upstream,
        ...(proxied ? { defaultHeaders: through } : {}),
      })
    const gemini = (proxied: boolean) =>
      new GoogleGenAI({
        apiKey: PROVIDER_KEY,
        httpOptions: {
          baseUrl: proxied ? `${flint.baseUrl}/v1/proxy/gemini` : provider.upstream,
          ...(proxied ? { headers: through } : {}),
        },
      })
    const events = async (stream: AsyncIterable<unknown>) => {
      const list: unknown[] = []
      for await (const event of stream) list.push(event)
      return list
    }
    const model = 'gemini-2.5-flash'
    const calls: Array<
      [provider: string, endpoint: string, call: (proxied: boolean) => Promise<unknown>]
    > = [
      [
        'openai',
        '/v1/chat/completions',
        (p) => openai(p).chat.completions.create({ model: 'gpt-4o', messages }),
      ],
      [
        'openai',
        '/v1/chat/completions',
        async (p) =>
          events(
            await openai(p).chat.completions.create({
              model: 'gpt-4o',
              messages,
              stream: true,
              stream_options: { include_usage: true },
            }),
          ),
      ],
      [
        'openai',
        '/v1/responses',
        (p) => openai(p).responses.create({ model: 'gpt-4o-mini', input: 'Summarise.' }),
      ],
      [
        'anthropic',
        '/v1/messages',
        (p) =>
          anthropic(p).messages.create({ model: 'claude-haiku-4-5', max_tokens: 64, messages }),
      ],
      [
        'anthropic',
        '/v1/messages',
        async (p) =>
          events(
            await anthropic(p).messages.create({
              model: 'claude-haiku-4-5',
              max_tokens: 64,
              messages,
              stream: true,
            }),
          ),
      ],
      [
        'gemini',
        `/v1beta/models/${model}:generateContent`,
        (p) => gemini(p).models.generateContent({ model, contents: 'Summarise.' }),
      ],
    ]
    for (const [name, endpoint, call] of calls) {
      const before = new Set((await flint.records()).map((record) => record.requestId))
      await call(true)
      let seen: ListedRecord | undefined
      await until(`the proxy's record of ${endpoint}`, 15_000, async () => {
        seen = (await flint.records()).find((record) => !before.has(record.requestId))
        return seen !== undefined
      })
      const made = await report({
        provider: name,
        endpoint,
        response: await call(false),
        latencyMs: 12.4,
        messages,
      })
      expect(made.status).toBe(202)
      const reported = await recordOf(made.body.requestId)
      expect(reported).toMatchObject({
        source: 'client',
        latencyMs: 12,
        keyHint: null,
        requestBytes: null,
        createdAt: made.body.createdAt,
      })
      if (!seen) throw new Error(endpoint)
      expect(compared(reported)).toEqual(compared(seen))
    }
  })

  test('that failed is recorded with its status and no cost', async () => {
    const made = await report({
      provider: 'openai',
      endpoint: '/v1/chat/completions?key=sk-must-not-stay-000',
      status: 429,
      response: { error: { message: 'slow down', code: 'rate_limit_exceeded' } },
    })
    expect(await recordOf(made.body.requestId)).toMatchObject({
      status: 429,
      endpoint: '/v1/chat/completions',
      inputTokens: null,
      costUsd: null,
      usageSource: 'none',
      outcome: 'complete',
    })
  })

  test('says null for what it does not know, and so does the record', async () => {
    const made = await report({
      provider: 'openai',
      endpoint: '/v1/chat/completions',
      response: {
        model: 'gpt-4o',
        usage: {
          ...{ prompt_tokens: 10, completion_tokens: null, total_tokens: null },
          prompt_tokens_details: { cached_tokens: null },
        },
        service_tier: null,
      },
      ...{ latencyMs: null, status: null, startedAt: null, messages: null, system: null },
    })
    expect(made.status).toBe(202)
    expect(await recordOf(made.body.requestId)).toMatchObject({
      status: 200,
      latencyMs: null,
      inputTokens: 10,
      outputTokens: null,
      totalTokens: null,
      cachedInputTokens: null,
      costUsd: null,
      createdAt: made.body.createdAt,
    })
  })

  test('may have begun within the last day, not before', async () => {
    const startedAt = new Date(Date.now() - 3_600_000).toISOString()
    const made = await report({
      provider: 'anthropic',
      endpoint: '/v1/messages',
      response: {},
      startedAt,
    })
    expect(made.body.createdAt).toBe(startedAt)
    expect((await recordOf(made.body.requestId)).createdAt).toBe(startedAt)
    const old = await report({
      provider: 'anthropic',
      endpoint: '/v1/messages',
      response: {},
      startedAt: '2020-01-01',
    })
    expect([old.status, old.body.error.code, old.body.error.message]).toEqual([
      400,
      'invalid_request',
      expect.stringContaining('startedAt'),
    ])
  })

  test('twice under one Idempotency-Key is one record; another body is a conflict', async () => {
    const body = {
      provider: 'openai',
      endpoint: '/v1/chat/completions',
      response: {
        model: 'gpt-4o',
        usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
      },
    }
    const both = await Promise.all([
      report(body, { 'idempotency-key': 'retry-1' }),
      report(body, { 'idempotency-key': 'retry-1' }),
    ])
    expect(both.map(({ status }) => status)).toEqual([202, 202])
    expect(both[1]?.body).toEqual(both[0]?.body)
    // Also when the process that took it is gone.
    const pid = flint.pid('api')
    process.kill(pid, 'SIGKILL')
    await until(
      'the API to be back',
      15_000,
      async () => (await fetch(`${flint.baseUrl}/healthz`).catch(() => null))?.status === 200,
    )
    await until(
      'keys to be known',
      15_000,
      async () => (await report(body, { 'idempotency-key': 'retry-1' })).status === 202,
    )
    expect((await report(body, { 'idempotency-key': 'retry-1' })).body).toEqual(both[0]?.body)
    const other = await report({ ...body, latencyMs: 5 }, { 'idempotency-key': 'retry-1' })
    expect([other.status, other.body.error.code]).toEqual([409, 'conflict'])
    await recordOf(both[0]?.body.requestId ?? '')
    expect((await flint.records()).filter((record) => record.totalTokens === 3)).toHaveLength(1)
  })

  test.each([
    [
      'an unknown provider',
      { provider: 'mistral', endpoint: '/v1/chat', response: {} },
      'provider',
    ],
    ['no provider', { endpoint: '/v1/chat', response: {} }, 'provider'],
    ['no endpoint', { provider: 'openai', response: {} }, 'endpoint'],
    [
      'an endpoint that is no path',
      { provider: 'openai', endpoint: 'v1/chat', response: {} },
      'endpoint',
    ],
    ['no response', { provider: 'openai', endpoint: '/v1/chat/completions' }, 'response'],
    [
      'a negative latency',
      { provider: 'openai', endpoint: '/v1/chat', response: {}, latencyMs: -1 },
      'latencyMs',
    ],
    [
      'a latency in quotes',
      { provider: 'openai', endpoint: '/v1/chat', response: {}, latencyMs: '12' },
      'latencyMs',
    ],
    [
      'a status that is none',
      { provider: 'openai', endpoint: '/v1/chat', response: {}, status: 42 },
      'status',
    ],
    ['a list', [], 'body'],
    ['no JSON', '{', ''],
  ])('with %s: 400 names the field', async (_what, body, field) => {
    const answer = await report(body)
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_request'])
    expect(answer.body.error.message).toContain(field)
  })

  test('needs the scope report, and at most 32 MB', async () => {
    const reader = JSON.parse(
      await flint.cli('keys', 'create', '--name', 'reader', '--scopes', 'read', '--json'),
    ) as { key: string }
    await until(
      'the key to be known',
      10_000,
      async () => (await report({}, { authorization: `Bearer ${reader.key}` })).status === 403,
    )
    expect((await report({}, { authorization: 'Bearer flnt_live_nobody' })).status).toBe(401)
    const big = {
      provider: 'openai',
      endpoint: '/v1/chat/completions',
      response: { model: 'gpt-4o', choices: [{ message: { content: 'x'.repeat(20_000_000) } }] },
    }
    expect((await report(big)).status).toBe(202)
    const tooBig = await report({ ...big, more: 'x'.repeat(14_000_000) })
    expect([tooBig.status, tooBig.body.error.code]).toEqual([400, 'invalid_request'])
  })

  test('goes on while ClickHouse is away, and is listed later', async () => {
    const pid = flint.pid('clickhouse')
    process.kill(pid, 'SIGSTOP')
    let made: Awaited<ReturnType<typeof report>>
    try {
      made = await report({
        provider: 'gemini',
        endpoint: '/v1beta/models/gemini-2.5-flash:generateContent',
        response: { modelVersion: 'gemini-2.5-flash' },
      })
      expect(made.status).toBe(202)
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    expect(await recordOf(made.body.requestId)).toMatchObject({
      provider: 'gemini',
      source: 'client',
    })
  })
})
