import zlib from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type PlayedCall, play, SSE, sse, started } from '../fixtures/play.ts'
import { definitionOf } from '../registry.ts'
import { createExchangeReader } from './exchange-reader.ts'

const USAGE = { prompt_tokens: 20, completion_tokens: 49, total_tokens: 69 }
const ANSWER = JSON.stringify({
  id: 'c',
  model: 'gpt-4o',
  choices: [{ message: { content: 'Ünï\\ "😀"\n'.repeat(50) }, finish_reason: 'stop' }],
  usage: USAGE,
})
const STREAM = `${sse(...Array.from({ length: 20 }, (_, index) => ({ model: 'gpt-4o', choices: [{ delta: { content: `"é\\${index}😀` }, finish_reason: null }], usage: null })), { model: 'gpt-4o', choices: [], usage: USAGE }, '[DONE]')}`
const CALLS: Readonly<Record<string, PlayedCall>> = {
  'plain JSON': { answer: ANSWER },
  'gzipped JSON': { answer: zlib.gzipSync(ANSWER), answerEncoding: 'gzip' },
  'an event stream': { answer: STREAM, answerType: SSE },
  'a gzipped event stream': {
    answer: zlib.gzipSync(STREAM),
    answerType: SSE,
    answerEncoding: 'gzip',
  },
  'an event stream without a content type': { answer: STREAM, answerType: null },
  'a deflated event stream': {
    answer: zlib.deflateSync(STREAM),
    answerType: SSE,
    answerEncoding: 'deflate',
  },
  'a gzipped request': {
    answer: ANSWER,
    request: zlib.gzipSync('{"model":"gpt-4o","stream":false}'),
    requestEncoding: 'gzip',
  },
}

describe('the facts of a call', () => {
  test.each(Object.entries(CALLS))(
    'are the same wherever the bytes are cut: %s',
    async (_, call) => {
      const request =
        call.request ?? '{"model":"gpt-\\u0034o","messages":[{"content":"\\"model\\":\\"no\\""}]}'
      const wholes = await play({ ...call, request })
      expect(wholes).toMatchObject({
        model: 'gpt-4o',
        requestModel: 'gpt-4o',
        usageSource: 'provider',
        usage: { totalTokens: 69 },
        unreadable: null,
      })
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 }),
          async (chunkBytes) => {
            expect(await play({ ...call, request, chunkBytes })).toEqual(wholes)
          },
        ),
        { numRuns: 60 },
      )
    },
  )

  test('of any prefix are reported without a throw, and never with a number that was not there', async () => {
    for (const [name, call] of Object.entries(CALLS)) {
      const answer = Buffer.from(call.answer ?? '')
      for (let length = 0; length < answer.length; length += 37) {
        const facts = await play({ ...call, answer: answer.subarray(0, length), aborted: true })
        expect([name, [null, 69].includes(facts.usage.totalTokens), facts.unreadable]).toEqual([
          name,
          true,
          null,
        ])
      }
    }
  })

  test('of bytes that mean nothing are reported without a throw', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom(null, SSE, 'application/json'),
        fc.constantFrom(null, 'gzip', 'br'),
        async (answer, answerType, answerEncoding) => {
          expect(
            (await play({ answer, request: answer, answerType, answerEncoding })).usageSource,
          ).toBe('none')
        },
      ),
    )
  })

  test.each([
    ['is not JSON', { answer: '<html>oops</html>', answerType: 'text/html' }, 'unreadable_body'],
    ['ended in the middle', { answer: ANSWER.slice(0, -10) }, 'unreadable_body'],
    [
      'has an event that is not JSON',
      { answer: sse({ model: 'm' }, 'nonsense'), answerType: SSE },
      'unreadable_body',
    ],
    ['is damaged gzip', { answer: 'no gzip', answerEncoding: 'gzip' }, 'unreadable_body'],
    ['is compress', { answer: '(lzw)', answerEncoding: 'compress' }, 'unreadable_encoding'],
    ['is empty', { answer: '' }, null],
    [
      'is of an endpoint no one knows',
      { answer: 'RIFF', answerType: 'audio/wav', endpoint: '/v1/audio/speech' },
      null,
    ],
  ])('say why they are missing when the answer %s', async (_, call, unreadable) => {
    expect(await play(call)).toMatchObject({ unreadable, usageSource: 'none' })
  })

  test('of a refusal are its model and the request id only', async () => {
    const call = {
      status: 429,
      answer: ANSWER,
      request: '{"model":"gpt-4o","stream":true}',
      headers: { 'x-request-id': 'r' },
    }
    expect(await play(call)).toMatchObject({
      model: 'gpt-4o',
      stream: false,
      usageSource: 'none',
      streamError: null,
      billable: false,
      providerRequestId: 'r',
      unreadable: null,
    })
  })

  test('of a call that never got an answer are what was asked', () => {
    const reader = createExchangeReader({
      provider: definitionOf('openai'),
      method: 'POST',
      endpoint: '/v1/chat/completions',
      query: '',
      contentType: 'application/json',
      contentEncoding: null,
    })
    reader.requestBody(Buffer.from('{"model":"gpt-4o","stream":true'))
    const seen: unknown[] = []
    reader.finish((facts) => seen.push(facts))
    expect(seen).toMatchObject([
      {
        model: 'gpt-4o',
        requestModel: 'gpt-4o',
        stream: true,
        usageSource: 'none',
        billable: false,
      },
    ])
  })

  test('of an endpoint no one knows are its model and the usage that looks like one', async () => {
    const answer =
      '{"data":[{"usage":{"input_tokens":9}}],"model":"gpt-next","usage":{"input_tokens":4,"output_tokens":1,"dreams":2}}'
    const facts = await play({ endpoint: '/v1/dreams', answer })
    expect(facts).toMatchObject({
      model: 'gpt-next',
      usageSource: 'provider',
      billable: true,
      unknownEndpoint: true,
    })
    expect(facts).toMatchObject({
      usage: { inputTokens: 4, outputTokens: 1, totalTokens: 5 },
      unknownUsage: ['dreams'],
    })
    expect(facts.billed.terms).toEqual(['unknown_endpoint'])
    expect(await play({ endpoint: '/v1/dreams', answer: '{"usage":{"hours":4}}' })).toMatchObject({
      usageSource: 'none',
      usageRaw: '{"hours":4}',
    })
    const gemini = {
      provider: 'gemini',
      endpoint: '/v1beta/models/gemini-3:dream',
      answer: '{"usageMetadata":{"promptTokenCount":7}}',
    } as const
    expect(await play(gemini)).toMatchObject({
      model: 'gemini-3',
      usage: { inputTokens: 7 },
      unknownEndpoint: true,
    })
  })

  test('come at once when no decoder is at work, and once when one is let go', () => {
    for (const call of [
      { answer: ANSWER },
      { answer: zlib.gzipSync(ANSWER), answerEncoding: 'gzip' },
    ]) {
      const reader = started(call)
      reader.responseBody(Buffer.from(call.answer))
      reader.responseEnd()
      const seen: unknown[] = []
      reader.finish((facts) => seen.push(facts))
      expect(seen).toMatchObject([{ usage: { totalTokens: 69 } }])
    }
    const reader = started({ answerType: SSE, answerEncoding: 'gzip' })
    reader.responseBody(zlib.gzipSync(STREAM))
    expect(reader.pendingBytes).toBeGreaterThan(0)
    const seen: unknown[] = []
    reader.finish((facts) => seen.push(facts))
    expect(seen).toEqual([])
    reader.discard()
    expect(seen).toMatchObject([{ usageSource: 'none', unreadable: null }])
    expect(reader.pendingBytes).toBe(0)
  })
})

describe('memory', () => {
  test('does not grow with an event or a body of 20 MB', { timeout: 60_000 }, async () => {
    const filler = Buffer.from('AAAA\\n'.repeat(13_000))
    const bodies = [
      {
        type: SSE,
        head: 'data: {"model":"gpt-4o","image":"',
        tail: `","usage":${JSON.stringify(USAGE)}}\n\n`,
      },
      {
        type: 'application/json',
        head: '{"model":"gpt-4o","image":"',
        tail: `","usage":${JSON.stringify(USAGE)}}`,
      },
    ]
    for (const { type, head, tail } of bodies) {
      const reader = started({ request: '{"model":"gpt-4o"}', answerType: type })
      reader.responseBody(Buffer.from(head))
      const before = process.memoryUsage().arrayBuffers
      let most = 0
      for (let sent = 0; sent < 20 * 1024 * 1024; sent += filler.length) {
        reader.responseBody(filler)
        most = Math.max(most, process.memoryUsage().arrayBuffers - before)
      }
      reader.responseBody(Buffer.from(tail))
      reader.responseEnd()
      const facts = await new Promise((resolve) => reader.finish(resolve))
      expect(facts).toMatchObject({ model: 'gpt-4o', usage: { totalTokens: 69 }, unreadable: null })
      expect(most).toBeLessThan(1024 * 1024)
    }
  })

  test('is not spent on a wanted value that is far too long', async () => {
    const facts = await play({
      answer: JSON.stringify({ model: 'gpt-4o', usage: { ...USAGE, note: 'x'.repeat(100_000) } }),
      chunkBytes: 10_000,
    })
    expect(facts).toMatchObject({
      model: 'gpt-4o',
      usageSource: 'none',
      unreadable: 'unreadable_body',
    })
    const long = await play({
      answer: JSON.stringify({ model: 'gpt-4o', usage: { ...USAGE, note: 'x'.repeat(9_000) } }),
    })
    expect(long).toMatchObject({ usageSource: 'provider', usageRaw: null, unreadable: null })
  })
})
