import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { play } from './fixtures/play.ts'

const JSONL = 'application/octet-stream'
const gemini = { provider: 'gemini', method: 'GET' } as const
const answered = (usageMetadata: object, more: object = {}) => ({
  response: {
    candidates: [{ content: { parts: [{ text: 'x' }] } }],
    modelVersion: 'gemini-2.5-flash',
    usageMetadata,
    ...more,
  },
  metadata: { key: 'a' },
})
const USAGE = {
  promptTokenCount: 10,
  candidatesTokenCount: 3,
  thoughtsTokenCount: 2,
  totalTokenCount: 15,
}

describe('a Gemini batch', () => {
  const lines = [
    answered(USAGE),
    { error: { code: 3 }, metadata: {} },
    answered({ ...USAGE, cachedContentTokenCount: 4 }),
  ]
  const inlined = { inlinedResponses: { inlinedResponses: lines } }
  const operation = (more: object) => ({
    name: 'batches/b1',
    metadata: {
      '@type': 'x',
      model: 'models/gemini-2.5-flash',
      state: 'BATCH_STATE_SUCCEEDED',
      name: 'batches/b1',
    },
    ...more,
  })
  const asked = (answer: unknown) =>
    play({ ...gemini, endpoint: '/v1beta/batches/b1', answer: JSON.stringify(answer) })
  const sum = {
    ...{
      responseId: 'batches/b1',
      model: 'gemini-2.5-flash',
      finishReason: 'BATCH_STATE_SUCCEEDED',
      serviceTier: 'batch',
    },
    ...{ usageSource: 'provider', deferred: true, billable: false, unknownEndpoint: false },
    usage: {
      inputTokens: 20,
      outputTokens: 10,
      totalTokens: 30,
      cachedInputTokens: 4,
      reasoningTokens: 4,
    },
  }

  test('adds up its answers once, wherever the operation holds them', async () => {
    const { metadata } = operation({})
    expect(await asked(operation({ done: true, response: inlined }))).toMatchObject(sum)
    expect(
      await asked(operation({ done: true, metadata: { ...metadata, output: inlined } })),
    ).toMatchObject(sum)
    expect(
      await asked(
        operation({ done: true, response: inlined, metadata: { ...metadata, output: inlined } }),
      ),
    ).toMatchObject(sum)
    const sdk = {
      name: 'batches/b1',
      model: 'models/gemini-2.5-flash',
      state: 'JOB_STATE_SUCCEEDED',
      dest: { inlinedResponses: lines },
    }
    expect(await asked(sdk)).toMatchObject({ ...sum, finishReason: 'JOB_STATE_SUCCEEDED' })
  })

  test('gives the same however its bytes are cut', async () => {
    const answer = JSON.stringify(operation({ done: true, response: inlined }))
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }),
        async (chunkBytes) => {
          expect(
            await play({ ...gemini, endpoint: '/v1beta/batches/b1', answer, chunkBytes }),
          ).toMatchObject(sum)
        },
      ),
    )
  })

  test('is named by its order, whose model is in the path', async () => {
    const endpoint = '/v1beta/models/gemini-2.5-flash:batchGenerateContent'
    const answer = JSON.stringify({
      name: 'batches/b1',
      metadata: { state: 'BATCH_STATE_PENDING', model: 'models/gemini-2.5-flash' },
    })
    expect(await play({ provider: 'gemini', endpoint, answer })).toMatchObject({
      ...{
        responseId: 'batches/b1',
        requestModel: 'gemini-2.5-flash',
        usageSource: 'none',
        deferred: false,
        billable: false,
      },
    })
  })

  test('with several models is priced part by part, and embeddings have input only', async () => {
    const two = {
      inlinedResponses: {
        inlinedResponses: [answered(USAGE), answered(USAGE, { modelVersion: 'gemini-2.5-pro' })],
      },
    }
    const { billed, model } = await asked(operation({ response: two }))
    expect(model).toBeNull()
    expect(billed.parts.map((part) => [part.model, part.usage.inputTokens])).toEqual([
      ['gemini-2.5-flash', 10],
      ['gemini-2.5-pro', 10],
    ])
    const embedded = { response: { embedding: { values: [0.1] }, tokenCount: '7' } }
    const output = { inlinedResponses: { inlinedResponses: [embedded, embedded] } }
    expect(await asked(operation({ response: output }))).toMatchObject({
      usage: { inputTokens: 14, outputTokens: 0 },
    })
  })

  test('with its answers in a file names it, and the file has the sum', async () => {
    const named = await asked(operation({ response: { responsesFile: 'files/batch-b1' } }))
    expect(named).toMatchObject({
      resultFile: 'files/batch-b1',
      usageSource: 'none',
      deferred: false,
    })
    const answer = lines.map((line) => JSON.stringify({ key: 'a', ...line })).join('\n')
    for (const endpoint of [
      '/v1beta/files/batch-b1:download',
      '/download/v1beta/files/batch-b1:download',
    ])
      expect(await play({ ...gemini, endpoint, answer, answerType: JSONL })).toMatchObject({
        ...{
          responseId: 'files/batch-b1',
          deferred: true,
          billable: false,
          usage: { inputTokens: 20, outputTokens: 10 },
        },
      })
  })
})

describe('the results of a batch', () => {
  const line = (body: object) =>
    JSON.stringify({ custom_id: 'a', response: { status_code: 200, body } })
  const results = [1, 2]
    .map(() => line({ model: 'gpt-5', usage: { prompt_tokens: 2, completion_tokens: 1 } }))
    .join('\n')
  const file = {
    endpoint: '/v1/files/file-1/content',
    method: 'GET',
    answer: results,
    answerType: JSONL,
  } as const

  test('of OpenAI are known by their file, which the batch names', async () => {
    expect(await play(file)).toMatchObject({
      responseId: 'file-1',
      deferred: true,
      usage: { inputTokens: 4, outputTokens: 2 },
    })
    const newer = line({ usage: { prompt_tokens: 2, completion_tokens: 1, dreams: 1 } })
    expect((await play({ ...file, answer: `${newer}\n${newer}` })).unknownUsage).toEqual(['dreams'])
    const batch = JSON.stringify({ id: 'batch_1', status: 'completed', output_file_id: 'file-1' })
    expect(
      await play({ endpoint: '/v1/batches/batch_1', method: 'GET', answer: batch }),
    ).toMatchObject({
      ...{ responseId: 'batch_1', resultFile: 'file-1', usageSource: 'none', deferred: false },
    })
  })

  test('that were cut, or asked for by range, are no sum of the whole', async () => {
    const cut = { ...file, aborted: true }
    for (const call of [cut, { ...file, status: 206 }]) {
      expect(await play(call)).toMatchObject({
        usageSource: 'partial',
        deferred: false,
        billable: false,
      })
    }
  })

  test('of Gemini’s compatible path count the thoughts that only the total has', async () => {
    const answer = line({
      model: 'models/gemini-2.5-flash',
      usage: { prompt_tokens: 35, completion_tokens: 12, total_tokens: 109 },
    })
    const call = {
      ...gemini,
      endpoint: '/v1beta/openai/files/file-1/content',
      answer,
      answerType: JSONL,
    }
    expect(await play(call)).toMatchObject({
      model: 'gemini-2.5-flash',
      usage: { inputTokens: 35, outputTokens: 74 },
      deferred: true,
    })
  })

  test('of Anthropic keep searches, and terms where all calls have the same', async () => {
    const reported = (usage: object) =>
      JSON.stringify({ custom_id: 'a', result: { message: { model: 'claude-opus-5', usage } } })
    const usage = {
      input_tokens: 5,
      output_tokens: 3,
      inference_geo: 'us',
      server_tool_use: { web_search_requests: 1 },
    }
    const read = async (...lines: readonly object[]) => {
      const answer = lines.map(reported).join('\n')
      const call = {
        provider: 'anthropic',
        method: 'GET',
        endpoint: '/v1/messages/batches/msgbatch_1/results',
        answer,
        answerType: JSONL,
      } as const
      return (await play(call)).billed
    }
    expect(await read(usage, usage)).toMatchObject({ webSearches: 2, terms: ['inference_geo:us'] })
    expect(await read(usage, { input_tokens: 5, output_tokens: 3 })).toMatchObject({
      webSearches: 1,
      terms: ['mixed_terms'],
    })
  })
})
