import { describe, expect, test } from 'vitest'
import { answerColumns } from './evidence/answer-columns.ts'
import { priceCall, type ReasonedPrice } from './pricing/cost.ts'
import { recordedCall } from './pricing/recorded-call.ts'
import { type PlayedCall, play, SSE, sse } from './providers/fixtures/play.ts'
import type { ExchangeFacts } from './providers/reading/exchange-reader.ts'

const AT_MS = Date.UTC(2026, 10, 22, 12)
const JSON_TYPE = 'application/json'
const JSONL = 'application/octet-stream'

const chat = (model: string, usage: object, more: object = {}): PlayedCall => ({
  answer: JSON.stringify({ model, usage, choices: [{ finish_reason: 'stop' }], ...more }),
})
const response = (model: string, usage: object, more: object): PlayedCall => ({
  endpoint: '/v1/responses',
  answer: JSON.stringify({ id: 'resp_1', model, status: 'completed', usage, ...more }),
})
const message = (model: string, usage: object, more: object = {}): PlayedCall => ({
  ...{ provider: 'anthropic', endpoint: '/v1/messages' },
  answer: JSON.stringify({ model, stop_reason: 'end_turn', usage, ...more }),
})
const generated = (model: string, usageMetadata: object, candidate: object = {}): PlayedCall => ({
  ...{ provider: 'gemini', endpoint: `/v1beta/models/${model}:generateContent` },
  answer: JSON.stringify({
    modelVersion: model,
    candidates: [{ finishReason: 'STOP', ...candidate }],
    usageMetadata,
  }),
})
const embedded = (promptTokenDetails: readonly object[], promptTokenCount: number): PlayedCall => ({
  ...{ provider: 'gemini', endpoint: '/v1beta/models/gemini-embedding-2:embedContent' },
  answer: JSON.stringify({
    embedding: { values: [0.1] },
    usageMetadata: { promptTokenCount, promptTokenDetails },
  }),
})
const lines = (...bodies: readonly object[]): PlayedCall => ({
  ...{ method: 'GET', endpoint: '/v1/files/file-1/content', answerType: JSONL },
  answer: bodies
    .map((body) => JSON.stringify({ custom_id: 'a', response: { status_code: 200, body } }))
    .join('\n'),
})

/** The facts of a call and its price; a price made again from the stored row must be the same. */
async function priced(call: PlayedCall): Promise<ExchangeFacts & ReasonedPrice> {
  const facts = await play(call)
  const provider = call.provider ?? 'openai'
  // What a batch reports is billed to the call that ordered it.
  const billable = facts.billable || facts.deferred
  const price = priceCall({ ...facts, provider, billable, atMs: AT_MS })
  const stored = recordedCall({ ...answerColumns({ ...facts, billable }, price), provider })
  expect(stored === null ? { costUsd: null } : priceCall({ ...stored, atMs: AT_MS })).toMatchObject(
    stored === null ? { costUsd: null } : price,
  )
  return { ...facts, ...price }
}

const exact = (costUsd: string) => ({ costUsd, costStatus: 'exact', costReason: null })
const estimated = (costUsd: string, costReason: string) => ({
  costUsd,
  costStatus: 'estimated',
  costReason,
})

describe('an answer of Anthropic', () => {
  const attempt = (type: string, model: string, output_tokens: number) => ({
    type,
    model,
    input_tokens: 1_000,
    output_tokens,
  })

  test('that another model finished costs what each attempt wrote, at its own rates', async () => {
    const iterations = [
      attempt('message', 'claude-fable-5', 20),
      attempt('fallback_message', 'claude-opus-4-8', 10),
    ]
    const usage = { input_tokens: 1_000, output_tokens: 10, iterations }
    // 1,000 x $10 + 20 x $50, and 1,000 x $5 + 10 x $25 a million.
    expect(await priced(message('claude-opus-4-8', usage))).toMatchObject({
      ...exact('0.01625'),
      usage: { inputTokens: 2_000, outputTokens: 30 },
    })
    const declined = [
      attempt('message', 'claude-fable-5', 0),
      attempt('fallback_message', 'claude-opus-4-8', 10),
    ]
    expect(
      await priced(message('claude-opus-4-8', { ...usage, iterations: declined })),
    ).toMatchObject({
      ...exact('0.00525'),
      usage: { inputTokens: 1_000, outputTokens: 10 },
    })
  })

  test('to a client of OpenAI’s chat is counted as chat and priced by Anthropic’s book', async () => {
    const usage = { prompt_tokens: 2_245, completion_tokens: 1_345, total_tokens: 3_590 }
    const compatible: PlayedCall = {
      ...chat('claude-opus-4-8', usage),
      ...{ provider: 'anthropic', endpoint: '/v1/chat/completions' },
    }
    // 2,245 x $5 + 1,345 x $25 a million.
    expect(await priced(compatible)).toMatchObject({
      ...exact('0.04485'),
      usage: { inputTokens: 2_245, outputTokens: 1_345 },
      usageSource: 'provider',
    })
    const events = [
      { model: 'claude-opus-4-8', choices: [{ delta: { content: 'Hi' } }] },
      { model: 'claude-opus-4-8', choices: [{ delta: {}, finish_reason: 'stop' }] },
      { model: 'claude-opus-4-8', choices: [], usage },
    ]
    const streamed = { ...compatible, answerType: SSE, answer: sse(...events) }
    expect(await priced(streamed)).toMatchObject(exact('0.04485'))
  })

  test('that was refused before any output is not billed; after some, it is', async () => {
    const refused = (output_tokens: number) =>
      priced(
        message(
          'claude-opus-4-8',
          { input_tokens: 1_000, output_tokens },
          { stop_reason: 'refusal' },
        ),
      )
    expect(await refused(0)).toMatchObject({
      billable: false,
      costUsd: null,
      costStatus: null,
      finishReason: 'refusal',
    })
    expect(await refused(4)).toMatchObject({ billable: true, ...exact('0.0051') })
  })

  test('that every model refused costs what the first of them had written', async () => {
    const iterations = [
      attempt('message', 'claude-fable-5', 20),
      attempt('fallback_message', 'claude-opus-4-8', 0),
    ]
    const usage = { input_tokens: 1_000, output_tokens: 0, iterations }
    expect(
      await priced(message('claude-opus-4-8', usage, { stop_reason: 'refusal' })),
    ).toMatchObject({
      ...exact('0.011'),
      ...{ billable: true, usage: { inputTokens: 1_000, outputTokens: 20 } },
    })
  })

  test('refused within a batch is not in the sum', async () => {
    const line = (stop_reason: string, output_tokens: number) =>
      JSON.stringify({
        result: {
          message: {
            model: 'claude-opus-4-8',
            stop_reason,
            usage: { input_tokens: 1_000, output_tokens },
          },
        },
      })
    const call = {
      provider: 'anthropic',
      method: 'GET',
      endpoint: '/v1/messages/batches/b/results',
      answerType: JSONL,
    } as const
    const answer = [line('refusal', 0), line('end_turn', 10)].join('\n')
    expect(await priced({ ...call, answer })).toMatchObject({
      ...exact('0.002625'),
      usage: { inputTokens: 1_000 },
    })
  })

  test('is an estimate where an iteration is of a kind that no one knows', async () => {
    const usage = {
      input_tokens: 1_000,
      output_tokens: 10,
      iterations: [attempt('dream', 'claude-opus-4-8', 500)],
    }
    expect(await priced(message('claude-opus-4-8', usage))).toMatchObject(
      estimated('0.00525', 'unread_usage'),
    )
  })

  test('is an estimate where code ran in a container, which is billed by the hour', async () => {
    const usage = { input_tokens: 1_000, output_tokens: 10 }
    const more = { container: { id: 'container_1', expires_at: 'later' } }
    expect(await priced(message('claude-opus-4-8', usage, more))).toMatchObject(
      estimated('0.00525', 'unpriced_fee'),
    )
    const stream = sse(
      {
        type: 'message_start',
        message: { model: 'claude-opus-4-8', usage: { input_tokens: 1_000 } },
      },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', container: { id: 'container_1' } },
        usage: { output_tokens: 10 },
      },
    )
    expect(
      await priced({
        provider: 'anthropic',
        endpoint: '/v1/messages',
        answer: stream,
        answerType: SSE,
      }),
    ).toMatchObject(estimated('0.00525', 'unpriced_fee'))
  })

  test('that searched is long only if one of its prompts was', async () => {
    const usage = {
      input_tokens: 300_000,
      output_tokens: 0,
      server_tool_use: { web_search_requests: 1 },
    }
    const prompts = (...sizes: readonly number[]) => ({
      iterations: sizes.map((input_tokens) => ({
        type: 'message',
        input_tokens,
        output_tokens: 0,
      })),
    })
    const searched = (more: object) => priced(message('claude-sonnet-4-5', { ...usage, ...more }))
    // $3 a million up to 200,000 tokens, $6 over; a search is a cent.
    expect(await searched({})).toMatchObject(estimated('0.91', 'unknown_prompt_length'))
    expect(await searched(prompts(100_000, 200_000))).toMatchObject(exact('0.91'))
    expect(await searched(prompts(50_000, 250_000))).toMatchObject(
      estimated('0.91', 'unknown_prompt_length'),
    )
    expect(
      await priced(message('claude-sonnet-4-5', { input_tokens: 300_000, output_tokens: 0 })),
    ).toMatchObject(exact('1.8'))
  })

  test('on the path that is compatible with OpenAI’s is read like a chat', async () => {
    const usage = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 }
    const call = { ...chat('claude-sonnet-4-6', usage), provider: 'anthropic', text: true } as const
    const facts = await priced({
      ...call,
      request: JSON.stringify({
        model: 'claude-sonnet-4-6',
        messages: [{ role: 'user', content: 'Hi' }],
      }),
    })
    expect(facts).toMatchObject({
      ...exact('0.00045'),
      finishReason: 'stop',
      usage: { totalTokens: 110 },
      unknownEndpoint: false,
    })
    expect(facts.text?.prompt?.full).toBe('Hi')
  })
})

describe('an answer of OpenAI', () => {
  const usage = { input_tokens: 1_000, output_tokens: 10 }
  const item = (type: string, more: object = {}) => ({ type, status: 'completed', ...more })
  const search = (action: string) => item('web_search_call', { action: { type: action } })

  test('costs the searches it lists, streamed or not', async () => {
    // gpt-5-mini: $0.25 in, $2 out a million; $10 a thousand searches, $2.50 a thousand searches of
    // files.
    const output = [
      search('search'),
      search('open_page'),
      search('search'),
      item('file_search_call'),
      item('function_call'),
    ]
    const plain = response('gpt-5-mini', usage, { output })
    expect(await priced(plain)).toMatchObject({
      ...exact('0.02277'),
      billed: { webSearches: 2, fileSearches: 1 },
    })
    const events = [
      { type: 'response.created', response: { id: 'resp_1', model: 'gpt-5-mini', output: [] } },
      { type: 'response.output_item.done', item: search('search') },
      { type: 'response.completed', response: JSON.parse(String(plain.answer)) },
    ]
    expect(
      await priced({ endpoint: '/v1/responses', answer: sse(...events), answerType: SSE }),
    ).toMatchObject(exact('0.02277'))
  })

  test('costs the searches that are counted beside the usage', async () => {
    const call = response('gpt-5-mini', usage, { tool_usage: { web_search: { num_requests: 3 } } })
    expect(await priced(call)).toMatchObject(exact('0.03027'))
  })

  test('costs the tokens of the image model that a tool used', async () => {
    const image_gen = {
      ...{ input_tokens: 100, input_tokens_details: { text_tokens: 100, image_tokens: 0 } },
      ...{
        output_tokens: 1_000,
        output_tokens_details: { image_tokens: 1_000, text_tokens: 0 },
        total_tokens: 1_100,
      },
    }
    const more = {
      output: [item('image_generation_call', { result: 'iVBO' })],
      tool_usage: { image_gen },
    }
    const tools = [
      { type: 'function', name: 'f' },
      { type: 'image_generation', model: 'gpt-image-2' },
    ]
    // gpt-5.5: 1,000 x $5 + 10 x $30; gpt-image-2: 100 x $5 + 1,000 x $30 a million.
    expect(await priced(response('gpt-5.5', usage, { ...more, tools }))).toMatchObject({
      ...exact('0.0358'),
      usage: { inputTokens: 1_100, outputTokens: 1_010 },
    })
    // Without the name of the image model, or its tokens, the image is not in the cost.
    expect(await priced(response('gpt-5.5', usage, more))).toMatchObject(
      estimated('0.0053', 'unpriced_fee'),
    )
    expect(await priced(response('gpt-5.5', usage, { output: more.output, tools }))).toMatchObject(
      estimated('0.0053', 'unpriced_fee'),
    )
  })

  test.each([
    ['code ran in a container', { output: [item('code_interpreter_call')] }],
    [
      'a hosted shell ran',
      { output: [item('shell_call', { environment: { type: 'container_reference' } })] },
    ],
    ['a hosted tool ran that no one knows', { output: [item('dream_call')] }],
    [
      'the earlier search tool ran, whose fee depends on more',
      { output: [search('search')], tools: [{ type: 'web_search_preview' }] },
    ],
  ])('is an estimate where %s', async (_, more) => {
    expect(await priced(response('gpt-5-mini', usage, more))).toMatchObject({
      costStatus: 'estimated',
      costReason: 'unpriced_fee',
    })
  })

  test.each([
    [
      'tools of the caller',
      {
        output: [
          item('function_call'),
          item('custom_tool_call'),
          item('mcp_call'),
          item('local_shell_call'),
        ],
      },
    ],
    ['a shell of the caller', { output: [item('shell_call', { environment: { type: 'local' } })] }],
    [
      'offered tools that did not run',
      { output: [item('message')], tools: [{ type: 'web_search' }, { type: 'code_interpreter' }] },
    ],
    [
      'counts of tools that are zero',
      {
        tool_usage: {
          image_gen: { input_tokens: 0, output_tokens: 0 },
          web_search: { num_requests: 0 },
        },
      },
    ],
  ])('is exact with %s', async (_, more) => {
    expect(await priced(response('gpt-5-mini', usage, more))).toMatchObject(exact('0.00027'))
  })

  test('of a model that searches with every call is an estimate: no answer reports the fee', async () => {
    expect(
      await priced(chat('gpt-4o-search-preview', { prompt_tokens: 1, completion_tokens: 1 })),
    ).toMatchObject({
      ...{ costStatus: 'estimated', costReason: 'unpriced_fee' },
    })
  })

  test('that is a run is an estimate where it may have used hosted tools', async () => {
    const run = (tools: readonly object[]) =>
      priced({
        ...{ endpoint: '/v1/threads/runs', answerType: SSE },
        answer: sse({
          object: 'thread.run',
          id: 'run_1',
          model: 'gpt-4o-mini',
          tools,
          usage: { prompt_tokens: 100, completion_tokens: 1 },
        }),
      })
    expect(await run([{ type: 'file_search' }, { type: 'function' }])).toMatchObject(
      estimated('0.0000156', 'unpriced_fee'),
    )
    expect(await run([{ type: 'function' }])).toMatchObject(exact('0.0000156'))
  })

  test('with sound is an estimate where the model’s row has no rate for sound', async () => {
    const heard = (model: string) => {
      const details = {
        prompt_tokens_details: { audio_tokens: 60 },
        completion_tokens_details: { audio_tokens: 5 },
      }
      return priced(chat(model, { prompt_tokens: 100, completion_tokens: 10, ...details }))
    }
    expect(await heard('gpt-4o-mini-audio-preview')).toMatchObject(
      estimated('0.000021', 'missing_rate'),
    )
    expect(await heard('gpt-audio-mini')).toMatchObject(exact('0.000736'))
  })

  test('of a fine-tuned model is an estimate once some of its input was cached', async () => {
    const tuned = (cached_tokens: number) =>
      priced(
        chat('ft:gpt-4o-mini-2024-07-18:acme::B1cD', {
          prompt_tokens: 100,
          completion_tokens: 1,
          prompt_tokens_details: { cached_tokens },
        }),
      )
    expect(await tuned(0)).toMatchObject(exact('0.0000312'))
    expect(await tuned(50)).toMatchObject(estimated('0.0000312', 'missing_rate'))
  })

  test('is an estimate where its usage counts something new, and exact where the new count is zero or text', async () => {
    const counted = (more: object) =>
      priced(chat('gpt-4o-mini', { prompt_tokens: 100, completion_tokens: 1, ...more }))
    expect(await counted({ dream_tokens: 7 })).toMatchObject({
      ...estimated('0.0000156', 'unread_usage'),
      unknownUsage: ['dream_tokens'],
    })
    expect(await counted({ prompt_tokens_details: { smell_tokens: 1 } })).toMatchObject(
      estimated('0.0000156', 'unread_usage'),
    )
    expect(await counted({ dream_tokens: 0 })).toMatchObject({
      ...exact('0.0000156'),
      unknownUsage: ['dream_tokens'],
    })
    expect(await counted({ mood: 'good', nested: { also: 'text' } })).toMatchObject(
      exact('0.0000156'),
    )
  })

  test.each([-5, 0.5, '50', 1e300])(
    'is an estimate where a count is %s, which is none',
    async (cached_tokens) => {
      const usage = {
        prompt_tokens: 100,
        completion_tokens: 1,
        prompt_tokens_details: { cached_tokens },
      }
      expect(await priced(chat('gpt-4o-mini', usage))).toMatchObject(
        estimated('0.0000156', 'unread_usage'),
      )
    },
  )

  test('is long from the first token over 272,000', async () => {
    // gpt-5.5: $5 a million, $10 when long.
    const long = (input_tokens: number) =>
      priced(response('gpt-5.5', { input_tokens, output_tokens: 0 }, {}))
    expect(await long(272_000)).toMatchObject(exact('1.36'))
    expect(await long(272_001)).toMatchObject(exact('2.72001'))
  })

  test('of a batch is priced call by call, not as one long call', async () => {
    const line = (prompt_tokens: number, model = 'gpt-5.5') => ({
      model,
      usage: { prompt_tokens, completion_tokens: 0 },
    })
    // Half of $5 a million; of $10 where every call was long.
    expect(await priced(lines(line(200_000), line(200_000)))).toMatchObject(exact('1'))
    expect(await priced(lines(line(300_000), line(300_000)))).toMatchObject(exact('3'))
    expect(await priced(lines(line(200_000), line(300_000)))).toMatchObject(
      estimated('1.25', 'unknown_prompt_length'),
    )
    expect(
      await priced(lines(line(200_000), line(200_000), line(200_000, 'gpt-5.4'))),
    ).toMatchObject(exact('1.25'))
    // The batch itself reports the sum alone.
    const batch = (input_tokens: number) => ({
      ...{ method: 'GET', endpoint: '/v1/batches/batch_1' },
      answer: JSON.stringify({
        id: 'batch_1',
        model: 'gpt-5.5',
        status: 'completed',
        usage: { input_tokens, output_tokens: 0 },
      }),
    })
    expect(await priced(batch(200_000))).toMatchObject(exact('0.5'))
    expect(await priced(batch(400_000))).toMatchObject(estimated('1', 'unknown_prompt_length'))
  })

  test('of a batch of several models keeps what each of them was counted for', async () => {
    const image = {
      input_tokens: 100,
      output_tokens: 1_000,
      input_tokens_details: { image_tokens: 50 },
    }
    const both = await priced(
      lines(
        { model: 'gpt-4o-mini', usage: { prompt_tokens: 100, completion_tokens: 1 } },
        { model: 'gpt-image-2', usage: image },
      ),
    )
    // Half of 100 x $0.15 + 1 x $0.60, and of 50 x $5 + 50 x $8 + 1,000 x $30 a million.
    expect(both).toMatchObject(exact('0.0153328'))
  })
})

describe('an answer of Gemini', () => {
  test('that is an embedding costs what each modality costs', async () => {
    const detail = (modality: string, tokenCount: number) => ({ modality, tokenCount })
    // gemini-embedding-2: text $0.20, image $0.45, video $12 a million.
    expect(await priced(embedded([detail('TEXT', 10), detail('IMAGE', 100)], 110))).toMatchObject(
      exact('0.000047'),
    )
    expect(await priced(embedded([detail('VIDEO', 100)], 100))).toMatchObject(exact('0.0012'))
    expect(await priced(embedded([detail('SMELL', 100)], 100))).toMatchObject(
      estimated('0.00002', 'unread_usage'),
    )
  })

  test('that was grounded costs its different queries, and may be within the free allowance', async () => {
    const usage = { promptTokenCount: 100, candidatesTokenCount: 10, totalTokenCount: 110 }
    const groundingMetadata = { webSearchQueries: ['tide', 'tide table', 'tide', ''] }
    // Gemini 3: $14 a thousand queries; earlier ones: $35 a thousand grounded prompts.
    expect(
      await priced(generated('gemini-3-flash-preview', usage, { groundingMetadata })),
    ).toMatchObject(estimated('0.02808', 'fee_allowance'))
    expect(await priced(generated('gemini-2.5-flash', usage, { groundingMetadata }))).toMatchObject(
      estimated('0.035055', 'fee_allowance'),
    )
    const maps = { groundingChunks: [{ maps: { placeId: 'place_1' } }] }
    expect(
      await priced(generated('gemini-2.5-flash', usage, { groundingMetadata: maps })),
    ).toMatchObject(estimated('0.000055', 'unpriced_fee'))
    expect(
      await priced(generated('gemini-2.5-flash', usage, { groundingMetadata: {} })),
    ).toMatchObject(exact('0.000055'))
  })

  test('that grounded an interaction costs what its tools counted', async () => {
    const counted = (grounding_tool_count: readonly object[]) =>
      priced({
        ...{ provider: 'gemini', endpoint: '/v1beta/interactions' },
        answer: JSON.stringify({
          ...{ id: 'i', model: 'gemini-3-flash-preview', status: 'completed' },
          usage: { total_input_tokens: 100, total_output_tokens: 10, grounding_tool_count },
        }),
      })
    expect(await counted([{ type: 'google_search', count: 2 }])).toMatchObject(
      estimated('0.02808', 'fee_allowance'),
    )
    expect(await counted([{ type: 'google_maps', count: 1 }])).toMatchObject(
      estimated('0.00008', 'unpriced_fee'),
    )
    expect(await counted([{ type: 'google_search', count: 0 }])).toMatchObject(exact('0.00008'))
  })

  test('had no output where the prompt alone is the total, since proto3 leaves zeros out', async () => {
    const empty = { promptTokenCount: 1_000, totalTokenCount: 1_000 }
    expect(await priced(generated('gemini-3-flash-preview', empty))).toMatchObject({
      ...exact('0.0005'),
      usage: { outputTokens: 0, totalTokens: 1_000 },
    })
    // A stream that was cut had only its prompt counted so far.
    const cut = {
      ...generated('gemini-3-flash-preview', {}),
      endpoint: '/v1beta/models/gemini-3-flash-preview:streamGenerateContent',
    }
    const answer = sse({ usageMetadata: empty })
    expect(await priced({ ...cut, answer, answerType: SSE, aborted: true })).toMatchObject({
      ...{ usageSource: 'partial', usage: { outputTokens: null }, costStatus: 'unpriced' },
    })
  })

  test('keeps the cached part of a stream that only an early chunk reported', async () => {
    const first = { promptTokenCount: 1_000, totalTokenCount: 1_000, cachedContentTokenCount: 900 }
    const last = { promptTokenCount: 1_000, candidatesTokenCount: 10, totalTokenCount: 1_010 }
    const answer = sse(
      { usageMetadata: first },
      { usageMetadata: last, candidates: [{ finishReason: 'STOP' }] },
    )
    const endpoint = '/v1beta/models/gemini-2.5-flash:streamGenerateContent'
    // 100 x $0.30 + 900 x $0.03 + 10 x $2.50 a million.
    expect(await priced({ provider: 'gemini', endpoint, answer, answerType: SSE })).toMatchObject({
      ...exact('0.000082'),
      usage: { cachedInputTokens: 900 },
    })
  })

  test('that read pictures, pages or sound is exact where the source lists one rate for them', async () => {
    const read = (model: string, modality: string) => {
      const details = [{ modality, tokenCount: 90 }]
      return priced(
        generated(model, {
          promptTokenCount: 100,
          candidatesTokenCount: 1,
          totalTokenCount: 101,
          promptTokensDetails: details,
        }),
      )
    }
    for (const modality of ['IMAGE', 'VIDEO', 'DOCUMENT'])
      expect(await read('gemini-2.5-flash', modality)).toMatchObject(exact('0.0000325'))
    expect(await read('gemini-2.5-pro', 'AUDIO')).toMatchObject(exact('0.000135'))
    expect(await read('gemini-2.5-flash-preview-tts', 'AUDIO')).toMatchObject({
      costReason: 'missing_rate',
    })
  })

  test('whose tools brought more than the prompt is long only if the prompt was', async () => {
    const used = (promptTokenCount: number) =>
      priced(
        generated('gemini-2.5-pro', {
          ...{ promptTokenCount, toolUsePromptTokenCount: 150_000, candidatesTokenCount: 1 },
          totalTokenCount: promptTokenCount + 150_001,
        }),
      )
    expect(await used(100_000)).toMatchObject({
      costStatus: 'estimated',
      costReason: 'unknown_prompt_length',
    })
    expect(await used(200_001)).toMatchObject({ costStatus: 'exact' })
  })

  test('in a batch is priced call by call, its searches included', async () => {
    const body = (promptTokenCount: number, groundingMetadata: object) => ({
      response: {
        ...{ modelVersion: 'gemini-3.1-pro-preview', candidates: [{ groundingMetadata }] },
        usageMetadata: {
          promptTokenCount,
          candidatesTokenCount: 1,
          totalTokenCount: promptTokenCount + 1,
        },
      },
    })
    const inlinedResponses = [body(150_000, {}), body(150_000, { webSearchQueries: ['tide'] })]
    const operation = {
      name: 'batches/b',
      metadata: { state: 'BATCH_STATE_SUCCEEDED' },
      response: { inlinedResponses: { inlinedResponses } },
    }
    // Half of 300,000 x $2 + 2 x $12 a million; a query at $0.014.
    expect(
      await priced({
        provider: 'gemini',
        method: 'GET',
        endpoint: '/v1beta/batches/b',
        answer: JSON.stringify(operation),
      }),
    ).toMatchObject(estimated('0.314012', 'fee_allowance'))
  })
})

describe('a model that the price book does not have', () => {
  test('is priced as the one whose name its name begins with, and said to be an estimate', async () => {
    const usage = { input_tokens: 1_000, output_tokens: 10 }
    expect(await priced(message('claude-sonnet-5-5', usage))).toMatchObject(
      estimated('0.0021', 'similar_model'),
    )
    expect(await priced(message('claude-sonnet-5', usage))).toMatchObject(exact('0.0021'))
    const spoken = { promptTokenCount: 100, candidatesTokenCount: 10, totalTokenCount: 110 }
    expect(await priced(generated('gemini-3.8-flash-tts', spoken))).toMatchObject({
      costReason: 'similar_model',
    })
    expect(await priced(generated('gemini-3.8-flash', spoken))).toMatchObject({
      costStatus: 'exact',
    })
  })
})

describe('an error in an answer that began with a 200', () => {
  const error = { message: 'secret', type: 'server_error', code: 'engine_dead' }
  const GENERATE = '/v1beta/models/gemini-2.5-flash:generateContent'

  test.each<readonly [string, PlayedCall, string]>([
    ['a chat', { answer: JSON.stringify({ error }) }, 'server_error'],
    [
      'a response',
      { endpoint: '/v1/responses', answer: JSON.stringify({ error }) },
      'server_error',
    ],
    [
      'an embedding',
      { endpoint: '/v1/embeddings', answer: JSON.stringify({ error: { code: 503 } }) },
      '503',
    ],
    [
      'a message',
      {
        provider: 'anthropic',
        endpoint: '/v1/messages',
        answer: JSON.stringify({ type: 'error', error }),
      },
      'server_error',
    ],
    [
      'Gemini',
      {
        provider: 'gemini',
        endpoint: GENERATE,
        answer: JSON.stringify({ error: { status: 'INTERNAL' } }),
      },
      'INTERNAL',
    ],
    [
      'an endpoint no one knows',
      { endpoint: '/v1/new', answer: JSON.stringify({ error }) },
      'server_error',
    ],
    ['a host that writes only a message', { answer: JSON.stringify({ error: 'secret' }) }, 'error'],
    [
      'a host that labels it as a stream',
      { answer: JSON.stringify({ error }), answerType: SSE },
      'server_error',
    ],
  ])('of %s is named, and nothing of it is billed', async (_, call, streamError) => {
    const facts = await priced(call)
    expect(facts).toMatchObject({
      streamError,
      billable: false,
      usageSource: 'none',
      costUsd: null,
      stream: false,
      unreadable: null,
    })
    expect(JSON.stringify(facts)).not.toContain('secret')
    expect(facts.uncounted).toBeNull()
  })

  test('is none where the member is null, or has nothing but nulls', async () => {
    for (const none of [null, {}, { code: null, message: null }])
      expect(
        await priced(
          chat('gpt-4o-mini', { prompt_tokens: 1, completion_tokens: 1 }, { error: none }),
        ),
      ).toMatchObject({
        ...{ streamError: null, billable: true, costStatus: 'exact' },
      })
  })
})

test('a body whose label is wrong is read by how it begins, or said to be unreadable', async () => {
  const usage = { prompt_tokens: 100, completion_tokens: 1 }
  const stream = sse(
    { model: 'gpt-4o-mini', choices: [{ finish_reason: 'stop' }] },
    { choices: [], usage },
    '[DONE]',
  )
  expect(await priced({ answer: stream, answerType: JSON_TYPE })).toMatchObject({
    ...exact('0.0000156'),
    stream: true,
  })
  expect(await priced({ ...chat('gpt-4o-mini', usage), answerType: SSE })).toMatchObject({
    ...exact('0.0000156'),
    stream: false,
  })
  for (const answer of ['<html>Bad gateway</html>', 'internal error', 'error: no engine\n\n'])
    for (const answerType of [SSE, JSON_TYPE])
      expect(await priced({ answer, answerType })).toMatchObject({
        unreadable: 'unreadable_body',
        usageSource: 'none',
      })
  expect(await priced({ answer: ': keep-alive\n\n', answerType: SSE })).toMatchObject({
    unreadable: null,
  })
})
