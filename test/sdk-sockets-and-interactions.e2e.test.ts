import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { renumbered, startAimock } from './support/aimock.ts'
import { PROVIDER_KEY } from './support/provider-key.ts'
import { recordsByClaim } from './support/records.ts'
import * as sdk from './support/sdk-conversations.ts'
import { callWithSdk, type Surface } from './support/sdk-surfaces.ts'
import { useFlint, useServer } from './support/use-flint.ts'
import { credentialsIn, expectNothingOfFlint, type HeaderPair } from './support/wire.ts'

const aimock = useServer(() => {
  const usage = {
    prompt_tokens: 21,
    completion_tokens: 8,
    total_tokens: 29,
    input_tokens: 21,
    output_tokens: 8,
  }
  const dictation = {
    ...{ type: 'tokens', input_tokens: 50, output_tokens: 16, total_tokens: 66 },
    input_token_details: { text_tokens: 2, audio_tokens: 48 },
  }
  return startAimock([
    {
      match: { endpoint: 'realtime-transcription' },
      response: { transcription: { text: sdk.QUESTION, usage: dictation } },
    },
    // Pieces of four characters: many messages and events.
    {
      match: { userMessage: sdk.QUESTION },
      response: { content: 'Within thirty days of the invoice.', usage },
      chunkSize: 4,
    },
  ])
})
const flint = useFlint(() => ({ upstream: aimock.url }))

type Keys = (flintKey: string) => Pick<sdk.Given, 'apiKey' | 'headers'>
const X_PROVIDER_KEY = { 'x-provider-key': PROVIDER_KEY }
const FLINT_AS_API_KEY: Keys = (flintKey) => ({ apiKey: flintKey, headers: X_PROVIDER_KEY })
const AS_IN_THE_GUIDE: Keys = (flintKey) => ({
  apiKey: PROVIDER_KEY,
  headers: { Authorization: `Bearer ${flintKey}`, ...X_PROVIDER_KEY },
})
const AUTHORIZATION_ALONE: Keys = (flintKey) => ({
  apiKey: PROVIDER_KEY,
  headers: { Authorization: `Bearer ${flintKey}` },
})
const FLINT_IN_X_API_KEY: Keys = (flintKey) => ({
  apiKey: PROVIDER_KEY,
  headers: { 'x-api-key': flintKey },
})

interface Base {
  readonly direct: string
  readonly flint: string
  readonly credential: HeaderPair
}
const OPENAI: Base = {
  direct: '/v1',
  flint: '/v1/proxy/openai',
  credential: ['authorization', `Bearer ${PROVIDER_KEY}`],
}
const GEMINI: Base = {
  direct: '',
  flint: '/v1/proxy/gemini',
  credential: ['x-goog-api-key', PROVIDER_KEY],
}

/**
 * Has the same conversation at the provider and through Flint, compares all that can be seen of it,
 * and returns its claim.
 */
async function haveBothWays(
  conversation: sdk.Conversation,
  base: Base,
  keys: Keys,
): Promise<string> {
  aimock.forget()
  const claim = randomUUID()
  const direct = await conversation({
    baseUrl: aimock.url + base.direct,
    apiKey: PROVIDER_KEY,
    headers: {},
  })
  const { apiKey, headers } = keys(flint.key)
  const claimed = { ...headers, 'x-flint-request-id': claim }
  const through = await conversation({
    baseUrl: flint.baseUrl + base.flint,
    apiKey,
    headers: claimed,
  })
  expect.soft(renumbered(through)).toEqual(renumbered(direct))

  const [first, second, ...more] = aimock.arrivals
  if (!first || !second || more.length > 0)
    throw new Error(`the provider was asked ${aimock.arrivals.length} times, not twice`)
  expect.soft(second.url).toBe(first.url.replace(/\?key=.*/, ''))
  expect.soft(credentialsIn(second.rawHeaders)).toEqual([base.credential])
  expectNothingOfFlint(second.rawHeaders)
  const understood = aimock.understood()
  expect.soft(understood.length).toBeGreaterThan(0)
  expect
    .soft(understood.slice(understood.length / 2))
    .toEqual(understood.slice(0, understood.length / 2))
  return claim
}

/** What the record of each conversation must say: all are waited for together, at the end. */
const wanted = new Map<string, { readonly name: string; readonly record: object }>()

const usageOf = (inputTokens: number, outputTokens: number) => ({
  ...{
    inputTokens,
    outputTokens,
    totalTokens: inputTokens + outputTokens,
    usageSource: 'provider',
  },
})

describe('a websocket of an official SDK hears what it would without Flint', () => {
  // aimock says zero for every response of a realtime socket.
  const conversed = {
    endpoint: '/v1/realtime',
    model: 'gpt-realtime',
    finishReason: 'completed',
    ...usageOf(0, 0),
  }
  const transcribed = { endpoint: '/v1/realtime', audioInputTokens: 48, ...usageOf(50, 16) }
  const responded = { endpoint: '/v1/responses', model: 'gpt-4o', ...usageOf(42, 16) }

  test.each([
    [
      'realtime, a conversation: apiKey = Flint key, header x-provider-key',
      sdk.talk,
      FLINT_AS_API_KEY,
      conversed,
    ],
    [
      'realtime, a conversation: apiKey = provider key, Flint key in x-api-key',
      sdk.talk,
      FLINT_IN_X_API_KEY,
      conversed,
    ],
    [
      'realtime, a transcription: apiKey = Flint key, header x-provider-key',
      sdk.transcribe,
      FLINT_AS_API_KEY,
      transcribed,
    ],
    [
      'responses, two on one socket: apiKey = Flint key, header x-provider-key',
      sdk.respondTwice,
      FLINT_AS_API_KEY,
      responded,
    ],
    [
      'responses, two on one socket: the keys as in the guide',
      sdk.respondTwice,
      AS_IN_THE_GUIDE,
      responded,
    ],
    [
      'responses, two on one socket: apiKey = provider key, Flint key in x-api-key',
      sdk.respondTwice,
      FLINT_IN_X_API_KEY,
      responded,
    ],
  ])('openai, %s', async (name, conversation, keys, fields) => {
    const claim = await haveBothWays(conversation, OPENAI, keys)
    wanted.set(claim, {
      name,
      record: { provider: 'openai', status: 101, stream: true, ...fields },
    })
  })

  test.each([
    ['the keys as in the guide', AS_IN_THE_GUIDE, GEMINI.flint],
    ['the keys as in the guide, a slash after the base URL', AS_IN_THE_GUIDE, `${GEMINI.flint}/`],
    ['apiKey = provider key, header Authorization', AUTHORIZATION_ALONE, GEMINI.flint],
    ['apiKey = Flint key, header x-provider-key', FLINT_AS_API_KEY, GEMINI.flint],
  ])('@google/genai, Live: %s', async (name, keys, path) => {
    const claim = await haveBothWays(sdk.live, { ...GEMINI, flint: path }, keys)
    // aimock reports no usage on Live.
    const unknown = {
      inputTokens: null,
      outputTokens: null,
      totalTokens: null,
      usageSource: 'none',
      costUsd: null,
    }
    const record = {
      provider: 'gemini',
      model: 'gemini-2.0-flash-live-001',
      status: 101,
      stream: true,
      ...unknown,
    }
    wanted.set(claim, { name, record })
  })
})

describe('a call of an official SDK gets the answer it would without Flint from a provider written by others', () => {
  test.each([
    ['plain: the keys as in the guide', sdk.interact, AS_IN_THE_GUIDE, false],
    ['plain: apiKey = Flint key, header x-provider-key', sdk.interact, FLINT_AS_API_KEY, false],
    ['stream: the keys as in the guide', sdk.interactStreaming, AS_IN_THE_GUIDE, true],
    [
      'stream: apiKey = Flint key, header x-provider-key',
      sdk.interactStreaming,
      FLINT_AS_API_KEY,
      true,
    ],
  ])('@google/genai, interactions, %s', async (name, conversation, keys, stream) => {
    const claim = await haveBothWays(conversation, GEMINI, keys)
    const record = {
      provider: 'gemini',
      endpoint: '/v1beta/interactions',
      model: 'gemini-2.5-flash',
      status: 200,
      stream,
    }
    wanted.set(claim, { name, record: { ...record, ...usageOf(21, 8) } })
  })

  const messages = [{ role: 'user', content: sdk.QUESTION }]
  test.each([
    ['chat.completions', false, { model: 'gpt-4o', messages }],
    [
      'chat.completions',
      true,
      { model: 'gpt-4o', messages, stream: true, stream_options: { include_usage: true } },
    ],
    ['responses', false, { model: 'gpt-4o', input: sdk.QUESTION }],
    ['responses', true, { model: 'gpt-4o', input: sdk.QUESTION, stream: true }],
  ] as const)('openai, %s (stream: %s)', async (surface: Surface, stream, body) => {
    const call: sdk.Conversation = async ({ baseUrl, apiKey, headers }) => {
      const { origin } = new URL(baseUrl)
      const target = { origin, throughFlint: origin === flint.baseUrl, apiKey, headers }
      const result = await callWithSdk(surface, target, {
        path: '',
        body: JSON.stringify(body),
        headers: {},
      })
      expect.soft(result.error).toBeNull()
      return result
    }
    const claim = await haveBothWays(call, OPENAI, AS_IN_THE_GUIDE)
    const record = { provider: 'openai', model: 'gpt-4o', status: 200, stream, ...usageOf(21, 8) }
    wanted.set(claim, { name: `${surface}, stream: ${stream}`, record })
  })
})

test('each of them is one record, with the usage that was reported', async () => {
  const records = await recordsByClaim(flint, [...wanted.keys()])
  for (const [claim, { name, record }] of wanted)
    expect
      .soft(records.get(claim), name)
      .toMatchObject({ outcome: 'complete', keyHint: '...abcd', ...record })
  expect((await flint.records()).length).toBe(wanted.size)
})
