import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { play, SSE, sse } from './fixtures/play.ts'

const form = (parts: readonly string[]) =>
  `${parts.map((part) => `--cut\r\n${part}\r\n`).join('')}--cut--\r\n`
const field = (name: string, value: string) =>
  `Content-Disposition: form-data; name="${name}"\r\n\r\n${value}`
const file = (bytes: string) =>
  `Content-Disposition: form-data; name="file"; filename="a.wav"\r\nContent-Type: audio/wav\r\n\r\n${bytes}`
const requestType = 'multipart/form-data; boundary=cut'

describe('OpenAI', () => {
  test('embeddings have input only, however the vectors are written', async () => {
    const answer =
      '{"data":[{"embedding":"AAAA"},{"embedding":[0.1,-2e-3]}],"model":"text-embedding-3-small","usage":{"prompt_tokens":4,"total_tokens":4}}'
    expect(await play({ endpoint: '/v1/embeddings', answer })).toMatchObject({
      model: 'text-embedding-3-small',
      usage: { inputTokens: 4, outputTokens: 0, totalTokens: 4 },
      billable: true,
    })
  })

  test('images tell usage in the answer, or with the event that completes them', async () => {
    const usage = {
      input_tokens: 30,
      input_tokens_details: { text_tokens: 10, image_tokens: 20 },
      output_tokens: 400,
      total_tokens: 430,
    }
    const request = {
      endpoint: '/v1/images/edits',
      request: form([field('model', 'gpt-image-1'), file('x')]),
      requestType,
    }
    const seen = {
      model: 'gpt-image-1',
      usage: { inputTokens: 30, outputTokens: 400 },
      billed: { imageInputTokens: 20, imageOutputTokens: 400 },
    }
    expect(
      await play({ ...request, answer: JSON.stringify({ data: [{ b64_json: 'AAAA' }], usage }) }),
    ).toMatchObject(seen)
    const events = sse(
      { type: 'image_edit.partial_image', b64_json: 'AA' },
      { type: 'image_edit.completed', b64_json: 'AAAA', usage },
    )
    expect(await play({ ...request, answer: events, answerType: SSE })).toMatchObject({
      ...seen,
      stream: true,
    })
  })

  test('transcriptions tell tokens or seconds, and nothing as subtitles', async () => {
    const request = {
      endpoint: '/v1/audio/transcriptions',
      request: form([file('RIFF\r\n--cu\r\n\0'), field('model', 'whisper-1')]),
      requestType,
    }
    const seconds = { text: 'hi', usage: { type: 'duration', seconds: 37.5 } }
    expect(await play({ ...request, answer: JSON.stringify(seconds) })).toMatchObject({
      model: 'whisper-1',
      usageSource: 'provider',
      billed: { audioSeconds: 37.5 },
      usage: { inputTokens: null },
    })
    const usage = {
      type: 'tokens',
      input_tokens: 26,
      input_token_details: { text_tokens: 5, audio_tokens: 21 },
      output_tokens: 4,
      total_tokens: 30,
    }
    const events = sse(
      { type: 'transcript.text.delta', delta: 'h' },
      { type: 'transcript.text.done', text: 'hi', usage },
    )
    expect(await play({ ...request, answer: events, answerType: SSE })).toMatchObject({
      stream: true,
      usage: { inputTokens: 26, outputTokens: 4, audioInputTokens: 21 },
    })
    expect(
      await play({ ...request, answer: '1\n00:00 hi', answerType: 'text/plain' }),
    ).toMatchObject({
      usageSource: 'none',
      unreadable: null,
    })
  })

  test('speech is sound without numbers, or events with them', async () => {
    const call = {
      endpoint: '/v1/audio/speech',
      request: '{"model":"gpt-4o-mini-tts","input":"hi"}',
    }
    expect(await play({ ...call, answer: 'ID3', answerType: 'audio/mpeg' })).toMatchObject({
      model: 'gpt-4o-mini-tts',
      usageSource: 'none',
    })
    const done = sse({
      type: 'speech.audio.done',
      usage: { input_tokens: 14, output_tokens: 101, total_tokens: 115 },
    })
    expect(await play({ ...call, answer: done, answerType: SSE })).toMatchObject({
      usage: { totalTokens: 115 },
      billable: true,
    })
  })

  test('runs are read by the run alone, and billed where somebody waits for it', async () => {
    const run = (status: string, usage: object | null) => ({
      id: 'run_1',
      object: 'thread.run',
      model: 'gpt-4o-mini',
      status,
      usage,
    })
    const usage = {
      prompt_tokens: 381,
      completion_tokens: 89,
      prompt_token_details: { cached_tokens: 7 },
    }
    const step = { object: 'thread.run.step', usage: { prompt_tokens: 1, completion_tokens: 1 } }
    const call = {
      endpoint: '/v1/threads/t_1/runs',
      answer: sse(run('queued', null), step, run('completed', usage), step),
      answerType: SSE,
    }
    expect(await play(call)).toMatchObject({
      model: 'gpt-4o-mini',
      responseId: 'run_1',
      finishReason: 'completed',
      usage: { inputTokens: 381, outputTokens: 89, cachedInputTokens: 7 },
      billable: true,
    })
    expect(
      await play({
        ...call,
        answer: JSON.stringify(run('queued', null)),
        answerType: 'application/json',
      }),
    ).toMatchObject({
      billable: false,
    })
    const poll = {
      endpoint: '/v1/threads/t_1/runs/run_1',
      method: 'GET',
      answer: JSON.stringify(run('completed', usage)),
    }
    expect(await play(poll)).toMatchObject({ usage: { inputTokens: 381 }, billable: false })
  })

  test('compaction is billed, counting and cancelling are not', async () => {
    const usage = { input_tokens: 139, output_tokens: 438, total_tokens: 577 }
    const compact = {
      endpoint: '/v1/responses/compact',
      request: '{"model":"gpt-5"}',
      answer: JSON.stringify({ object: 'response.compaction', usage }),
    }
    expect(await play(compact)).toMatchObject({
      model: 'gpt-5',
      billable: true,
      usage: { totalTokens: 577 },
    })
    const count = {
      endpoint: '/v1/responses/input_tokens',
      request: '{"model":"gpt-5"}',
      answer: '{"input_tokens":11}',
    }
    expect(await play(count)).toMatchObject({
      model: 'gpt-5',
      billable: false,
      usageSource: 'none',
    })
    expect(
      await play({ endpoint: '/v1/responses/r/cancel', answer: '{"model":"gpt-5"}' }),
    ).toMatchObject({
      billable: false,
      unknownEndpoint: false,
    })
  })

  test('batches and their results hold usage that is not theirs to bill', async () => {
    const usage = {
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 3 },
      output_tokens: 5,
      total_tokens: 15,
    }
    const batch = JSON.stringify({
      id: 'batch_1',
      object: 'batch',
      status: 'completed',
      model: 'gpt-5',
      usage,
    })
    expect(
      await play({ endpoint: '/v1/batches/batch_1', method: 'GET', answer: batch }),
    ).toMatchObject({
      responseId: 'batch_1',
      usage: { cachedInputTokens: 3, totalTokens: 15 },
      billable: false,
    })
    const line = (model: string) =>
      JSON.stringify({
        custom_id: 'a',
        response: {
          status_code: 200,
          body: { model, usage: { prompt_tokens: 2, completion_tokens: 1 } },
        },
      })
    const results = `${line('gpt-5')}\n${line('gpt-5')}\r\n{"error":{"code":"x"}}\n${line('gpt-4o')}`
    for (const chunkBytes of [null, 1, 7]) {
      const call = {
        endpoint: '/v1/files/f/content',
        method: 'GET',
        answer: results,
        answerType: 'application/octet-stream',
        chunkBytes,
      }
      expect(await play(call)).toMatchObject({
        model: null,
        usage: { inputTokens: 6, outputTokens: 3 },
        billable: false,
      })
    }
    const other = {
      endpoint: '/v1/files/f/content',
      method: 'GET',
      answer: 'PNG\n{"x":',
      answerType: 'application/octet-stream',
    }
    expect(await play(other)).toMatchObject({ usageSource: 'none', unreadable: null })
  })
})

describe('Anthropic', () => {
  test('counts and batches are free, and results add up', async () => {
    const count = {
      provider: 'anthropic',
      endpoint: '/v1/messages/count_tokens',
      request: '{"model":"claude-sonnet-5"}',
      answer: '{"input_tokens":9}',
    } as const
    expect(await play(count)).toMatchObject({
      billable: false,
      usageSource: 'none',
      model: 'claude-sonnet-5',
    })
    const usage = { input_tokens: 5, cache_read_input_tokens: 2, output_tokens: 3 }
    const line = JSON.stringify({
      custom_id: 'a',
      result: { type: 'succeeded', message: { model: 'claude-sonnet-5', usage } },
    })
    const results = {
      endpoint: '/v1/messages/batches/b/results',
      method: 'GET',
      answerType: 'application/x-jsonl',
      answer: `${line}\n${line}\n`,
    }
    expect(await play({ provider: 'anthropic', ...results })).toMatchObject({
      model: 'claude-sonnet-5',
      usage: { inputTokens: 14, cachedInputTokens: 4, outputTokens: 6 },
      billable: false,
    })
  })
})

describe('Gemini', () => {
  const gemini = { provider: 'gemini' } as const

  test('embeddings have input only, where they tell it', async () => {
    const call = { ...gemini, endpoint: '/v1beta/models/gemini-embedding-001:batchEmbedContents' }
    expect(await play({ ...call, answer: '{"embeddings":[{"values":[1]}]}' })).toMatchObject({
      model: 'gemini-embedding-001',
      usageSource: 'none',
    })
    const reported = await play({
      ...call,
      answer: '{"embeddings":[],"usageMetadata":{"promptTokenCount":5}}',
    })
    expect(reported).toMatchObject({
      usage: { inputTokens: 5, outputTokens: 0, totalTokens: 5 },
      billable: true,
    })
  })

  test('interactions count as generateContent does, whole or in events', async () => {
    const usage = {
      total_input_tokens: 22,
      total_cached_tokens: 4,
      total_output_tokens: 590,
      total_tool_use_tokens: 198,
      total_thought_tokens: 1_173,
      total_tokens: 1_983,
    }
    const interaction = {
      id: 'v1_x',
      status: 'completed',
      model: 'gemini-2.5-flash',
      usage,
      service_tier: 'standard',
    }
    const seen = {
      model: 'gemini-2.5-flash',
      responseId: 'v1_x',
      finishReason: 'completed',
      serviceTier: 'standard',
      usage: {
        inputTokens: 220,
        outputTokens: 1_763,
        totalTokens: 1_983,
        cachedInputTokens: 4,
        reasoningTokens: 1_173,
      },
    }
    const call = { ...gemini, endpoint: '/v1beta/interactions' }
    expect(await play({ ...call, answer: JSON.stringify(interaction) })).toMatchObject({
      ...seen,
      billable: true,
    })
    for (const completed of ['interaction.completed', 'interaction.complete']) {
      const created = {
        interaction: { id: 'v1_x', status: 'in_progress', model: 'gemini-2.5-flash' },
        event_type: 'interaction.created',
      }
      const answer = sse(
        created,
        { event_type: 'step.delta', index: 0, delta: {} },
        { interaction, event_type: completed },
        '[DONE]',
      )
      expect(await play({ ...call, answer, answerType: SSE })).toMatchObject({
        ...seen,
        stream: true,
        billable: true,
      })
    }
    expect(
      await play({
        ...gemini,
        endpoint: '/v1beta/interactions/v1_x',
        method: 'GET',
        answer: JSON.stringify(interaction),
      }),
    ).toMatchObject({
      ...seen,
      billable: false,
    })
  })

  test.each([
    ['/v1beta/models/gemini-2.5-flash:countTokens', 'gemini-2.5-flash', false],
    ['/v1beta/models/gemini-2.5-flash:batchGenerateContent', 'gemini-2.5-flash', false],
    ['/v1beta/models/imagen-4.0-generate-001:predict', 'imagen-4.0-generate-001', true],
    ['/v1beta/models/veo-3.0-generate-001:predictLongRunning', 'veo-3.0-generate-001', true],
  ])('%s has its model in the path', async (endpoint, model, billable) => {
    expect(await play({ ...gemini, endpoint, answer: '{"totalTokens":11}' })).toMatchObject({
      model,
      billable,
      usageSource: 'none',
      unknownEndpoint: false,
    })
  })

  test('content put into the cache reports its size, and its price is not known', async () => {
    const answer = JSON.stringify({
      name: 'cachedContents/x',
      model: 'models/gemini-2.5-flash',
      usageMetadata: { totalTokenCount: 9_000 },
    })
    const facts = await play({ ...gemini, endpoint: '/v1beta/cachedContents', answer })
    expect(facts).toMatchObject({
      model: 'gemini-2.5-flash',
      usage: { inputTokens: 9_000 },
      billed: { terms: ['cache_storage'] },
    })
  })

  test('compatible embeddings are Gemini’s', async () => {
    const answer =
      '{"model":"models/gemini-embedding-001","usage":{"prompt_tokens":3,"total_tokens":3}}'
    expect(await play({ ...gemini, endpoint: '/v1beta/openai/embeddings', answer })).toMatchObject({
      model: 'gemini-embedding-001',
      usage: { inputTokens: 3, outputTokens: 0 },
    })
  })
})

test.each([
  ['openai', '/v1/videos/edits', true],
  ['openai', '/v1/videos/video_1/remix', true],
  ['openai', '/v1/videos/characters', false],
  ['openai', '/v1/fine_tuning/jobs', false],
  ['anthropic', '/v1/sessions/sesn_1', false],
  ['anthropic', '/v1/deployments/depl_1/run', false],
  ['anthropic', '/v1/dreams', false],
  ['gemini', '/v1beta/models/gemini-2.5-flash:computeTokens', false],
  ['gemini', '/v1beta/triggers/t_1/executions', false],
  ['gemini', '/v1beta/webhooks/w_1:ping', false],
] as const)(
  '%s %s is known, reports no usage of its own, and is on the bill: %s',
  async (provider, endpoint, billable) => {
    const answer = JSON.stringify({
      id: 'x',
      model: 'm',
      usage: { input_tokens: 9, output_tokens: 9 },
    })
    expect(await play({ provider, endpoint, answer })).toMatchObject({
      unknownEndpoint: false,
      usageSource: 'none',
      billable,
    })
  },
)

test('a form gives its model wherever it is cut, whatever file it holds', async () => {
  const text = fc.string({
    unit: fc.constantFrom('\r', '\n', '-', 'c', 'u', 't', 'x', '"', ':'),
    maxLength: 60,
  })
  await fc.assert(
    fc.asyncProperty(text, text, fc.nat(40), fc.boolean(), async (before, after, size, last) => {
      // A file that holds the boundary itself would be another form.
      fc.pre(![before, after].some((bytes) => `\r\n${bytes}\r\n`.includes('\r\n--cut')))
      const model = field('model', 'gpt-4o-transcribe')
      const parts = last
        ? [file(before), field('prompt', after), model, field('stream', 'true')]
        : [model, field('stream', 'true'), file(before)]
      const call = {
        endpoint: '/v1/audio/transcriptions',
        request: form(parts),
        requestType,
        chunkBytes: size + 1,
        answer: '{}',
      }
      expect((await play(call)).requestModel).toBe('gpt-4o-transcribe')
    }),
  )
})
