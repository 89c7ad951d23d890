import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type http from 'node:http'
import net from 'node:net'
import { GoogleGenAI } from '@google/genai'
import { OAuth2Client } from 'google-auth-library'
import { AzureOpenAI } from 'openai'
import { OpenAIRealtimeWS } from 'openai/realtime/ws'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { portOf } from './support/loopback-server.ts'
import { recordsByClaim } from './support/records.ts'
import { useFlint } from './support/use-flint.ts'
import { expectNothingOfFlint } from './support/wire.ts'

/** Realtime sessions of Azure and Live sessions of Vertex AI, by the official clients. */

const KEY = '0123456789abcdef0123456789abcdef'
const TOKEN = 'ya29.c.0123456789abcd'
const received: http.IncomingMessage[] = []

let provider: WebSocketServer
beforeAll(async () => {
  provider = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  provider.on('connection', (socket, request) => {
    received.push(request)
    const say = (message: unknown) => socket.send(JSON.stringify(message))
    const isLive = request.url?.includes('BidiGenerateContent') === true
    if (!isLive) say({ type: 'session.created', session: { model: 'gpt-realtime-2025-08-28' } })
    socket.on('message', (bytes) => {
      if (!isLive)
        return say({
          type: 'response.done',
          response: {
            ...{ id: 'resp_1', object: 'realtime.response', status: 'completed', output: [] },
            usage: { input_tokens: 20, output_tokens: 10, total_tokens: 30 },
          },
        })
      if (String(bytes).includes('"setup"')) return say({ setupComplete: {} })
      return say({
        serverContent: { turnComplete: true },
        usageMetadata: { promptTokenCount: 20, responseTokenCount: 10, totalTokenCount: 30 },
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

let claim: string
beforeEach(() => {
  claim = randomUUID()
  received.length = 0
})
const recorded = async () => (await recordsByClaim(flint, [claim])).get(claim)

test('a realtime session of Azure asks for a deployment, and says which model it is', async () => {
  const client = new AzureOpenAI({
    ...{ endpoint: `${flint.baseUrl}/v1/proxy/azure`, apiKey: `${KEY}.${flint.key}` },
    apiVersion: '2025-04-01-preview',
  })
  // It dials wss, whatever the base URL says.
  const createConnection = ((options: net.NetConnectOpts) =>
    net.connect(options)) as typeof net.createConnection
  const realtime = await OpenAIRealtimeWS.azure(client, {
    deploymentName: 'voice',
    options: { headers: { 'x-flint-request-id': claim }, createConnection },
  })
  await new Promise((resolve, reject) => {
    realtime.on('error', reject)
    realtime.on('response.done', () => realtime.close())
    realtime.socket.on('close', resolve)
    realtime.socket.on('open', () => realtime.send({ type: 'response.create' }))
  })
  const [seen] = received
  expect(seen?.url).toBe('/openai/realtime?api-version=2025-04-01-preview&deployment=voice')
  expect(seen?.headers['api-key']).toBe(KEY)
  expectNothingOfFlint(seen?.rawHeaders ?? [])
  expect(await recorded()).toMatchObject({
    ...{ provider: 'azure', endpoint: '/openai/realtime', status: 101, outcome: 'complete' },
    ...{ model: 'gpt-realtime-2025-08-28', requestModel: 'voice', credential: 'api_key' },
    ...{ inputTokens: 20, outputTokens: 10, costStatus: 'estimated' },
  })
})

test('a Live session of Vertex AI names its model by its resource', async () => {
  const authClient = new OAuth2Client()
  authClient.setCredentials({ access_token: TOKEN, expiry_date: Date.now() + 3_600_000 })
  const client = new GoogleGenAI({
    ...{ vertexai: true, project: 'audit-1', location: 'us-central1' },
    googleAuthOptions: { authClient },
    httpOptions: {
      baseUrl: `${flint.baseUrl}/v1/proxy/vertex`,
      headers: { 'x-flint-key': flint.key, 'x-flint-request-id': claim },
    },
  })
  let answered = () => {}
  let closed = () => {}
  const answer = new Promise<void>((resolve) => (answered = resolve))
  const close = new Promise<void>((resolve) => (closed = resolve))
  const session = await client.live.connect({
    model: 'gemini-live-2.5-flash',
    callbacks: {
      onmessage: ({ serverContent }) => {
        if (serverContent?.turnComplete === true) answered()
      },
      onclose: () => closed(),
    },
  })
  session.sendClientContent({ turns: 'hello' })
  await answer
  session.close()
  await close
  const endpoint = '/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent'
  const [seen] = received
  expect(seen?.url).toMatch(new RegExp(`^/+${endpoint.slice(1)}$`))
  expect(seen?.headers.authorization).toBe(`Bearer ${TOKEN}`)
  expectNothingOfFlint(seen?.rawHeaders ?? [])
  expect(await recorded()).toMatchObject({
    ...{ provider: 'vertex', endpoint, status: 101, outcome: 'complete' },
    ...{ model: 'gemini-live-2.5-flash', requestModel: 'gemini-live-2.5-flash' },
    ...{ inputTokens: 20, outputTokens: 10, credential: 'oauth', costStatus: 'estimated' },
  })
})
