import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { ListedRecord } from './support/flint.ts'
import { serveLoopback } from './support/loopback-server.ts'
import { PROVIDER_KEY } from './support/provider-key.ts'
import { type RawRequest, rawCall } from './support/raw-http.ts'
import { chatCompletion, startScriptedProvider } from './support/scripted-provider.ts'
import { until } from './support/until.ts'
import { useFlint, useServer } from './support/use-flint.ts'

const provider = useServer(startScriptedProvider)
/** Reads a little, answers and hears no more. */
const hasty = useServer(() =>
  serveLoopback((request, response) => {
    request.once('data', () => {
      request.pause()
      response
        .writeHead(413, { 'content-type': 'application/json' })
        .end('{"error":{"message":"too large"}}')
    })
  }),
)
const flint = useFlint(() => ({
  upstream: provider.url,
  env: {
    FLINT_PROVIDERS_IDLE_TIMEOUT_SECONDS: '2',
    FLINT_PROVIDERS_ANTHROPIC_UPSTREAM: hasty.url,
    // No one listens there.
    FLINT_PROVIDERS_GEMINI_UPSTREAM: 'http://127.0.0.1:1',
  },
}))

const KEYS = () => ({
  authorization: `Bearer ${flint.key}`,
  'x-provider-key': PROVIDER_KEY,
})
const chat = (id: string, request: RawRequest = {}) =>
  rawCall(`${flint.baseUrl}/v1/proxy/openai/chat/completions`, {
    body: '{"model":"gpt-4o","stream":true}',
    ...request,
    headers: {
      ...KEYS(),
      'x-flint-request-id': id,
      'content-type': 'application/json',
      ...(request.headers as object),
    },
  })

async function recordOf(claimedId: string): Promise<ListedRecord> {
  let found: ListedRecord | undefined
  await until(`the record of ${claimedId}`, 20_000, async () => {
    found = (await flint.records()).find((record) => record.claimedRequestId === claimedId)
    return found !== undefined
  })
  if (!found) throw new Error(claimedId)
  return found
}

const event = (content: string) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', model: 'gpt-4o-2024-08-06', choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`

describe('what a provider does wrong reaches the caller as it is, and the record says it', () => {
  test('429 and 500 with retry-after pass unchanged', async () => {
    for (const status of [429, 500]) {
      const error = JSON.stringify({ error: { message: 'no', type: 'x', code: 'y' } })
      provider.answer(
        (_request, response) =>
          void response
            .writeHead(status, {
              'content-type': 'application/json',
              'retry-after': '7',
              'retry-after-ms': '6900',
              'x-should-retry': 'true',
            })
            .end(error),
      )
      const sentBefore = provider.received.length
      const answer = await chat(`status-${status}`)
      expect([
        answer.status,
        answer.body.toString(),
        answer.header('retry-after'),
        answer.header('retry-after-ms'),
      ]).toEqual([status, error, '7', '6900'])
      expect(provider.received.length).toBe(sentBefore + 1)
      expect(await recordOf(`status-${status}`)).toMatchObject({
        status,
        outcome: 'complete',
        usageSource: 'none',
        costUsd: null,
        inputTokens: null,
      })
    }
  })

  test('a reset before the answer: 502 upstream_error', async () => {
    provider.answer((_request, _response, socket) => void socket.resetAndDestroy())
    const answer = await chat('reset-before')
    expect(answer.status).toBe(502)
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      error: { code: 'upstream_error', type: 'flint_error' },
    })
    expect(await recordOf('reset-before')).toMatchObject({
      status: 502,
      outcome: 'upstream_error',
      requestModel: 'gpt-4o',
      inputTokens: null,
      usageSource: 'none',
    })
  })

  test('a provider that is not there: 502 upstream_error', async () => {
    const answer = await rawCall(
      `${flint.baseUrl}/v1/proxy/gemini/v1beta/models/gemini-2.5-flash:generateContent`,
      { headers: { ...KEYS(), 'x-flint-request-id': 'not-there' }, body: '{}' },
    )
    expect([answer.status, JSON.parse(answer.body.toString()).error.code]).toEqual([
      502,
      'upstream_error',
    ])
    expect(await recordOf('not-there')).toMatchObject({
      status: 502,
      outcome: 'upstream_error',
      provider: 'gemini',
    })
  })

  test('a reset during the answer: the caller’s answer breaks too, the part is recorded', async () => {
    provider.answer(async (_request, response, socket) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(event('half'))
      await new Promise((resolve) => setTimeout(resolve, 100))
      socket.resetAndDestroy()
    })
    const answer = await chat('reset-during')
    expect(answer).toMatchObject({ status: 200, complete: false })
    expect(answer.body.toString()).toBe(event('half'))
    expect(await recordOf('reset-during')).toMatchObject({
      status: 200,
      outcome: 'upstream_reset',
      model: 'gpt-4o-2024-08-06',
      stream: true,
    })
  })

  test('silence before the answer: 502 upstream_error after the idle time-out', async () => {
    provider.answer(() => {})
    const answer = await chat('silent')
    expect([answer.status, JSON.parse(answer.body.toString()).error.code]).toEqual([
      502,
      'upstream_error',
    ])
    expect(await recordOf('silent')).toMatchObject({ status: 502, outcome: 'upstream_timeout' })
  })

  test('silence during the answer: the answer breaks, outcome upstream_timeout', async () => {
    provider.answer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(event('half'))
    })
    const answer = await chat('silent-during')
    expect(answer).toMatchObject({ status: 200, complete: false })
    expect(await recordOf('silent-during')).toMatchObject({
      outcome: 'upstream_timeout',
      model: 'gpt-4o-2024-08-06',
    })
  })

  test('an answer before the request has ended: the caller gets it, and nothing counts as lost', async () => {
    const before = (await flint.metrics()).get('flint_observer_streams_lost_total')
    const answer = await rawCall(`${flint.baseUrl}/v1/proxy/anthropic/v1/files`, {
      headers: { ...KEYS(), 'x-flint-request-id': 'hasty', 'content-length': 20_000_000 },
      body: Buffer.alloc(20_000_000, 'x'),
    })
    expect(answer.status).toBe(413)
    expect(await recordOf('hasty')).toMatchObject({
      status: 413,
      outcome: 'complete',
      captureGap: 'call_ended_early',
    })
    const response = await fetch(`${flint.baseUrl}/v1/audit/losses`, {
      headers: { authorization: `Bearer ${flint.key}` },
    })
    expect(await response.json()).toMatchObject({ lost: 0 })
    expect((await flint.metrics()).get('flint_observer_streams_lost_total')).toBe(before)
  })

  test('a caller who leaves: outcome client_aborted with what was seen, and the provider learns of it', async () => {
    let closed = false
    provider.answer((_request, response) => {
      response.on('close', () => {
        closed = true
      })
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(event('half'))
    })
    const leaving = new AbortController()
    await chat('left', { signal: leaving.signal, onPiece: () => leaving.abort() }).catch(() => {})
    await until('the provider to see the close', 5_000, () => closed)
    expect(await recordOf('left')).toMatchObject({
      outcome: 'client_aborted',
      status: 200,
      model: 'gpt-4o-2024-08-06',
      requestModel: 'gpt-4o',
    })
  })

  test('a caller who leaves before the answer: status unknown is null', async () => {
    let arrived = false
    provider.answer(() => {
      arrived = true
    })
    const leaving = new AbortController()
    const call = chat('left-early', { signal: leaving.signal }).catch(() => {})
    await until('the call to arrive', 5_000, () => arrived)
    leaving.abort()
    await call
    expect(await recordOf('left-early')).toMatchObject({
      outcome: 'client_aborted',
      status: null,
      requestModel: 'gpt-4o',
    })
  })
})

describe('size and encoding change nothing', () => {
  test('20 MB up and 20 MB down arrive byte for byte, with their length', async () => {
    const body = Buffer.from(
      JSON.stringify({
        model: 'gpt-4o',
        messages: [{ role: 'user', content: randomBytes(15_000_000).toString('base64') }],
      }),
    )
    const back = Buffer.from(chatCompletion(randomBytes(15_000_000).toString('base64')))
    provider.answer(
      (_request, response) =>
        void response
          .writeHead(200, { 'content-type': 'application/json', 'content-length': back.length })
          .end(back),
    )
    const answer = await chat('big', { body, headers: { 'content-length': body.length } })
    expect(answer.body.equals(back)).toBe(true)
    expect(answer.header('content-length')).toBe(String(back.length))
    expect(provider.received.at(-1)?.body.equals(body)).toBe(true)
    expect(provider.received.at(-1)?.headers['content-length']).toBe(String(body.length))
    const record = await recordOf('big')
    // A machine too busy for the observer lets bulky copies go, and says so.
    if (record.captureGap === 'observer_overloaded')
      return expect(record.outcome).toBe('capture_lost')
    expect(record).toMatchObject({
      outcome: 'complete',
      model: 'gpt-4o-2024-08-06',
      requestModel: 'gpt-4o',
      inputTokens: 10,
      requestBytes: body.length,
      responseBytes: back.length,
    })
  })

  test('a gzip answer stays gzip for the caller and is read for the record', async () => {
    const packed = gzipSync(chatCompletion('hello '.repeat(1000)))
    provider.answer(
      (_request, response) =>
        void response
          .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
          .end(packed),
    )
    const answer = await chat('gzip', { headers: { 'accept-encoding': 'gzip, deflate' } })
    expect(answer.body.equals(packed)).toBe(true)
    expect(answer.header('content-encoding')).toBe('gzip')
    expect(provider.received.at(-1)?.headers['accept-encoding']).toBe('gzip, deflate')
    expect(await recordOf('gzip')).toMatchObject({
      outcome: 'complete',
      inputTokens: 10,
      outputTokens: 5,
      captureGap: null,
    })
  })

  test('the first event of a stream arrives before the second is sent', async () => {
    let firstArrived: () => void = () => {}
    const arrival = new Promise<void>((resolve) => {
      firstArrived = resolve
    })
    let secondSentAfter = false
    provider.answer(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(event('first'))
      // Nothing more is sent until the caller has the first event: a buffering proxy would wait
      // here forever.
      await arrival
      secondSentAfter = true
      response.end(`${event('second')}data: [DONE]\n\n`)
    })
    const answer = await chat('first-event', {
      onPiece: (bytes) => bytes.includes('first') && firstArrived(),
    })
    expect(secondSentAfter).toBe(true)
    expect(answer.complete).toBe(true)
    expect(await recordOf('first-event')).toMatchObject({ outcome: 'complete', stream: true })
  })
})
