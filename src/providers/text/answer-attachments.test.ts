import { createHash } from 'node:crypto'
import zlib from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type PlayedCall, play, SSE, sse, started } from '../fixtures/play.ts'
import type { Attachment } from '../reading/exchange-reader.ts'

const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex')
const bytes = (seed: number, length: number) =>
  Buffer.from(Array.from({ length }, (_, at) => (at * 31 + seed * 17) % 256))
const BUDGET = 1024 * 1024

const PNG = bytes(1, 100)
const OTHER = bytes(2, 61)
const SOUND = bytes(3, 200)
const IMAGES = '/v1/images/generations'
const RESPONSES = '/v1/responses'
const SPEECH = '/v1/audio/speech'
const GENERATE = '/v1beta/models/gemini-2.5-flash-image:generateContent'
const STREAM_GENERATE = '/v1beta/models/gemini-2.5-flash-image:streamGenerateContent'
const INTERACTIONS = '/v1beta/interactions'

const base64 = (content: Buffer) => content.toString('base64')
const image = (data: Buffer, mediaType: string | null) => attached('image', data, mediaType)
const attached = (
  kind: Attachment['kind'],
  data: Buffer,
  mediaType: string | null,
): Attachment => ({
  direction: 'response',
  kind,
  mediaType,
  sha256: sha256(data),
  bytes: data.length,
  data,
})
const linked = (kind: Attachment['kind'], mediaType: string | null, url: string): Attachment => ({
  direction: 'response',
  kind,
  mediaType,
  sha256: null,
  bytes: null,
  url,
})

const openai = (endpoint: string, answer: object): PlayedCall => ({
  endpoint,
  answer: JSON.stringify(answer),
})
const gemini = (endpoint: string, answer: object): PlayedCall => ({
  provider: 'gemini',
  endpoint,
  answer: JSON.stringify(answer),
})
const streamed = (endpoint: string, ...events: readonly unknown[]): PlayedCall => ({
  endpoint,
  answer: sse(...events),
  answerType: SSE,
})
/**
 * Pieces as providers cut them: each is base64 of its own, with padding in the middle of the whole.
 */
const pieces = (content: Buffer) =>
  [content.subarray(0, 50), content.subarray(50, 51), content.subarray(51)].map(base64)
const [first = '', second = '', third = ''] = pieces(SOUND)

const CALLS: Readonly<Record<string, readonly [PlayedCall, readonly Attachment[]]>> = {
  'images, of the format that is told': [
    openai(IMAGES, {
      data: [{ b64_json: base64(PNG), revised_prompt: 'a cat' }, { b64_json: base64(OTHER) }],
      output_format: 'webp',
    }),
    [image(PNG, 'image/webp'), image(OTHER, 'image/webp')],
  ],
  'images whose format no one told': [
    openai(IMAGES, { data: [{ b64_json: base64(PNG) }] }),
    [image(PNG, null)],
  ],
  'images that stand elsewhere': [
    openai(IMAGES, { data: [{ url: 'https://example.com/cat.png' }] }),
    [linked('image', null, 'https://example.com/cat.png')],
  ],
  'edited images': [
    openai('/v1/images/edits', { output_format: 'png', data: [{ b64_json: base64(PNG) }] }),
    [image(PNG, 'image/png')],
  ],
  'an image of a stream, without what it looked like before': [
    streamed(
      IMAGES,
      {
        type: 'image_generation.partial_image',
        b64_json: base64(OTHER),
        output_format: 'png',
        partial_image_index: 0,
      },
      { b64_json: base64(OTHER), type: 'image_generation.partial_image' },
      {
        type: 'image_generation.completed',
        b64_json: base64(PNG),
        output_format: 'jpeg',
        usage: { input_tokens: 1 },
      },
      { b64_json: base64(SOUND), output_format: 'png', type: 'image_edit.completed' },
    ),
    [image(PNG, 'image/jpeg'), image(SOUND, 'image/png')],
  ],
  'the sound of a chat answer': [
    openai('/v1/chat/completions', {
      choices: [
        {
          index: 0,
          message: {
            content: null,
            audio: { id: 'audio_1', data: base64(SOUND), transcript: 'hello' },
          },
        },
        { index: 1, message: { content: 'no sound', audio: null } },
        { index: 2, message: { audio: { id: 'audio_2', data: '' } } },
      ],
    }),
    [attached('audio', SOUND, null)],
  ],
  'the sound of a chat stream, choices interleaved': [
    streamed(
      '/v1/chat/completions',
      {
        choices: [
          { index: 0, delta: { role: 'assistant', audio: { id: 'a', transcript: 'hel' } } },
        ],
      },
      { choices: [{ index: 0, delta: { audio: { data: '' } } }] },
      { choices: [{ index: 0, delta: { audio: { data: first } } }] },
      { choices: [{ delta: { audio: { data: base64(OTHER) } }, index: 1 }] },
      { choices: [{ delta: { audio: { data: second } }, index: 0 }] },
      { choices: [{ index: 0, delta: { audio: { data: third } } }] },
      { choices: [{ index: 0, delta: { audio: { expires_at: 1 } } }] },
      '[DONE]',
    ),
    [attached('audio', SOUND, null), attached('audio', OTHER, null)],
  ],
  'an image that a response made': [
    openai(RESPONSES, {
      output: [
        { type: 'reasoning', summary: [] },
        { type: 'image_generation_call', output_format: 'webp', result: base64(PNG) },
        { result: base64(OTHER), type: 'image_generation_call' },
        { type: 'something_else', result: base64(OTHER) },
        { type: 'image_generation_call', status: 'failed', result: null },
      ],
    }),
    [image(PNG, 'image/webp'), image(OTHER, null)],
  ],
  'an image that a response stream tells twice, once': [
    streamed(
      RESPONSES,
      {
        type: 'response.output_item.added',
        output_index: 1,
        item: { type: 'image_generation_call', status: 'in_progress' },
      },
      {
        type: 'response.image_generation_call.partial_image',
        output_index: 1,
        partial_image_b64: base64(OTHER),
      },
      {
        type: 'response.output_item.done',
        output_index: 1,
        item: { type: 'image_generation_call', output_format: 'png', result: base64(PNG) },
      },
      // A host that takes up a stream again may repeat events.
      {
        type: 'response.output_item.done',
        output_index: 1,
        item: { type: 'image_generation_call', result: base64(PNG) },
      },
      {
        type: 'response.output_item.done',
        output_index: 2,
        item: { type: 'something_else', result: base64(OTHER) },
      },
      {
        type: 'response.completed',
        response: {
          output: [
            { type: 'reasoning' },
            { type: 'image_generation_call', output_format: 'png', result: base64(PNG) },
            { type: 'something_else', result: base64(OTHER) },
            { type: 'image_generation_call', result: base64(SOUND) },
          ],
        },
      },
    ),
    [image(PNG, 'image/png'), image(SOUND, null)],
  ],
  'speech, which is the body itself': [
    { endpoint: SPEECH, answer: SOUND, answerType: 'audio/mpeg' },
    [attached('audio', SOUND, 'audio/mpeg')],
  ],
  'speech in events': [
    streamed(
      SPEECH,
      { type: 'speech.audio.delta', audio: first },
      { audio: second, type: 'speech.audio.delta' },
      { type: 'speech.audio.delta', audio: third },
      { type: 'speech.audio.done', usage: { input_tokens: 1, output_tokens: 2 } },
    ),
    [attached('audio', SOUND, null)],
  ],
  'parts of a Gemini answer, but no thoughts': [
    gemini(GENERATE, {
      candidates: [
        {
          content: {
            parts: [
              { text: 'Look:' },
              { inlineData: { data: base64(OTHER), mimeType: 'image/png' }, thought: true },
              { inlineData: { data: base64(PNG), mimeType: 'image/png' } },
              { inline_data: { mime_type: 'audio/wav', data: base64(SOUND) } },
              { fileData: { fileUri: 'https://x', mimeType: 'video/mp4' } },
            ],
          },
        },
      ],
    }),
    [
      image(PNG, 'image/png'),
      attached('audio', SOUND, 'audio/wav'),
      linked('video', 'video/mp4', 'https://x'),
    ],
  ],
  'a Gemini stream, sound without a container as one': [
    {
      provider: 'gemini',
      ...streamed(
        STREAM_GENERATE,
        {
          candidates: [
            {
              content: { parts: [{ inlineData: { data: base64(PNG), mimeType: 'image/png' } }] },
              index: 0,
            },
          ],
        },
        ...pieces(SOUND).map((data) => ({
          candidates: [
            {
              content: {
                parts: [{ inlineData: { mimeType: 'audio/L16;codec=pcm;rate=24000', data } }],
              },
              index: 0,
            },
          ],
        })),
        {
          candidates: [
            {
              content: { parts: [{ inlineData: { data: base64(OTHER), mimeType: 'audio/wav' } }] },
            },
          ],
        },
      ),
    },
    [
      image(PNG, 'image/png'),
      attached('audio', OTHER, 'audio/wav'),
      attached('audio', SOUND, 'audio/L16;codec=pcm;rate=24000'),
    ],
  ],
  'images that Imagen made': [
    gemini('/v1beta/models/imagen-4.0-generate-001:predict', {
      predictions: [
        { mimeType: 'image/png', bytesBase64Encoded: base64(PNG) },
        { bytesBase64Encoded: base64(OTHER), mimeType: 'image/jpeg' },
      ],
    }),
    [image(PNG, 'image/png'), image(OTHER, 'image/jpeg')],
  ],
  'what the model put out in an interaction': [
    gemini(INTERACTIONS, {
      steps: [
        {
          type: 'user_input',
          content: [{ type: 'image', data: base64(OTHER), mime_type: 'image/png' }],
        },
        {
          content: [
            { type: 'text', text: 'Look:', data: base64(OTHER) },
            { data: base64(PNG), mime_type: 'image/png', type: 'image' },
            { type: 'audio', data: base64(SOUND) },
            { type: 'document', uri: 'https://x', mime_type: 'application/pdf' },
          ],
          type: 'model_output',
        },
        { content: [{ type: 'image', data: base64(OTHER) }], type: 'function_result' },
      ],
    }),
    [
      image(PNG, 'image/png'),
      attached('audio', SOUND, null),
      linked('file', 'application/pdf', 'https://x'),
    ],
  ],
  'what the model put out in an interaction of the first beta': [
    gemini(INTERACTIONS, {
      outputs: [
        { type: 'text', text: 'x' },
        { type: 'image', mime_type: 'image/png', data: base64(PNG) },
      ],
    }),
    [image(PNG, 'image/png')],
  ],
  'a stream of an interaction': [
    {
      provider: 'gemini',
      ...streamed(
        INTERACTIONS,
        { event_type: 'step.start', index: 1, step: { type: 'model_output' } },
        {
          index: 1,
          delta: { type: 'audio', mime_type: 'audio/l16', data: first },
          event_type: 'step.delta',
        },
        {
          index: 1,
          delta: { data: base64(PNG), mime_type: 'image/png', type: 'image' },
          event_type: 'step.delta',
        },
        { index: 1, delta: { type: 'audio', data: second }, event_type: 'step.delta' },
        { delta: { type: 'audio', data: third }, event_type: 'step.delta', index: 1 },
        {
          index: 0,
          delta: { type: 'thought_signature', signature: 'x', data: base64(OTHER) },
          event_type: 'step.delta',
        },
        { event_type: 'interaction.completed', interaction: { usage: { total_tokens: 1 } } },
      ),
    },
    [image(PNG, 'image/png'), attached('audio', SOUND, 'audio/l16')],
  ],
}

const cuts = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 5 })
const attachmentsOf = async (call: PlayedCall) =>
  (await play({ maxAttachmentBytes: BUDGET, ...call, text: true })).text?.attachments

describe('what an answer carries besides text', () => {
  test.each(Object.entries(CALLS))(
    'is read wherever the bytes are cut, compressed as well: %s',
    async (_, [call, expected]) => {
      expect(await attachmentsOf(call)).toEqual(expected)
      const gzipped = { ...call, answer: zlib.gzipSync(call.answer ?? ''), answerEncoding: 'gzip' }
      await fc.assert(
        fc.asyncProperty(cuts, async (chunkBytes) => {
          expect(await attachmentsOf({ ...call, chunkBytes })).toEqual(expected)
          expect(await attachmentsOf({ ...gzipped, chunkBytes })).toEqual(expected)
        }),
        { numRuns: 30 },
      )
    },
  )

  test.each(Object.entries(CALLS))('changes no other fact: %s', async (_, [call]) => {
    expect({ ...(await play({ ...call, text: true })), text: null }).toEqual(await play(call))
  })

  test.each(Object.entries(CALLS))(
    'is left out where it was cut midway: %s',
    async (_, [call, expected]) => {
      const answer = Buffer.from(call.answer ?? '')
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 0, max: answer.length - 1 }),
          cuts,
          async (length, chunkBytes) => {
            const seen = await attachmentsOf({
              ...call,
              answer: answer.subarray(0, length),
              chunkBytes,
              aborted: true,
            })
            // What is there is one of the whole answer's; what follows its bytes (a media type, a
            // thought) may be missing.
            for (const { sha256: hash } of seen ?? [])
              expect(expected.map((attachment) => attachment.sha256)).toContain(hash)
            expect(seen?.length).toBeLessThanOrEqual(expected.length)
          },
        ),
        { numRuns: 40 },
      )
    },
  )

  test('follows what its request had attached, and says which is which', async () => {
    const request = {
      contents: [
        {
          parts: [
            { text: 'make it blue' },
            { inlineData: { mimeType: 'image/png', data: base64(OTHER) } },
          ],
        },
      ],
    }
    const [call, expected] = CALLS['parts of a Gemini answer, but no thoughts'] ?? []
    expect(await attachmentsOf({ ...call, request: JSON.stringify(request) })).toEqual([
      { ...image(OTHER, 'image/png'), direction: 'request' },
      ...(expected ?? []),
    ])
  })

  test('is of the format that its request asked for, where the answer does not say', async () => {
    const mediaTypesOf = async (name: string, request: object) => {
      const [call] = CALLS[name] ?? []
      return (await attachmentsOf({ ...call, request: JSON.stringify(request) }))?.map(
        ({ mediaType }) => mediaType,
      )
    }
    expect(
      await mediaTypesOf('the sound of a chat answer', { audio: { format: 'mp3', voice: 'x' } }),
    ).toEqual(['audio/mpeg'])
    expect(
      await mediaTypesOf('the sound of a chat answer', { audio: { format: 'constructor' } }),
    ).toEqual([null])
    expect(await mediaTypesOf('speech in events', { response_format: 'pcm', input: 'x' })).toEqual([
      'audio/pcm',
    ])
    expect(
      await mediaTypesOf('speech, which is the body itself', { response_format: 'wav' }),
    ).toEqual(['audio/mpeg'])
    expect(
      await mediaTypesOf('images whose format no one told', { output_format: 'jpeg' }),
    ).toEqual(['image/jpeg'])
    expect(
      await mediaTypesOf('images, of the format that is told', { output_format: 'png' }),
    ).toEqual(['image/webp', 'image/webp'])
    expect(
      await mediaTypesOf('images whose format no one told', { output_format: 'constructor' }),
    ).toEqual([null])
    expect(await mediaTypesOf('images that stand elsewhere', { output_format: 'png' })).toEqual([
      null,
    ])
  })

  test('shares one bound with its request: beyond it there is a hash and no copy', async () => {
    const request = {
      messages: [{ content: [{ type: 'input_audio', input_audio: { data: base64(PNG) } }] }],
    }
    const call = {
      ...CALLS['the sound of a chat stream, choices interleaved']?.[0],
      request: JSON.stringify(request),
    }
    const keptOf = async (maxAttachmentBytes: number) =>
      (await attachmentsOf({ ...call, maxAttachmentBytes }))?.map(({ sha256: hash, data }) => [
        hash,
        data?.length,
      ])
    const hashes = [PNG, SOUND, OTHER].map(sha256)
    const kept = (...lengths: readonly (number | undefined)[]) =>
      hashes.map((hash, at) => [hash, lengths[at]])
    expect(await keptOf(361)).toEqual(kept(100, 200, 61))
    expect(await keptOf(360)).toEqual(kept(100, undefined, 61))
    expect(await keptOf(160)).toEqual(kept(100, undefined, undefined))
    expect(await keptOf(0)).toEqual(kept())
  })

  test('that turns out not to belong to the answer takes no budget', async () => {
    const thoughts = Array.from({ length: 20 }, () => ({
      thought: true,
      inlineData: { data: base64(SOUND), mimeType: 'image/png' },
    }))
    const parts = [...thoughts, { inlineData: { data: base64(PNG), mimeType: 'image/png' } }]
    const call = gemini(GENERATE, { candidates: [{ content: { parts } }] })
    expect(await attachmentsOf({ ...call, maxAttachmentBytes: 300 })).toEqual([
      image(PNG, 'image/png'),
    ])
  })

  test('is hashed over all of it however long it is, and held no longer than the budget allows', {
    timeout: 60_000,
  }, async () => {
    const chunk = bytes(5, 64 * 1024)
    const reader = started({
      endpoint: SPEECH,
      answerType: 'audio/wav',
      text: true,
      maxAttachmentBytes: BUDGET,
    })
    const hash = createHash('sha256')
    for (let at = 0; at < 1024; at++) {
      hash.update(chunk)
      reader.responseBody(chunk)
    }
    reader.responseEnd()
    const facts = await new Promise<Awaited<ReturnType<typeof play>>>((resolve) =>
      reader.finish(resolve),
    )
    const { data, ...seen } = facts.text?.attachments[0] ?? {}
    expect([seen, data]).toEqual([
      {
        direction: 'response',
        kind: 'audio',
        mediaType: 'audio/wav',
        sha256: hash.digest('hex'),
        bytes: 64 * 1024 * 1024,
      },
      undefined,
    ])
  })

  test('is not reported before it is whole, and once it is whole stays what it was', () => {
    const reader = started({ text: true, maxAttachmentBytes: BUDGET, answerType: SSE })
    const attachments = () => reader.soFar(true).text?.attachments
    for (const data of [first, second, third]) {
      reader.responseBody(Buffer.from(sse({ choices: [{ index: 0, delta: { audio: { data } } }] })))
      expect(attachments()).toEqual([])
    }
    reader.responseBody(Buffer.from(sse('[DONE]')))
    expect(attachments()).toEqual([attached('audio', SOUND, null)])
    expect(attachments()).toEqual([attached('audio', SOUND, null)])
  })

  test('is not taken from a damaged event, and sound that lacks a piece is left out', async () => {
    const damaged = `{"type":"image_generation.completed","b64_json":"${base64(OTHER)}" damaged}`
    const whole = { type: 'image_generation.completed', b64_json: base64(PNG) }
    expect(await attachmentsOf(streamed(IMAGES, damaged, whole))).toEqual([image(PNG, null)])
    const spoken = (data: string) => ({ choices: [{ index: 0, delta: { audio: { data } } }] })
    const cut = JSON.stringify(spoken(second)).slice(0, -8)
    expect(
      await attachmentsOf(streamed('/v1/chat/completions', spoken(first), spoken(third), '[DONE]')),
    ).toHaveLength(1)
    expect(
      await attachmentsOf(
        streamed('/v1/chat/completions', spoken(first), cut, spoken(third), '[DONE]'),
      ),
    ).toEqual([])
  })

  test('of base64 that is wrapped or damaged is the same bytes wherever it was cut', async () => {
    const damaged = fc.stringMatching(/^[A-Za-z0-9+/_=. -]{0,60}$/)
    await fc.assert(
      fc.asyncProperty(damaged, cuts, async (data, chunkBytes) => {
        const call = openai(IMAGES, { data: [{ b64_json: data }] })
        const wanted = Buffer.from(data, 'base64')
        expect(await attachmentsOf({ ...call, chunkBytes })).toEqual(
          wanted.length === 0 ? [] : [image(wanted, null)],
        )
      }),
    )
  })

  test('of a refused call is nothing', async () => {
    expect(
      await attachmentsOf({
        ...openai(IMAGES, { data: [{ b64_json: base64(PNG) }] }),
        status: 400,
      }),
    ).toEqual([])
    expect(
      await attachmentsOf({
        endpoint: SPEECH,
        answer: SOUND,
        answerType: 'audio/mpeg',
        status: 500,
      }),
    ).toEqual([])
  })
})
