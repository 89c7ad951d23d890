import zlib from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bodyOf, RECORDED_CALLS } from '../../test/support/recorded-calls.ts'
import type { Provider } from '../evidence/evidence.ts'
import { type PlayedCall, play, SSE, sse } from './fixtures/play.ts'
import { zstdStored } from './fixtures/zstd.ts'

interface Stream {
  readonly name: string
  readonly provider: Provider
  readonly endpoint: string
  readonly body: string
}

const USAGE = { input_tokens: 12, cache_read_input_tokens: 3, output_tokens: 1 }
const MADE_UP: readonly Stream[] = [
  {
    name: 'anthropic',
    provider: 'anthropic',
    endpoint: '/v1/messages',
    body: sse(
      { type: 'message_start', message: { id: 'msg_1', model: 'claude-sonnet-5', usage: USAGE } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'ключ 鍵 🔑' } },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 40 } },
      { type: 'message_stop' },
    ),
  },
  {
    name: 'openai chat',
    provider: 'openai',
    endpoint: '/v1/chat/completions',
    body: sse(
      {
        id: 'chatcmpl-1',
        model: 'gpt-4o',
        choices: [{ index: 0, delta: { content: '日本語' } }],
        usage: null,
      },
      { model: 'gpt-4o', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
      {
        model: 'gpt-4o',
        choices: [],
        usage: { prompt_tokens: 4, completion_tokens: 5, total_tokens: 9 },
      },
      '[DONE]',
    ),
  },
  {
    name: 'gemini',
    provider: 'gemini',
    endpoint: '/v1beta/models/gemini-3-flash:streamGenerateContent',
    body: sse(
      {
        modelVersion: 'gemini-3-flash',
        usageMetadata: { promptTokenCount: 7, totalTokenCount: 7 },
      },
      {
        candidates: [{ finishReason: 'STOP' }],
        usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 2, totalTokenCount: 9 },
      },
    ),
  },
]

const RECORDED: readonly Stream[] = RECORDED_CALLS.flatMap(({ recording, expected }) => {
  const body = bodyOf(recording.response).toString()
  if (expected.status !== 200 || !/^(event|data):/.test(body) || body.length >= 200_000) return []
  const { id, provider, endpoint } = expected
  return [{ name: id, provider, endpoint, body }]
})
const STREAMS = [...MADE_UP, ...RECORDED]
/** Some recordings are several answers in one: the first is over before the stream is. */
const ENDS = /"type": ?"(?:response\.completed|message_start)"|"(?:finishReason|finish_reason)": ?"/
const SINGLE = STREAMS.filter(({ body }) => body.split(ENDS).length <= 2)

const call = ({ provider, endpoint }: Stream): PlayedCall => ({
  provider,
  endpoint,
  answerType: SSE,
  request: '{}',
})
const played = (stream: Stream, more: Partial<PlayedCall>) =>
  play({ ...call(stream), answer: stream.body, ...more })
/** Where in its bytes the last event stood is of one way to send it alone. */
async function factsOf(stream: Stream, more: Partial<PlayedCall>) {
  const { answerEndBytes: _, ...facts } = await played(stream, more)
  return facts
}
const normal = (body: string) => body.replace(/\r\n?/g, '\n')

/** What a proxy or a server of another make may do to the same events. */
const FRAMINGS: Readonly<Record<string, (body: string) => string>> = {
  'with CRLF': (body) => normal(body).replace(/\n/g, '\r\n'),
  'with lone CR': (body) => normal(body).replace(/\n/g, '\r'),
  'with a byte order mark': (body) => `\ufeff${body}`,
  'with comments and ids between': (body) =>
    `: open\n\n${normal(body).replace(/\n\n/g, '\n\n: keep-alive\nid: 7\nretry: 10\n\n')}`,
  'without its last blank line': (body) => normal(body).replace(/\n+$/, ''),
  'with data in several lines': (body) => normal(body).replace(/^data: \{/gm, 'data: {\ndata: '),
  'without the space': (body) => normal(body).replace(/^(data|event): /gm, '$1:'),
}
const ENCODINGS: Readonly<Record<string, (body: Uint8Array) => Uint8Array>> = {
  identity: (body) => body,
  gzip: zlib.gzipSync,
  deflate: zlib.deflateSync,
  br: (body) =>
    zlib.brotliCompressSync(body, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } }),
  zstd: (body) => zstdStored(body, 700),
}
const sizes = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 5 })

describe('a stream is the same record', () => {
  test('however it is framed, encoded and cut', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...STREAMS),
        fc.constantFrom(...Object.values(FRAMINGS)),
        fc.constantFrom(...Object.entries(ENCODINGS)),
        sizes,
        async (stream, frame, [answerEncoding, encode], chunkBytes) => {
          const wanted = await factsOf(stream, {})
          expect(
            await factsOf(stream, {
              answer: encode(Buffer.from(frame(stream.body))),
              answerEncoding,
              chunkBytes,
            }),
          ).toEqual(wanted)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('with an event of 20 MB in its middle', { timeout: 60_000 }, async () => {
    const huge = `data: ${JSON.stringify({ type: 'ping', nothing: 'x'.repeat(20_000_000) })}\n\n`
    for (const stream of MADE_UP) {
      const [first = '', ...rest] = stream.body.split('\n\n')
      const answer = `${first}\n\n${huge}${rest.join('\n\n')}`
      expect(await factsOf(stream, { answer, chunkBytes: 65_536 })).toEqual(
        await factsOf(stream, {}),
      )
    }
  })
})

describe('a stream that is broken off', () => {
  test('after any of its events gives what it said until then, and calls nothing final that may still grow', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...SINGLE),
        fc.nat(),
        fc.boolean(),
        async (stream, at, within) => {
          const events = normal(stream.body).split('\n\n')
          const kept = events.slice(0, at % events.length).join('\n\n')
          const answer = within
            ? normal(stream.body).slice(0, at % (stream.body.length + 1))
            : `${kept}\n\n`
          const whole = await factsOf(stream, {})
          const cut = await factsOf(stream, { answer, aborted: true })
          // Counts reported on the way may still have grown; what is called the provider's is what
          // the whole stream says.
          if (cut.usageSource === 'provider')
            expect([stream.name, cut.usage]).toEqual([stream.name, whole.usage])
          // These two are no sums in any format: what is reported stands in the bytes that came.
          const sent = new Set((answer.match(/\d+/g) ?? []).map(Number).concat(0))
          for (const count of [cut.usage.cachedInputTokens, cut.usage.reasoningTokens])
            expect([stream.name, count === null || sent.has(count)]).toEqual([stream.name, true])
          expect(cut.unreadable).toBeNull()
        },
      ),
      { numRuns: 400 },
    )
  })

  test('within its compressed body gives what was decoded', async () => {
    const sources = new Set<string>()
    for (const stream of MADE_UP) {
      const gzip = zlib.gzipSync(stream.body)
      for (let at = 0; at < gzip.length; at += 11) {
        const cut = await factsOf(stream, {
          answer: gzip.subarray(0, at),
          answerEncoding: 'gzip',
          aborted: true,
        })
        const decoded =
          at === 0
            ? ''
            : zlib.gunzipSync(gzip.subarray(0, at), { finishFlush: zlib.constants.Z_SYNC_FLUSH })
        expect(cut).toEqual(await factsOf(stream, { answer: decoded, aborted: true }))
        expect(cut.unreadable).toBeNull()
        sources.add(cut.usageSource)
      }
    }
    expect([...sources].sort()).toEqual(['none', 'partial', 'provider'])
  })
})

describe('the last event of a stream', () => {
  test('is known once all of it has come, and not a byte earlier', {
    timeout: 60_000,
  }, async () => {
    for (const stream of MADE_UP) {
      const body = Buffer.from(stream.body)
      for (let at = 0; at <= body.length; at++) {
        const answer = body.subarray(0, at)
        const { answerEndBytes } = await played(stream, { answer, aborted: true, chunkBytes: 1 })
        // The blank line may be missing: nothing more can be said in the event before it.
        if (at < body.length - 2)
          expect([stream.name, at, answerEndBytes]).toEqual([stream.name, at, null])
        if (at === body.length)
          expect([stream.name, answerEndBytes]).not.toEqual([stream.name, null])
        expect(answerEndBytes ?? 0).toBeLessThanOrEqual(at)
      }
    }
  })

  test('is counted to the end of the piece that it came in, whatever follows', async () => {
    for (const stream of MADE_UP) {
      const body = Buffer.from(stream.body)
      const answer = Buffer.concat([body, Buffer.from(': bye\n\n')])
      const { answerEndBytes } = await played(stream, { answer, chunkBytes: [body.length, 3] })
      expect([stream.name, answerEndBytes]).toEqual([stream.name, body.length])
    }
  })

  test('of a second answer in one stream is not that of the first', async () => {
    const [anthropic] = MADE_UP
    if (anthropic === undefined) throw new Error('no stream')
    const answer = `${anthropic.body}${anthropic.body.split('\n\n')[0]}\n\n`
    expect((await played(anthropic, { answer, aborted: true })).answerEndBytes).toBeNull()
  })
})

describe('a stream that goes wrong', () => {
  const [anthropic] = MADE_UP
  if (anthropic === undefined) throw new Error('no stream')
  const start = anthropic.body.split('\n\n')[0] ?? ''

  test('counts a start that comes twice once', async () => {
    const answer = `${start}\n\n${anthropic.body}`
    expect((await factsOf(anthropic, { answer })).usage).toEqual(
      (await factsOf(anthropic, {})).usage,
    )
  })

  test('names the error inside a 200 and keeps what was reported before it', async () => {
    const error = sse({ type: 'error', error: { type: 'overloaded_error', message: 'm' } })
    expect(await factsOf(anthropic, { answer: `${start}\n\n${error}` })).toMatchObject({
      streamError: 'overloaded_error',
      usageSource: 'partial',
      usage: { inputTokens: 15, outputTokens: null },
      billable: true,
    })
  })
})
