import { randomUUID } from 'node:crypto'
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import { calcPrice } from '@pydantic/genai-prices'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { answerFor } from '../src/demo/demo-answers.ts'
import { callBothWays, guideHeaders } from './support/both-ways.ts'
import type { FlintUnderTest } from './support/flint.ts'
import { takeUploads } from './support/gemini-uploads.ts'
import { PROVIDER_KEY } from './support/provider-key.ts'
import { expectCost, recordsByClaim } from './support/records.ts'
import { type Script, startScriptedProvider } from './support/scripted-provider.ts'
import { KEY_CONFIGURATIONS } from './support/sdk-key-configurations.ts'
import { REQUESTS, user } from './support/sdk-requests.ts'
import { baseUrlOf, callWithSdk, type Surface } from './support/sdk-surfaces.ts'
import { until } from './support/until.ts'
import { useFlint, useServer } from './support/use-flint.ts'
import { credentialsIn, expectNothingOfFlint } from './support/wire.ts'

const uploads = async (flint: FlintUnderTest, claim: string) =>
  (await flint.records()).filter(({ claimedRequestId }) => claimedRequestId === claim)

describe('an official SDK', () => {
  const provider = useServer(startScriptedProvider)
  const flint = useFlint(() => ({ upstream: provider.url }))

  const demoAnswers: Script = ({ url, body }, response) => {
    const { status, headers, body: answer, events } = answerFor(url, body.toString())
    response.writeHead(status, {
      'content-type': events ? 'text/event-stream' : 'application/json',
      ...headers,
    })
    response.end(events ? events.join('') : JSON.stringify(answer))
  }

  const SURFACES = Object.keys(REQUESTS) as Surface[]

  describe('of Gemini uploads a file', () => {
    const uploadTo = async (baseUrl: string, headers: Record<string, string>) => {
      const client = new GoogleGenAI({ apiKey: PROVIDER_KEY, httpOptions: { baseUrl, headers } })
      const bytes = new Blob(['hello '.repeat(1_000)], { type: 'text/plain' })
      const { name, sizeBytes } = await client.files.upload({ file: bytes })
      const stored = await client.fileSearchStores.uploadToFileSearchStore({
        fileSearchStoreName: 'fileSearchStores/s',
        file: bytes,
      })
      return [name, sizeBytes, stored.name]
    }

    test('as without Flint, and both steps are recorded', async () => {
      provider.answer(takeUploads(() => provider.url))
      const direct = await uploadTo(provider.url, {})
      const sentDirectly = provider.received.splice(0)
      const claim = randomUUID()
      const headers = {
        authorization: `Bearer ${flint.key}`,
        'x-provider-key': PROVIDER_KEY,
        'x-flint-request-id': claim,
      }
      expect(await uploadTo(`${flint.baseUrl}/v1/proxy/gemini`, headers)).toEqual(direct)
      expect(direct).toEqual(['files/1', '6000', expect.any(String)])
      expect(provider.received.map(({ url }) => url)).toEqual(sentDirectly.map(({ url }) => url))
      expect(provider.received.map(({ body }) => body.length)).toEqual(
        sentDirectly.map(({ body }) => body.length),
      )
      for (const { rawHeaders } of provider.received) expectNothingOfFlint(rawHeaders)
      await until('four records', 15_000, async () => (await uploads(flint, claim)).length === 4)
      for (const record of await uploads(flint, claim))
        expect(record).toMatchObject({ provider: 'gemini', status: 200, outcome: 'complete' })
      provider.received.length = 0
    })
  })

  describe('gets the provider’s errors as its own error classes', () => {
    /** 502 to 504 among them: those of a provider are not those of Envoy. */
    const STATUSES = [400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504, 529]

    function errorBody(surface: Surface, status: number): unknown {
      if (surface === 'messages')
        return {
          type: 'error',
          error: { type: 'overloaded_error', message: `provider says ${status}`, details: null },
          request_id: 'req_provider',
        }
      if (surface.endsWith('chat.completions') || surface === 'responses')
        return {
          error: {
            message: `provider says ${status}`,
            type: 'requests',
            param: 'model',
            code: 'provider_code',
          },
        }
      return {
        error: {
          code: status,
          message: `provider says ${status}`,
          status: 'UNAVAILABLE',
          details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '7s' }],
        },
      }
    }

    test.each(SURFACES)(
      '%s: class, status, message, body, request id and retry-after of every status, and a record of it',
      async (surface) => {
        const claims = new Map<string, number>()
        for (const status of STATUSES) {
          provider.answer((_request, response) => {
            const headers = {
              'content-type': 'application/json',
              'retry-after': '7',
              'retry-after-ms': '7000',
              'x-should-retry': 'false',
              'x-request-id': 'req_provider',
              'request-id': 'req_provider',
              'x-ratelimit-remaining-requests': '0',
            }
            response.writeHead(status, headers).end(JSON.stringify(errorBody(surface, status)))
          })
          const { direct, through, claim } = await callBothWays(
            surface,
            REQUESTS[surface],
            provider.url,
            flint,
          )
          expect.soft(through, `${status}`).toStrictEqual(direct)
          expect.soft(through.error?.fields.status, `${status}`).toBe(status)
          expect.soft(through.error?.message, `${status}`).toContain(`provider says ${status}`)
          if (!surface.endsWith('enerateContent')) {
            // genai keeps no headers on its errors.
            expect.soft(through.error?.fields.requestID, `${status}`).toBe('req_provider')
            expect.soft(through.error?.headers, `${status}`).toMatchObject({
              'retry-after': '7',
              'retry-after-ms': '7000',
              'x-ratelimit-remaining-requests': '0',
            })
          }
          claims.set(claim, status)
        }
        const records = await recordsByClaim(flint, [...claims.keys()])
        const nothing = {
          inputTokens: null,
          outputTokens: null,
          totalTokens: null,
          costUsd: null,
          usageSource: 'none',
          stream: false,
        }
        for (const [claim, status] of claims)
          expect
            .soft(records.get(claim), `${status}`)
            .toMatchObject({ status, outcome: 'complete', errorCode: null, ...nothing })
      },
    )

    test('when the error comes inside a stream that began well: the same exception after the same chunks, and the record names it', async () => {
      const events = [
        {
          type: 'message_start',
          message: {
            id: 'msg_1',
            type: 'message',
            role: 'assistant',
            model: 'claude-haiku-4-5',
            content: [],
            stop_reason: null,
            usage: { input_tokens: 11, output_tokens: 1 },
          },
        },
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
        { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Pay' } },
        { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
      ]
      provider.answer((_request, response) => {
        response.writeHead(200, {
          'content-type': 'text/event-stream',
          'request-id': 'req_provider',
        })
        for (const event of events)
          response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
        response.end()
      })
      const request = {
        ...REQUESTS.messages,
        body: JSON.stringify({
          model: 'claude-haiku-4-5',
          max_tokens: 64,
          messages: user,
          stream: true,
        }),
      }
      const { direct, through, claim } = await callBothWays(
        'messages',
        request,
        provider.url,
        flint,
      )
      expect(through).toStrictEqual(direct)
      expect(through.chunks.length).toBe(3)
      expect(through.error?.message).toContain('Overloaded')
      const record = (await recordsByClaim(flint, [claim])).get(claim)
      expect(record).toMatchObject({
        status: 200,
        streamError: 'overloaded_error',
        model: 'claude-haiku-4-5',
        inputTokens: 11,
        stream: true,
      })
    })

    test.each(['chat.completions', 'responses', 'messages'] as const)(
      '%s: its own retries happen as without Flint, and each attempt is a record',
      async (surface) => {
        let attempts: string[] = []
        provider.answer((request, response, socket) => {
          attempts.push(String(request.headers['x-stainless-retry-count']))
          if (attempts.length < 3)
            response
              .writeHead(attempts.length === 1 ? 429 : 500, {
                'content-type': 'application/json',
                'retry-after-ms': '1',
              })
              .end(JSON.stringify(errorBody(surface, 429)))
          else return demoAnswers(request, response, socket)
        })
        const target = {
          origin: provider.url,
          throughFlint: false,
          apiKey: PROVIDER_KEY,
          headers: {},
          maxRetries: 2,
        }
        const direct = await callWithSdk(surface, target, REQUESTS[surface])
        const directAttempts = attempts
        attempts = []
        const tag = randomUUID()
        const through = await callWithSdk(
          surface,
          {
            ...target,
            origin: flint.baseUrl,
            throughFlint: true,
            headers: { ...guideHeaders(flint), 'x-flint-tag-run': tag },
          },
          REQUESTS[surface],
        )
        expect([direct.error, through.error]).toEqual([null, null])
        expect(attempts).toEqual(directAttempts)
        expect(attempts).toEqual(['0', '1', '2'])
        const ofThisRun = async () =>
          (await flint.records())
            .filter(({ tags }) => tags.run === tag)
            .map(({ status, retryCount }) => [retryCount, status])
        await expect.poll(async () => (await ofThisRun()).length, { timeout: 10_000 }).toBe(3)
        expect((await ofThisRun()).sort()).toEqual([
          [0, 429],
          [1, 500],
          [2, 200],
        ])
      },
    )
  })

  describe('openai on Gemini’s compatible path', () => {
    /** Thoughts are in the total only (docs/accuracy.md): 35 in, 109 - 35 = 74 out. */
    const usage = { prompt_tokens: 35, completion_tokens: 12, total_tokens: 109 }
    const head = { id: 'gem-1', created: 1, model: 'gemini-2.5-flash' }
    const call = {
      id: 'call_1',
      type: 'function',
      function: { name: 'lookup', arguments: '{"clause":"payment"}' },
    }
    const plain = (message: object, finish: string) =>
      JSON.stringify({
        ...head,
        object: 'chat.completion',
        choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finish }],
        usage,
      })
    const stream = (...deltas: object[]) =>
      deltas
        .map(
          (delta) =>
            `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta: { role: 'assistant', ...delta } }], usage })}\n\n`,
        )
        .join('')

    test.each([
      ['a plain answer', false, plain({ content: 'Net-30.' }, 'stop')],
      ['a tool call', false, plain({ tool_calls: [call] }, 'tool_calls')],
      ['a stream', true, `${stream({ content: 'Net' }, { content: '-30.' })}data: [DONE]\n\n`],
      [
        'a streamed tool call',
        true,
        `${stream({ tool_calls: [{ index: 0, ...call }] })}data: [DONE]\n\n`,
      ],
    ])(
      '%s: same result, a record of Gemini with the thoughts counted',
      async (_what, streamed, answer) => {
        provider.answer(
          (_request, response) =>
            void response
              .writeHead(200, {
                'content-type': streamed ? 'text/event-stream' : 'application/json',
              })
              .end(answer),
        )
        const surface = 'gemini-compatible chat.completions'
        const request = {
          ...REQUESTS[surface],
          body: JSON.stringify({ model: 'gemini-2.5-flash', messages: user, stream: streamed }),
        }
        const { direct, through, claim } = await callBothWays(surface, request, provider.url, flint)
        expect(through).toStrictEqual(direct)
        expect(through.error).toBeNull()
        expect(streamed ? through.chunks.length : through.value).toBeTruthy()
        const record = (await recordsByClaim(flint, [claim])).get(claim)
        expect(record).toMatchObject({
          provider: 'gemini',
          endpoint: '/v1beta/openai/chat/completions',
          model: 'gemini-2.5-flash',
          status: 200,
          stream: streamed,
          outcome: 'complete',
        })
        expect(record).toMatchObject({
          usageSource: 'provider',
          inputTokens: 35,
          outputTokens: 74,
          totalTokens: 109,
        })
        const price = calcPrice({ input_tokens: 35, output_tokens: 74 }, 'gemini-2.5-flash', {
          providerId: 'google',
        })
        expectCost(record, price?.total_price ?? null, 'compatible')
      },
    )
  })

  describe('may be given the two keys in any way its documentation allows; the provider gets its own, once, and nothing of Flint’s', () => {
    test.each(
      KEY_CONFIGURATIONS.map(
        ({ sdk, keys, ...configuration }) => [sdk, keys, configuration] as const,
      ),
    )('%s: %s', async (_sdk, _keys, { call, credential }) => {
      provider.received.length = 0
      provider.answer((request, response, socket) =>
        request.url.includes('/interactions')
          ? void response
              .writeHead(200, { 'content-type': 'application/json' })
              .end('{"id":"v1_1","object":"interaction","status":"completed","outputs":[]}')
          : demoAnswers(request, response, socket),
      )
      const claim = randomUUID()
      await call(flint.baseUrl, flint.key, claim)
      expect(provider.received.length).toBe(1)
      const rawHeaders = provider.received[0]?.rawHeaders ?? []
      expect(credentialsIn(rawHeaders)).toEqual([credential])
      expectNothingOfFlint(rawHeaders)
      expect(provider.received[0]?.url).not.toContain('key=')
      const record = (await recordsByClaim(flint, [claim])).get(claim)
      expect(record).toMatchObject({ status: 200, outcome: 'complete', keyHint: '...abcd' })
    })
  })

  describe('gets Flint’s own refusals as an error it can read', () => {
    // @anthropic-ai/sdk leaves its apiKey out as soon as Authorization is set: then no one has sent
    // a provider key.
    test('@anthropic-ai/sdk with apiKey and Authorization but no x-provider-key: BadRequestError, missing_provider_key', async () => {
      const client = new Anthropic({
        apiKey: PROVIDER_KEY,
        baseURL: baseUrlOf('messages', { origin: flint.baseUrl, throughFlint: true }),
        defaultHeaders: { Authorization: `Bearer ${flint.key}` },
      })
      const error: unknown = await client.messages
        .create({
          model: 'claude-haiku-4-5',
          max_tokens: 64,
          messages: [{ role: 'user', content: 'hello' }],
        })
        .catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(Anthropic.BadRequestError)
      expect(error).toMatchObject({
        status: 400,
        error: { error: { code: 'missing_provider_key' } },
      })
    })

    test('openai: BadRequestError and AuthenticationError with the code of the catalogue', async () => {
      const baseURL = baseUrlOf('chat.completions', { origin: flint.baseUrl, throughFlint: true })
      const failing = async (apiKey: string) => {
        const result: unknown = await new OpenAI({ apiKey, baseURL }).chat.completions
          .create({ model: 'gpt-4o', messages: [{ role: 'user', content: 'hello' }] })
          .catch((thrown: unknown) => thrown)
        return result
      }
      const missing = await failing(flint.key)
      expect(missing).toBeInstanceOf(OpenAI.BadRequestError)
      expect(missing).toMatchObject({
        status: 400,
        code: 'missing_provider_key',
        type: 'flint_error',
      })
      const unknown = await failing(PROVIDER_KEY)
      expect(unknown).toBeInstanceOf(OpenAI.AuthenticationError)
      expect(unknown).toMatchObject({ status: 401, code: 'invalid_api_key', type: 'flint_error' })
    })

    test('@google/genai: ApiError whose message holds the code', async () => {
      const client = new GoogleGenAI({
        apiKey: flint.key,
        httpOptions: {
          baseUrl: baseUrlOf('generateContent', { origin: flint.baseUrl, throughFlint: true }),
        },
      })
      const error: unknown = await client.models
        .generateContent({ model: 'gemini-2.5-flash', contents: 'hello' })
        .catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ name: 'ApiError', status: 400 })
      expect(String(error)).toContain('missing_provider_key')
    })
  })
})
