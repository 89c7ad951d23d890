import { randomUUID } from 'node:crypto'
import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock'
import { createAzure } from '@ai-sdk/azure'
import { createGroq } from '@ai-sdk/groq'
import { createMistral } from '@ai-sdk/mistral'
import { generateText, type LanguageModel, streamText } from 'ai'
import { beforeEach, expect, test } from 'vitest'
import { converseEvents } from '../src/providers/fixtures/amazon-events.ts'
import { recordsByClaim } from './support/records.ts'
import { startScriptedProvider } from './support/scripted-provider.ts'
import { useFlint, useServer } from './support/use-flint.ts'
import { expectNothingOfFlint } from './support/wire.ts'

/** The Vercel AI SDK's own providers of these hosts, with one key, through the real Envoy. */

const provider = useServer(startScriptedProvider)
const flint = useFlint(() => ({
  upstream: provider.url,
  env: {
    FLINT_PROVIDERS_GROQ_UPSTREAM: provider.url,
    FLINT_PROVIDERS_MISTRAL_UPSTREAM: provider.url,
  },
}))

const KEY = 'host-key-0123456789abcd'
const PROMPT = { prompt: 'hello', maxRetries: 0 }
const MODEL = 'the-model'
const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }

let claim: string
beforeEach(() => {
  claim = randomUUID()
  provider.received.length = 0
})

/** What each of them is given: an address, both keys as one, and an id of the call. */
const at = (name: string) => ({
  baseURL: `${flint.baseUrl}/v1/proxy/${name}`,
  apiKey: `${KEY}.${flint.key}`,
  headers: { 'x-flint-request-id': claim },
})

const CHAT_HOSTS: readonly (readonly [string, () => LanguageModel])[] = [
  ['groq', () => createGroq(at('groq'))(MODEL)],
  ['mistral', () => createMistral(at('mistral'))(MODEL)],
  ['azure', () => createAzure(at('azure')).chat(MODEL)],
]

async function expectRecorded(name: string, more: object): Promise<void> {
  expect(provider.received).toHaveLength(1)
  const [seen] = provider.received
  expectNothingOfFlint(seen?.rawHeaders ?? [])
  expect(seen?.rawHeaders.join('\n')).toContain(KEY)
  expect((await recordsByClaim(flint, [claim])).get(claim)).toMatchObject({
    ...{ provider: name, status: 200, outcome: 'complete', keyHint: '...abcd' },
    ...{ requestModel: MODEL, model: MODEL, inputTokens: 10, outputTokens: 5 },
    ...{ usageSource: 'provider' },
    ...more,
  })
}

test.each(CHAT_HOSTS)('%s answers', async (name, model) => {
  const message = { role: 'assistant', content: 'hi' }
  provider.answer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify({
        ...{ id: 'c-1', object: 'chat.completion', created: 1, model: MODEL, usage },
        choices: [{ index: 0, finish_reason: 'stop', message }],
      }),
    )
  })
  expect((await generateText({ ...PROMPT, model: model() })).text).toBe('hi')
  await expectRecorded(name, { stream: false })
})

test.each(CHAT_HOSTS)('%s streams', async (name, model) => {
  provider.answer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const event = (choice: object, more = {}) =>
      `data: ${JSON.stringify({
        ...{ id: 'c-1', object: 'chat.completion.chunk', created: 1, model: MODEL },
        choices: [{ index: 0, finish_reason: null, ...choice }],
        ...more,
      })}\n\n`
    response.write(event({ delta: { role: 'assistant', content: 'hi' } }))
    response.write(event({ delta: {}, finish_reason: 'stop' }, { usage }))
    response.end('data: [DONE]\n\n')
  })
  expect(await streamText({ ...PROMPT, model: model() }).text).toBe('hi')
  await expectRecorded(name, { stream: true })
})

const NOVA = 'amazon.nova-lite-v1:0'
const bedrock = () => createAmazonBedrock({ ...at('bedrock'), region: 'us-east-1' })(NOVA)
const nova = { model: NOVA, requestModel: NOVA }
const counts = { inputTokens: 10, outputTokens: 5, totalTokens: 15 }

test('bedrock answers', async () => {
  provider.answer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify({
        output: { message: { role: 'assistant', content: [{ text: 'hi' }] } },
        ...{ stopReason: 'end_turn', usage: counts, metrics: { latencyMs: 1 } },
      }),
    )
  })
  expect((await generateText({ ...PROMPT, model: bedrock() })).text).toBe('hi')
  await expectRecorded('bedrock', { ...nova, stream: false })
})

test('bedrock streams', async () => {
  provider.answer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' })
    response.end(
      converseEvents(
        ['messageStart', { role: 'assistant' }],
        ['contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'hi' } }],
        ['contentBlockStop', { contentBlockIndex: 0 }],
        ['messageStop', { stopReason: 'end_turn' }],
        ['metadata', { usage: counts, metrics: { latencyMs: 1 } }],
      ),
    )
  })
  expect(await streamText({ ...PROMPT, model: bedrock() }).text).toBe('hi')
  await expectRecorded('bedrock', { ...nova, stream: true })
})
