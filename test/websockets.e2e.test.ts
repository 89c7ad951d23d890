import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { leaksOf, saidByFlint } from './support/everything-written.ts'
import type { ListedRecord } from './support/flint.ts'
import { portOf } from './support/loopback-server.ts'
import { PROVIDER_KEY } from './support/provider-key.ts'
import { recordsByClaim } from './support/records.ts'
import { until } from './support/until.ts'
import { useFlint } from './support/use-flint.ts'

/**
 * Compression as browsers and servers negotiate it: one window for all messages, also short ones.
 */
const DEFLATE = { threshold: 0 }

let provider: WebSocketServer
beforeAll(async () => {
  provider = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: DEFLATE })
  provider.on('connection', (socket, request) => {
    const say = (message: unknown) => socket.send(JSON.stringify(message))
    const isLive = request.url?.includes('BidiGenerateContent') === true
    if (!isLive) say({ type: 'session.created', session: { model: 'gpt-realtime' } })
    let turns = 0
    socket.on('message', (bytes) => {
      turns += 1
      // Quotes what is private.
      const [quoted = ''] = /private\w+/.exec(String(bytes)) ?? []
      if (isLive && turns === 1) return say({ setupComplete: {} })
      if (isLive)
        say({ serverContent: { modelTurn: { parts: [{ text: `live ${turns}${quoted}` }] } } })
      if (isLive)
        return say({
          serverContent: { turnComplete: true },
          usageMetadata: {
            promptTokenCount: 10 * turns,
            responseTokenCount: 4,
            totalTokenCount: 10 * turns + 4,
          },
        })
      const usage = {
        ...{ total_tokens: 30 + turns, input_tokens: 20 + turns, output_tokens: 10 },
        input_token_details: { text_tokens: 20 + turns, audio_tokens: 0, cached_tokens: 0 },
        output_token_details: { text_tokens: 10, audio_tokens: 0 },
      }
      const content = [{ type: 'output_text', text: `answer ${turns}${quoted}` }]
      const output = [{ type: 'message', role: 'assistant', content }]
      say({
        type: 'response.done',
        response: { id: `resp_${turns}`, status: 'completed', output, usage },
      })
    })
  })
  await once(provider, 'listening')
})
afterAll(() => {
  for (const client of provider.clients) client.terminate()
  provider.close()
})
const flint = useFlint(() => ({ upstream: `http://127.0.0.1:${portOf(provider)}` }))

/** Says each message, waits for an answer to it, and closes. */
async function talk(
  path: string,
  claim: string,
  messages: readonly unknown[],
  perMessageDeflate: boolean,
): Promise<void> {
  const headers = {
    authorization: `Bearer ${flint.key}`,
    'x-provider-key': PROVIDER_KEY,
    'x-flint-request-id': claim,
  }
  const socket = new WebSocket(flint.baseUrl.replace('http', 'ws') + path, {
    headers,
    perMessageDeflate: perMessageDeflate ? DEFLATE : false,
  })
  const heard: string[] = []
  let wake = () => {}
  socket.on('message', (bytes) => {
    heard.push(String(bytes))
    wake()
  })
  await once(socket, 'open')
  for (const message of messages) {
    const before = heard.filter((text) => !text.includes('session.created')).length
    socket.send(JSON.stringify(message))
    while (heard.filter((text) => !text.includes('session.created')).length === before)
      await new Promise<void>((resolve) => (wake = resolve))
  }
  socket.close()
  await once(socket, 'close')
}

const LIVE =
  '/v1/proxy/gemini/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent'

/** What is kept of a record's text, once it is stored. */
async function storedText(requestId: string | undefined): Promise<unknown> {
  let answer: Response | undefined
  await until('the text of a socket', 20_000, async () => {
    answer = await fetch(`${flint.baseUrl}/v1/audit/prompt/${requestId}?include=all`, {
      headers: { authorization: `Bearer ${flint.key}` },
    })
    return answer.status === 200
  })
  return answer?.json()
}

describe('a websocket through Envoy', () => {
  test.each([true, false])(
    'is one record with the usage of all its responses, priced (compressed: %s)',
    async (compressed) => {
      const claim = `realtime-${compressed}`
      await talk(
        '/v1/proxy/openai/realtime?model=gpt-realtime',
        claim,
        [{ type: 'response.create' }, { type: 'response.create' }],
        compressed,
      )
      const record = (await recordsByClaim(flint, [claim])).get(claim)
      expect(record).toMatchObject({
        ...{
          endpoint: '/v1/realtime',
          status: 101,
          outcome: 'complete',
          stream: true,
          billable: true,
        },
        ...{
          model: 'gpt-realtime',
          responseId: 'resp_2',
          finishReason: 'completed',
          usageSource: 'provider',
        },
        ...{ inputTokens: 43, outputTokens: 20, totalTokens: 63, audioInputTokens: 0 },
        costUsd: 0.000492, // 43 x $4 and 20 x $16 a million
        costStatus: 'exact',
        turns: 2,
        usageRaw: [
          expect.objectContaining({ input_tokens: 21 }),
          expect.objectContaining({ input_tokens: 22 }),
        ],
      })
    },
  )

  test('leaves no text of its messages on any disk while prompt capture is off', async () => {
    const text = `private${crypto.randomUUID().replaceAll('-', '')}`
    const content = [{ type: 'input_text', text }]
    const item = { type: 'conversation.item.create', item: { type: 'message', content } }
    await talk('/v1/proxy/openai/realtime?model=gpt-realtime', 'private', [item], true)
    const ask = { type: 'response.create', instructions: text, input: text }
    await talk('/v1/proxy/openai/responses', 'private-too', [ask], false)
    const setup = { setup: { systemInstruction: { parts: [{ text }] } } }
    await talk(LIVE, 'private-live', [setup, { realtimeInput: { text } }], false)
    const records = await recordsByClaim(flint, ['private', 'private-too', 'private-live'])
    for (const record of records.values())
      expect(record).toMatchObject({ promptCapture: false, promptPreview: null, contentGap: null })
    const { leaks, searched } = leaksOf(
      [text],
      [flint.dataDir],
      [JSON.stringify([...records.values()]), ...(await saidByFlint(flint))],
    )
    expect(leaks).toEqual([])
    expect(searched).toBeGreaterThan(20)
  })

  test('that its caller breaks off after the last response is complete, and its text is kept', async () => {
    await flint.cli('settings', 'set', '--prompt-capture', 'on')
    const keys = { authorization: `Bearer ${flint.key}`, 'x-provider-key': PROVIDER_KEY }
    const address = `${flint.baseUrl.replace('http', 'ws')}/v1/proxy/openai/responses`
    const breakOff = async (claim: string) => {
      const headers = { ...keys, 'x-flint-request-id': claim }
      const socket = new WebSocket(address, { headers })
      socket.on('error', () => {})
      await once(socket, 'open')
      const answered = new Promise((resolve) =>
        socket.on('message', (bytes) => String(bytes).includes('response.done') && resolve(bytes)),
      )
      socket.send(JSON.stringify({ type: 'response.create', model: 'gpt-5', input: 'hello' }))
      await answered
      socket.terminate()
    }
    let record: ListedRecord | undefined
    let attempts = 0
    // The gate learns of a changed setting within seconds.
    await until('a call with capture on', 30_000, async () => {
      const claim = `broken-off-${attempts++}`
      await breakOff(claim)
      record = (await recordsByClaim(flint, [claim])).get(claim)
      return record?.promptCapture === true
    })
    expect(record).toMatchObject({
      outcome: 'complete',
      captureGap: null,
      requestModel: 'gpt-5',
      promptCapture: true,
      promptPreview: 'hello',
      lastUserPreview: 'hello',
      promptHash: createHash('sha256').update('hello').digest('hex'),
      completionPreview: 'answer 1',
      contentGap: null,
      turns: 1,
    })
    expect(await storedText(record?.requestId)).toMatchObject({
      prompt: 'hello',
      completion: 'answer 1',
      promptTruncated: false,
      completionTruncated: false,
    })
  })

  test('of Gemini Live that its caller breaks off after its last turn is complete', async () => {
    const headers = {
      authorization: `Bearer ${flint.key}`,
      'x-provider-key': PROVIDER_KEY,
      'x-flint-request-id': 'live-broken-off',
    }
    const socket = new WebSocket(`${flint.baseUrl.replace('http', 'ws')}${LIVE}`, { headers })
    socket.on('error', () => {})
    await once(socket, 'open')
    const answered = new Promise((resolve) =>
      socket.on('message', (bytes) => String(bytes).includes('turnComplete') && resolve(bytes)),
    )
    socket.send(JSON.stringify({ setup: { model: 'models/gemini-3.1-flash-live-preview' } }))
    socket.send(JSON.stringify({ realtimeInput: { text: 'hi' } }))
    await answered
    socket.terminate()
    const record = (await recordsByClaim(flint, ['live-broken-off'])).get('live-broken-off')
    expect(record).toMatchObject({ outcome: 'complete', captureGap: null, turns: 1 })
  })

  test('of Gemini Live has the model that its client named', async () => {
    const setup = { setup: { model: 'models/gemini-3.1-flash-live-preview' } }
    await talk(
      LIVE,
      'live',
      [setup, { realtimeInput: { text: 'hi' } }, { realtimeInput: { text: 'and?' } }],
      true,
    )
    const record = (await recordsByClaim(flint, ['live'])).get('live')
    expect(record).toMatchObject({
      ...{
        provider: 'gemini',
        model: 'gemini-3.1-flash-live-preview',
        status: 101,
        billable: true,
      },
      ...{ inputTokens: 50, outputTokens: 8, usageSource: 'provider' },
      ...{ turns: 2, promptPreview: 'hi\n\nand?', lastUserPreview: 'and?', contentGap: null },
    })
    expect(await storedText(record?.requestId)).toMatchObject({
      prompt: 'hi\n\nand?',
      completion: 'live 2\n\nlive 3',
    })
    expect(
      await flint.sql(
        `SELECT turn_usage FROM evidence WHERE record_id = '${record?.requestId}' AND \`final\` = true`,
      ),
    ).toEqual([{ turn_usage: '[{"input":20,"output":4},{"input":30,"output":4}]' }])
  })
})
