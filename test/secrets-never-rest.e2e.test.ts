import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { leaksOf, saidByFlint } from './support/everything-written.ts'
import { rawCall } from './support/raw-http.ts'
import { chatCompletion, startScriptedProvider } from './support/scripted-provider.ts'
import { until } from './support/until.ts'
import { useFlint, useServer } from './support/use-flint.ts'

const provider = useServer(startScriptedProvider)
const flint = useFlint(() => ({ upstream: provider.url, env: { FLINT_LOG_LEVEL: 'debug' } }))

let made = 0
/** A key that occurs nowhere else in the world, so that finding it proves a leak. */
function canary(): string {
  made += 1
  return `canary${String(made).padStart(3, '0')}${crypto.randomUUID().replaceAll('-', '')}`
}

/** The same in the shape of a provider's key: such ones are recognised wherever they stand. */
const keyCanary = () => `sk-${'proj'}-${canary()}`
/** Records that the first test leaves. */
let recordsBefore = 0

test('no key-shaped text that stands where no key belongs is in logs, spool or ClickHouse', async () => {
  const canaries: string[] = []
  const next = (value = keyCanary()) => {
    canaries.push(value)
    return value
  }
  provider.answer((_request, response) => {
    const completion = JSON.parse(chatCompletion('fine')) as Record<string, unknown>
    const echo = {
      ...completion,
      id: `chatcmpl-${next()}`,
      model: next(),
      service_tier: next(),
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2, note: next(), [next()]: 1 },
      error: { type: `bad key ${next(canary())}`, code: next() },
    }
    response
      .writeHead(200, { 'content-type': 'application/json', 'x-request-id': next() })
      .end(JSON.stringify(echo))
  })
  const chat = '/v1/proxy/openai/chat/completions'
  const bearer = {
    authorization: `Bearer ${flint.key}`,
    'x-provider-key': 'sk-0123456789',
    'content-type': 'application/json',
  }
  const calls: Array<[path: string, headers: Record<string, string>]> = [
    [`/v1/proxy/openai/files/${next()}/content`, {}],
    [`/v1/proxy/openai/files/${next(`AB${'SK'}${canary()}`)}/content`, {}],
    [`/v1/proxy/openai/files/bedrock-${'api'}-key-${next(canary())}/content`, {}],
    [`/v1/proxy/gemini/v1beta/models;key=${next(canary())}`, {}],
    [`/v1/proxy/gemini/v1beta/models&key=${next(canary())}`, {}],
    [`/v1/proxy/gemini/v1beta/models%3Fkey=${next(canary())}`, {}],
    [`/v1/proxy/gemini/v1beta/models%3fkey%3D${next(canary())}`, {}],
    [chat, { 'user-agent': `curl/8 ${next()}` }],
    [chat, { 'x-flint-tag-team': next(), [`x-flint-tag-${next()}`]: 'x' }],
    [chat, { 'x-request-id': next(), 'x-flint-request-id': next() }],
  ]
  for (const [path, headers] of calls) {
    const body = JSON.stringify({ model: next(), messages: [] })
    expect(
      (await rawCall(flint.baseUrl + path, { headers: { ...bearer, ...headers }, body })).status,
    ).toBe(200)
  }
  const reported = {
    provider: 'openai',
    endpoint: `/v1/${next()};key=${next(canary())}`,
    response: { id: next(), model: next(), usage: { a: next() } },
  }
  const report = await rawCall(`${flint.baseUrl}/v1/audit/report`, {
    headers: bearer,
    body: JSON.stringify(reported),
  })
  expect(report.status, report.body.toString()).toBe(202)
  // Of Flint's own routes as well, for any caller.
  await rawCall(`${flint.baseUrl}/v1/keys/${next()}/rotate`)

  recordsBefore = calls.length + 1
  const records = await flint.settled(recordsBefore, {}, 20_000)
  const log = path.join(flint.dataDir, 'logs', 'envoy-access.ndjson')
  await until(
    'Envoy to write its log',
    15_000,
    async () => fs.readFileSync(log, 'utf8').split('[masked]').length > 6,
  )
  const { leaks } = leaksOf(
    canaries,
    [flint.dataDir],
    [JSON.stringify(records), ...(await saidByFlint(flint))],
  )
  expect(leaks).toEqual([])
  expect(JSON.stringify(records)).toContain('[redacted:openai-key]')
  // That there was an error stays known.
  expect(
    records.filter(({ streamError }) => streamError === '[redacted:openai-key]').length,
  ).toBeGreaterThan(0)
})

test('no key that a caller sends is anywhere in logs, spool, ClickHouse, metrics or answers', async () => {
  provider.answer((request, response) => {
    // A provider that quotes the key in its error, as OpenAI does.
    const quoted = String(
      request.headers['authorization'] ??
        request.headers['x-api-key'] ??
        request.headers['x-goog-api-key'],
    )
    if (request.url.includes('fail'))
      response.writeHead(401, { 'content-type': 'application/json' }).end(
        JSON.stringify({
          error: { message: `Incorrect API key provided: ${quoted}`, code: 'invalid_api_key' },
        }),
      )
    else response.writeHead(200, { 'content-type': 'application/json' }).end(chatCompletion('fine'))
  })
  const canaries: string[] = []
  const next = () => {
    const value = canary()
    canaries.push(value)
    return value
  }
  const paths = [
    '/v1/proxy/openai/chat/completions',
    '/v1/proxy/openai/fail',
    '/v1/proxy/anthropic/v1/messages',
    '/v1/proxy/gemini/v1beta/models/gemini-2.5-flash:generateContent',
    '/v1/proxy/mistral/x',
    '/v1/audit',
    '/nowhere',
  ]
  const answers: string[] = []
  for (const address of paths) {
    for (const flintKey of [flint.key, `flnt_live_${next()}`, null]) {
      const bearer: Record<string, string> = flintKey ? { authorization: `Bearer ${flintKey}` } : {}
      const requests: Array<[string, Record<string, string>]> = [
        [address, { ...bearer, 'x-provider-key': next() }],
        [address, { ...bearer, 'x-api-key': next() }],
        [address, { ...bearer, 'x-goog-api-key': next() }],
        [address, { ...(flintKey ? { 'x-flint-key': flintKey } : {}), 'x-api-key': next() }],
        [address, { authorization: `Bearer ${next()}${flintKey ? `.${flintKey}` : ''}` }],
        [`${address}?key=${next()}`, bearer],
        [
          `${address}?alt=sse&key=${next()}&api_key=${next()}`,
          { ...bearer, 'x-provider-key': next() },
        ],
        [
          address,
          { authorization: `Bearer ${next()}`, ...(flintKey ? { 'x-api-key': flintKey } : {}) },
        ],
        [
          address,
          {
            authorization: `Basic ${Buffer.from(`user:${next()}`).toString('base64')}`,
            'x-provider-key': `${next()},${next()}`,
          },
        ],
        [
          address,
          {
            ...bearer,
            'x-provider-key': next(),
            cookie: `session=${next()}`,
            'x-forwarded-client-cert': next(),
            'api-key': next(),
          },
        ],
      ]
      for (const [target, headers] of requests) {
        const answer = await rawCall(flint.baseUrl + target, {
          headers: { 'content-type': 'application/json', ...headers },
          body: '{"model":"gpt-4o"}',
        })
        // The provider's own text to its own caller passes; Flint's may not quote a key.
        if (
          !address.endsWith('/fail') ||
          answer.status !== 401 ||
          answer.body.includes('flint_error')
        )
          answers.push(answer.body.toString(), JSON.stringify(answer.headers))
      }
    }
  }
  const records = await flint.settled(recordsBefore + 36, {}, 20_000)
  answers.push(JSON.stringify(records), ...(await saidByFlint(flint)))
  expect(
    answers.some((text) => text.startsWith('evidence: ') && text.includes('chat/completions')),
  ).toBe(true)
  process.kill(flint.process.pid ?? 0, 'SIGTERM')
  await new Promise((resolve) => flint.process.once('exit', resolve))

  const { leaks, searched } = leaksOf(canaries, [flint.dataDir], answers)
  expect(searched).toBeGreaterThan(20)
  expect(canaries.length).toBeGreaterThan(200)
  expect(leaks).toEqual([])
  // The search would find something: the hint is the one trace a key may leave.
  expect(
    records.some((record) => canaries.some((value) => record.keyHint === `...${value.slice(-4)}`)),
  ).toBe(true)
  // The Flint key is not there either; its HMAC is.
  expect(leaksOf([flint.key], [flint.dataDir], []).leaks).toEqual([])
})
