import { once } from 'node:events'
import net from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { startFlint } from './support/flint.ts'
import { portOf } from './support/loopback-server.ts'
import { PROVIDER_KEY } from './support/provider-key.ts'
import { rawCall } from './support/raw-http.ts'
import { recordsByClaim } from './support/records.ts'
import { chatCompletion, startScriptedProvider } from './support/scripted-provider.ts'
import { useFlint, useServer } from './support/use-flint.ts'

const provider = useServer(startScriptedProvider)
const flint = useFlint(() => ({
  upstream: provider.url,
  env: { FLINT_PROVIDERS_OPENAI_PROFILE: 'acked' },
}))

const headers = (claim: string) => ({
  authorization: `Bearer ${flint.key}`,
  'x-provider-key': PROVIDER_KEY,
  'content-type': 'application/json',
  'x-flint-request-id': claim,
})
const chat = (
  claim: string,
  body: string | Buffer = '{"model":"gpt-4o"}',
  onPiece?: (bytes: Buffer) => void,
) =>
  rawCall(`${flint.baseUrl}/v1/proxy/openai/chat/completions`, {
    body,
    headers: headers(claim),
    ...(onPiece ? { onPiece } : {}),
  })

describe('a call of profile acked', () => {
  test('passes unchanged, with its content-length, and has the record that a copy gives', async () => {
    const answer = chatCompletion('hello')
    provider.answer(
      (_request, response) =>
        void response
          .writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length })
          .end(answer),
    )
    const got = await chat('acked-plain')
    expect([got.status, got.body.toString(), got.header('content-length')]).toEqual([
      200,
      answer,
      String(answer.length),
    ])
    const records = await recordsByClaim(flint, ['acked-plain'])
    expect(records.get('acked-plain')).toMatchObject({
      outcome: 'complete',
      inputTokens: 10,
      outputTokens: 5,
      captureGap: null,
      requestBytes: 18,
      responseBytes: answer.length,
    })
  })

  test('of 20 MB both ways, compressed, arrives byte for byte', async () => {
    const body = Buffer.from(
      JSON.stringify({
        model: 'gpt-4o',
        messages: [{ role: 'user', content: 'x'.repeat(20_000_000) }],
      }),
    )
    const answer = gzipSync(chatCompletion('y'.repeat(20_000_000)), { level: 0 })
    provider.answer(
      (_request, response) =>
        void response
          .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
          .end(answer),
    )
    const got = await chat('acked-big', body)
    expect(got.body.equals(answer)).toBe(true)
    expect(provider.received.at(-1)?.body.equals(body)).toBe(true)
    const records = await recordsByClaim(flint, ['acked-big'])
    expect(records.get('acked-big')).toMatchObject({
      outcome: 'complete',
      inputTokens: 10,
      responseBytes: answer.length,
    })
  })

  test('streams: each event reaches the caller before the next one is sent', async () => {
    let arrived: () => void = () => {}
    provider.answer(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (let piece = 0; piece < 5; piece++) {
        const next = new Promise<void>((resolve) => {
          arrived = resolve
        })
        response.write(
          `data: {"id":"c","choices":[{"index":0,"delta":{"content":"${piece}"}}]}\n\n`,
        )
        await next
      }
      response.end('data: [DONE]\n\n')
    })
    const got = await chat('acked-stream', undefined, () => arrived())
    expect(got.complete).toBe(true)
    expect(got.body.toString()).toMatch(/"0".*"1".*"2".*"3".*"4".*DONE/s)
    const records = await recordsByClaim(flint, ['acked-stream'])
    expect(records.get('acked-stream')).toMatchObject({ outcome: 'complete', stream: true })
  })

  test('that the gate refuses is answered by the gate', async () => {
    const got = await rawCall(`${flint.baseUrl}/v1/proxy/openai/chat/completions`, {
      headers: { authorization: 'Bearer flnt_live_wrong' },
      body: '{}',
    })
    expect([got.status, JSON.parse(got.body.toString()).error.code]).toEqual([
      401,
      'invalid_api_key',
    ])
  })

  test('is in the record by the time the caller has its end: the spool holds it before the last byte goes on', async () => {
    provider.answer((_request, response) => void response.end(chatCompletion('hello')))
    const before = (await flint.metrics()).get('flint_observer_observed_total') ?? 0
    await Promise.all(Array.from({ length: 20 }, (_, number) => chat(`acked-now-${number}`)))
    const pid = flint.pid('observer')
    process.kill(pid, 'SIGKILL')
    const records = await recordsByClaim(
      flint,
      Array.from({ length: 20 }, (_, number) => `acked-now-${number}`),
    )
    for (const record of records.values())
      expect(record).toMatchObject({ outcome: 'complete', inputTokens: 10 })
    expect(before).toBeGreaterThan(0)
  })
})

test('a websocket opens over an acked route and passes both ways', async () => {
  const upstream = net.createServer((socket) => {
    socket.once('data', () => {
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n',
      )
      socket.on('data', (bytes) => socket.write(Buffer.concat([Buffer.from('echo '), bytes])))
    })
    socket.on('error', () => {})
  })
  upstream.listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  const other = await startFlint({
    upstream: `http://127.0.0.1:${portOf(upstream)}`,
    env: { FLINT_PROVIDERS_OPENAI_PROFILE: 'acked' },
  })
  try {
    const socket = net.connect(Number(new URL(other.baseUrl).port), '127.0.0.1')
    const lines = Object.entries({
      ...headers('acked-socket'),
      authorization: `Bearer ${other.key}`,
    }).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.write(
      `GET /v1/proxy/openai/realtime HTTP/1.1\r\nhost: flint\r\nconnection: upgrade\r\nupgrade: websocket\r\n${lines.join('')}\r\n`,
    )
    const heard = async (text: string) => {
      let got = ''
      for (;;) {
        const [bytes] = (await once(socket, 'data')) as [Buffer]
        got += bytes.toString()
        if (got.includes(text)) return
      }
    }
    await heard('101 Switching')
    socket.write('ping')
    await heard('echo ping')
    socket.end()
    const records = await recordsByClaim(other, ['acked-socket'])
    expect(records.get('acked-socket')).toMatchObject({ status: 101 })
  } finally {
    await other.stop()
    upstream.close()
  }
})
