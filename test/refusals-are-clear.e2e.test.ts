import fs from 'node:fs'
import type http from 'node:http'
import path from 'node:path'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ERRORS, type ErrorCode } from '../src/errors.ts'
import { makeFlintKey } from '../src/identity/flint-key.ts'
import type { ListedRecord } from './support/flint.ts'
import { PROVIDER_KEY } from './support/provider-key.ts'
import { type RawAnswer, rawBytes, rawCall } from './support/raw-http.ts'
import { chatCompletion, startScriptedProvider } from './support/scripted-provider.ts'
import { until } from './support/until.ts'
import { useFlint, useServer } from './support/use-flint.ts'

const provider = useServer(startScriptedProvider)
const flint = useFlint(() => ({ upstream: provider.url }))
beforeAll(async () => {
  provider.answer((_request, response) => void response.end(chatCompletion('hello')))
})
beforeEach(() => {
  provider.received.length = 0
})

const chat = (
  headers: http.OutgoingHttpHeaders | readonly string[],
  path = '/v1/proxy/openai/chat/completions',
) => rawCall(flint.baseUrl + path, { headers, body: '{"model":"gpt-4o"}' })

/** `what` names the request where one test sends several. */
function expectError(answer: RawAnswer, code: ErrorCode, what?: string): void {
  const body: unknown = JSON.parse(answer.body.toString())
  expect(body, what).toMatchObject({ error: { code, type: 'flint_error' } })
  expect(answer.status, what).toBe(ERRORS[code].status)
  expect(answer.header('content-type'), what).toBe('application/json')
  expect(provider.received, what).toEqual([])
}

async function createKey(body: object): Promise<{ readonly key: string; readonly id: string }> {
  const response = await fetch(`${flint.baseUrl}/v1/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${flint.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(response.status).toBe(201)
  return (await response.json()) as { key: string; id: string }
}

async function revokeKey(id: string): Promise<void> {
  const response = await fetch(`${flint.baseUrl}/v1/keys/${id}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${flint.key}` },
  })
  expect(response.ok).toBe(true)
}

let goodCalls = 0

/**
 * Fails when anything but one good call, made now, became a record of a call that began at
 * `sinceMs` (Unix time) or later: the records of what was refused before it would be in the list by
 * the time that the good call's is.
 */
async function expectNoRecordSince(sinceMs: number): Promise<void> {
  const claimedRequestId = `good-${goodCalls++}`
  const headers = {
    authorization: `Bearer ${flint.key}`,
    'x-provider-key': PROVIDER_KEY,
    'x-flint-request-id': claimedRequestId,
  }
  expect((await chat(headers)).status).toBe(200)
  let found: ListedRecord[] = []
  await until('the record of the good call', 15_000, async () => {
    found = (await flint.records()).filter(({ createdAt }) => Date.parse(createdAt) >= sinceMs)
    return found.some((record) => record.claimedRequestId === claimedRequestId)
  })
  expect(found.map((record) => record.claimedRequestId)).toEqual([claimedRequestId])
}

describe('a call that is refused', () => {
  test('for an unknown provider: 400 unknown_provider, counted, no record', async () => {
    const before = (await flint.metrics()).get('flint_observer_unknown_provider_total') ?? 0
    const startedAtMs = Date.now()
    for (const path of [
      '/v1/proxy/mistral/v1/chat',
      '/v1/proxy/',
      '/v1/proxy',
      '/v1/proxy/openai',
      '/v1/proxy/openaix/v1',
    ]) {
      const keys = { authorization: `Bearer ${flint.key}`, 'x-provider-key': PROVIDER_KEY }
      const answer = await chat(keys, path)
      expectError(answer, 'unknown_provider')
      expect(answer.body.toString()).toContain('/v1/proxy/openai/v1/models')
    }
    await expect
      .poll(async () => (await flint.metrics()).get('flint_observer_unknown_provider_total'), {
        timeout: 5_000,
      })
      .toBe(before + 5)
    await expectNoRecordSince(startedAtMs)
  })

  const WITHOUT_FLINT_KEY: ReadonlyArray<[string, http.OutgoingHttpHeaders]> = [
    ['no key at all', {}],
    ['a provider key only', { 'x-provider-key': PROVIDER_KEY }],
    [
      'a Flint key that no one has',
      { authorization: 'Bearer flnt_live_nobody', 'x-provider-key': PROVIDER_KEY },
    ],
    ['an empty Flint key', { authorization: 'Bearer flnt_', 'x-provider-key': PROVIDER_KEY }],
    ['a provider key where the Flint key belongs', { authorization: `Bearer ${PROVIDER_KEY}` }],
    [
      'another scheme than Bearer',
      { authorization: 'Basic Zmxpbnk6Zmxpbnk=', 'x-provider-key': PROVIDER_KEY },
    ],
  ]

  // One test: only the list of records takes time, and it is read once for all of them.
  test('without a valid Flint key: 401 invalid_api_key, no record', async () => {
    const startedAtMs = Date.now()
    for (const [what, headers] of WITHOUT_FLINT_KEY)
      expectError(await chat(headers), 'invalid_api_key', what)
    await expectNoRecordSince(startedAtMs)
  })

  test('without a provider key: 400 missing_provider_key, and a record of the refusal', async () => {
    for (const headers of [
      { authorization: `Bearer ${flint.key}` },
      { 'x-api-key': flint.key },
      { 'x-goog-api-key': flint.key },
      { authorization: `Bearer ${flint.key}`, 'x-provider-key': flint.key },
    ]) {
      expectError(
        await chat({ ...headers, 'x-flint-request-id': 'refused' }),
        'missing_provider_key',
      )
    }
    expectError(
      await chat(
        { 'x-flint-request-id': 'refused' },
        `/v1/proxy/gemini/v1beta/models/gemini-2.5-flash:generateContent?key=${flint.key}`,
      ),
      'missing_provider_key',
    )
    const refused = async () =>
      (await flint.records()).filter(({ claimedRequestId }) => claimedRequestId === 'refused')
    await until('the records of five refusals', 15_000, async () => (await refused()).length >= 5)
    const records = await refused()
    expect(records).toHaveLength(5)
    for (const record of records)
      expect(record).toMatchObject({
        outcome: 'rejected',
        status: 400,
        errorCode: 'missing_provider_key',
        keyHint: null,
        model: null,
        inputTokens: null,
        costUsd: null,
      })
  })

  test('with a key of the wrong scope: 403 forbidden, and a record', async () => {
    const reader = await createKey({ name: 'reader', scopes: ['read'] })
    await expect
      .poll(
        async () =>
          (await chat({ authorization: `Bearer ${reader.key}`, 'x-provider-key': PROVIDER_KEY }))
            .status,
        { timeout: 10_000 },
      )
      .toBe(403)
    expectError(
      await chat({ authorization: `Bearer ${reader.key}`, 'x-provider-key': PROVIDER_KEY }),
      'forbidden',
    )
    await expect
      .poll(
        async () =>
          (await flint.records()).filter((record) => record.errorCode === 'forbidden').length,
        { timeout: 5_000 },
      )
      .toBeGreaterThan(0)
  })

  test('with a revoked key: 401 within seconds', async () => {
    const made = await createKey({ name: 'short-lived' })
    await expect
      .poll(
        async () =>
          (await chat({ authorization: `Bearer ${made.key}`, 'x-provider-key': PROVIDER_KEY }))
            .status,
        { timeout: 10_000 },
      )
      .toBe(200)
    await revokeKey(made.id)
    await expect
      .poll(
        async () =>
          (await chat({ authorization: `Bearer ${made.key}`, 'x-provider-key': PROVIDER_KEY }))
            .status,
        { timeout: 10_000 },
      )
      .toBe(401)
  })

  test.each([
    [
      'the same key header twice',
      [
        'authorization',
        'Bearer KEY',
        'x-provider-key',
        PROVIDER_KEY,
        'x-provider-key',
        'sk-other-00000000000',
      ],
    ],
    [
      'keys joined by a comma',
      ['authorization', 'Bearer KEY', 'x-provider-key', `${PROVIDER_KEY},sk-other-00000000000`],
    ],
    [
      'two Authorization headers',
      ['authorization', 'Bearer KEY', 'authorization', `Bearer ${PROVIDER_KEY}`],
    ],
    [
      'a space inside a key',
      ['authorization', 'Bearer KEY', 'x-provider-key', 'sk-one two-00000000'],
    ],
  ])('with %s: 400 invalid_request', async (_what, headers) => {
    expectError(
      await chat(['host', 'flint', ...headers.map((value) => value.replace('KEY', flint.key))]),
      'invalid_request',
    )
  })

  test('with an encoded slash beside dot segments: 400 invalid_request', async () => {
    const headers = { authorization: `Bearer ${flint.key}`, 'x-provider-key': PROVIDER_KEY }
    for (const path of ['/v1/proxy/openai/files/..%2f..%2fadmin', '/v1/proxy/openai/a%5c..%5cb'])
      expectError(await chat(headers, path), 'invalid_request')
  })
})

describe('what Envoy itself cannot answer is refused in JSON', () => {
  const line = (text: string, ...headers: string[]) =>
    `${[`${text} HTTP/1.1`, ...headers, 'connection: close'].join('\r\n')}\r\n\r\n`
  test.each([
    ['a path with an encoded NUL', line('GET /v1/proxy/openai/%00', 'host: a'), 400],
    ['a path with a fragment', line('GET /v1/proxy/openai/models#x', 'host: a'), 400],
    ['no Host', line('GET /v1/proxy/openai/models'), 400],
    ['an Expect that no one knows', line('GET /v1/audit', 'host: a', 'expect: foo'), 417],
    ['CONNECT', line('CONNECT provider.test:443', 'host: provider.test:443'), 400],
    ['bytes that are no HTTP', 'hello\r\n\r\n', 400],
  ])('%s', async (_what, bytes, status) => {
    const answer = await rawBytes(flint.baseUrl, bytes)
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([
      status,
      { error: { type: 'flint_error' } },
    ])
    expect(answer.head).toMatch(/content-type: application\/json/i)
    expect(provider.received).toEqual([])
  })
})

describe('a Flint key reaches no provider', () => {
  const both = () => ({ authorization: `Bearer ${flint.key}`, 'x-provider-key': PROVIDER_KEY })
  const MISPLACED: ReadonlyArray<
    [string, headers: Record<string, string>, after: string, named: string]
  > = [
    ['a cookie', { cookie: 'session=KEY' }, '', 'cookie'],
    ['a header of no meaning', { 'x-auth-token': 'KEY' }, '', 'x-auth-token'],
    ['a tag', { 'x-flint-tag-a': 'KEY' }, '', 'x-flint-tag-a'],
    ['the query', {}, '?access_token=KEY', 'query'],
    ['the path', {}, '/KEY', 'path'],
    ['a second place', { 'x-api-key': 'KEY' }, '', 'two different'],
  ]

  // One test, as above.
  test('wherever it stands: 400 that names the place, and no record', async () => {
    const startedAtMs = Date.now()
    for (const [what, headers, after, named] of MISPLACED) {
      const key = makeFlintKey()
      const sent = Object.fromEntries(
        Object.entries(headers).map(([name, text]) => [name, text.replace('KEY', key)]),
      )
      const answer = await chat(
        { ...both(), ...sent, 'x-flint-request-id': 'misplaced' },
        `/v1/proxy/openai/models${after.replace('KEY', key)}`,
      )
      expectError(answer, 'invalid_request', what)
      expect(answer.body.toString(), what).toContain(named)
      expect(answer.body.toString(), what).not.toContain(key)
    }
    await expectNoRecordSince(startedAtMs)
  })

  test('from headers that end at a proxy, or from trailers: the call goes on without them', async () => {
    const key = makeFlintKey()
    const request = [
      'POST /v1/proxy/openai/chat/completions HTTP/1.1',
      ...[`host: flint`, `authorization: Bearer ${flint.key}`, `x-provider-key: ${PROVIDER_KEY}`],
      ...[
        `proxy-authorization: Bearer ${key}`,
        `api-key: ${flint.key}`,
        'transfer-encoding: chunked',
        'connection: close',
      ],
    ]
    const answer = await rawBytes(
      flint.baseUrl,
      `${request.join('\r\n')}\r\n\r\n2\r\n{}\r\n0\r\nx-late: ${key}\r\n\r\n`,
    )
    expect(answer.status).toBe(200)
    const [seen] = provider.received
    expect(seen?.body.toString()).toBe('{}')
    expect(JSON.stringify([seen?.rawHeaders, seen?.rawTrailers])).not.toMatch(
      /flnt_|x-late|proxy-authorization|api-key/,
    )
  })

  test('and a path of more than 2,048 bytes is neither forwarded nor kept', async () => {
    const startedAtMs = Date.now()
    const long = `/v1/proxy/openai/${'x'.repeat(5_000)}`
    const answer = await chat(both(), long)
    expectError(answer, 'invalid_request')
    expect(answer.body.toString()).toContain('path')
    expectError(await chat({}, long), 'invalid_request')
    const log = () =>
      fs.readFileSync(path.join(flint.dataDir, 'logs', 'envoy-access.ndjson'), 'utf8')
    await until(
      'the lines of both calls',
      15_000,
      () => log().split('"path":"/v1/proxy/openai/xxx').length >= 3,
    )
    expect(
      Math.max(
        ...log()
          .split('\n')
          .map((entry) => /"path":"([^"]*)"/.exec(entry)?.[1]?.length ?? 0),
      ),
    ).toBe(2_048)
    await expectNoRecordSince(startedAtMs)
  })
})

describe('keys are taken from every place an SDK puts them', () => {
  const gemini = '/v1/proxy/gemini/v1beta/models/gemini-2.5-flash:generateContent'
  test.each([
    [
      'OpenAI',
      '/v1/proxy/openai/chat/completions',
      { authorization: 'Bearer FLINT', 'x-provider-key': PROVIDER_KEY },
      '/v1/chat/completions',
      'authorization',
      `Bearer ${PROVIDER_KEY}`,
    ],
    [
      'OpenAI with /v1',
      '/v1/proxy/openai/v1/chat/completions?api-version=2',
      { authorization: 'Bearer FLINT', 'x-provider-key': PROVIDER_KEY },
      '/v1/chat/completions?api-version=2',
      'authorization',
      `Bearer ${PROVIDER_KEY}`,
    ],
    [
      'one key for a client with one place',
      '/v1/proxy/openai/chat/completions',
      { authorization: `Bearer ${PROVIDER_KEY}.FLINT` },
      '/v1/chat/completions',
      'authorization',
      `Bearer ${PROVIDER_KEY}`,
    ],
    [
      'one key, Anthropic OAuth, base URL without /v1',
      '/v1/proxy/anthropic/messages?beta=true',
      { authorization: 'Bearer sk-ant-oat01-aaaaaaaa.FLINT' },
      '/v1/messages?beta=true',
      'authorization',
      'Bearer sk-ant-oat01-aaaaaaaa',
    ],
    [
      'one key in ?key=, base URL with the version twice',
      `/v1/proxy/gemini/v1beta${gemini.slice(gemini.indexOf('/v1beta'))}?key=${PROVIDER_KEY}.FLINT`,
      {},
      '/v1beta/models/gemini-2.5-flash:generateContent',
      'x-goog-api-key',
      PROVIDER_KEY,
    ],
    [
      'one key in api-key, base URL with /v1/v1',
      '/v1/proxy/openai/v1/v1/chat/completions',
      { 'api-key': `${PROVIDER_KEY}.FLINT` },
      '/v1/chat/completions',
      'authorization',
      `Bearer ${PROVIDER_KEY}`,
    ],
    [
      'x-flint-key beside an untouched key, Gemini by the OpenAI SDK without its version',
      '/v1/proxy/gemini/openai/chat/completions',
      { 'x-flint-key': 'FLINT', authorization: `Bearer ${PROVIDER_KEY}` },
      '/v1beta/openai/chat/completions',
      'authorization',
      `Bearer ${PROVIDER_KEY}`,
    ],
    [
      'x-flint-key beside x-api-key, Anthropic with /v1/v1',
      '/v1/proxy/anthropic/v1/v1/messages',
      { 'x-flint-key': 'FLINT', 'x-api-key': PROVIDER_KEY },
      '/v1/messages',
      'x-api-key',
      PROVIDER_KEY,
    ],
    [
      'Anthropic, both headers (Python)',
      '/v1/proxy/anthropic/v1/messages',
      { authorization: 'Bearer FLINT', 'x-api-key': PROVIDER_KEY },
      '/v1/messages',
      'x-api-key',
      PROVIDER_KEY,
    ],
    [
      'Anthropic OAuth',
      '/v1/proxy/anthropic/v1/messages',
      { authorization: 'Bearer FLINT', 'x-provider-key': 'sk-ant-oat01-aaaaaaaa' },
      '/v1/messages',
      'authorization',
      'Bearer sk-ant-oat01-aaaaaaaa',
    ],
    [
      'Flint key as x-api-key',
      '/v1/proxy/anthropic/v1/messages',
      { 'x-api-key': 'FLINT', 'x-provider-key': PROVIDER_KEY },
      '/v1/messages',
      'x-api-key',
      PROVIDER_KEY,
    ],
    [
      'Bearer provider key, Flint in x-api-key',
      '/v1/proxy/openai/models',
      { authorization: `Bearer ${PROVIDER_KEY}`, 'x-api-key': 'FLINT' },
      '/v1/models',
      'authorization',
      `Bearer ${PROVIDER_KEY}`,
    ],
    [
      'Gemini',
      gemini,
      { authorization: 'Bearer FLINT', 'x-goog-api-key': PROVIDER_KEY },
      '/v1beta/models/gemini-2.5-flash:generateContent',
      'x-goog-api-key',
      PROVIDER_KEY,
    ],
    [
      'Gemini ?key=',
      `${gemini}?alt=sse&key=${PROVIDER_KEY}&x=%20y`,
      { authorization: 'Bearer FLINT' },
      '/v1beta/models/gemini-2.5-flash:generateContent?alt=sse&x=%20y',
      'x-goog-api-key',
      PROVIDER_KEY,
    ],
    [
      'Gemini OAuth',
      gemini,
      { authorization: 'Bearer FLINT', 'x-provider-key': 'ya29.token-0000000000' },
      '/v1beta/models/gemini-2.5-flash:generateContent',
      'authorization',
      'Bearer ya29.token-0000000000',
    ],
    [
      'Gemini, OpenAI SDK',
      '/v1/proxy/gemini/v1beta/openai/chat/completions',
      { authorization: 'Bearer FLINT', 'x-provider-key': PROVIDER_KEY },
      '/v1beta/openai/chat/completions',
      'authorization',
      `Bearer ${PROVIDER_KEY}`,
    ],
  ])(
    '%s: one credential in the provider’s own place, nothing of Flint’s',
    async (_what, path, headers, upstreamPath, name, value) => {
      const sent = Object.fromEntries(
        Object.entries(headers).map(([key, text]) => [key, text.replace('FLINT', flint.key)]),
      )
      const answer = await chat(
        {
          ...sent,
          'x-flint-request-id': 'mine',
          'x-flint-tag-team': 'search',
          'x-request-id': 'caller-1',
          'x-envoy-retry-on': '5xx',
          'x-envoy-max-retries': '3',
        },
        path.replace('FLINT', flint.key),
      )
      expect(answer.status).toBe(200)
      expect(answer.header('x-flint-request-id')).toBeUndefined()
      const [seen] = provider.received
      expect(seen?.url).toBe(upstreamPath)
      const credentials = Object.entries(seen?.headers ?? {}).filter(([key]) =>
        ['authorization', 'api-key', 'x-api-key', 'x-goog-api-key', 'x-provider-key'].includes(key),
      )
      expect(credentials).toEqual([[name, value]])
      expect(
        Object.keys(seen?.headers ?? {}).filter((key) => /^x-(flint|envoy|forwarded)/.test(key)),
      ).toEqual([])
      expect(seen?.headers['x-request-id']).toBe('caller-1')
      expect(JSON.stringify(seen?.rawHeaders)).not.toContain('flnt_')
    },
  )

  test('an asked-for echo names the record in the answer', async () => {
    const answer = await chat({
      authorization: `Bearer ${flint.key}`,
      'x-provider-key': PROVIDER_KEY,
      'x-flint-echo': '1',
      'x-flint-tag-team': 'search',
      'x-flint-request-id': 'mine-7',
      traceparent: `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`,
      'x-stainless-retry-count': '2',
      'user-agent': 'test/1',
    })
    const id = answer.header('x-flint-request-id') ?? ''
    expect(id).toMatch(/^[0-9a-f-]{36}$/)
    await expect
      .poll(
        async () =>
          (
            await fetch(`${flint.baseUrl}/v1/audit/${id}`, {
              headers: { authorization: `Bearer ${flint.key}` },
            })
          ).status,
        {
          timeout: 5_000,
        },
      )
      .toBe(200)
    const record = await (
      await fetch(`${flint.baseUrl}/v1/audit/${id}`, {
        headers: { authorization: `Bearer ${flint.key}` },
      })
    ).json()
    expect(record).toMatchObject({
      requestId: id,
      claimedRequestId: 'mine-7',
      tags: { team: 'search' },
      traceId: 'ab'.repeat(16),
      retryCount: 2,
      userAgent: 'test/1',
      keyHint: '...abcd',
      model: 'gpt-4o-2024-08-06',
      inputTokens: 10,
      outputTokens: 5,
      totalTokens: 15,
      outcome: 'complete',
    })
  })
})
