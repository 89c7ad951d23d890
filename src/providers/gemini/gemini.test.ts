import { describe, expect, test } from 'vitest'
import { type PlayedCall, play as playCall, SSE, sse } from '../fixtures/play.ts'
import { geminiPathModel } from './endpoints/generate.ts'

const play = (call: PlayedCall) =>
  playCall({
    provider: 'gemini',
    endpoint: '/v1beta/models/gemini-2.5-flash:generateContent',
    ...call,
  })
const STREAM = '/v1beta/models/gemini-2.5-flash:streamGenerateContent'

const chunk = (usageMetadata: object, more: object = {}) => ({
  candidates: [{ content: { parts: [{ text: '[{"x":"}]' }] } }],
  usageMetadata,
  modelVersion: 'gemini-2.5-flash-001',
  responseId: 'abc',
  ...more,
})
const finished = { candidates: [{ finishReason: 'STOP', index: 0 }] }
const CHUNKS = [
  chunk({
    promptTokenCount: 10,
    totalTokenCount: 10,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: 10 }],
  }),
  chunk({
    promptTokenCount: 10,
    candidatesTokenCount: 3,
    thoughtsTokenCount: 5,
    totalTokenCount: 18,
  }),
  chunk(
    {
      promptTokenCount: 10,
      candidatesTokenCount: 7,
      thoughtsTokenCount: 5,
      totalTokenCount: 22,
      serviceTier: 'standard',
    },
    finished,
  ),
]

describe('Gemini generateContent', () => {
  test('bills the tool-use prompt beside the prompt, and thoughts beside the candidates', async () => {
    const usageMetadata = {
      promptTokenCount: 100,
      cachedContentTokenCount: 60,
      toolUsePromptTokenCount: 8,
      candidatesTokenCount: 20,
      thoughtsTokenCount: 30,
      totalTokenCount: 158,
      promptTokensDetails: [
        { modality: 'TEXT', tokenCount: 70 },
        { modality: 'AUDIO', tokenCount: 30 },
      ],
      cacheTokensDetails: [{ modality: 'AUDIO', tokenCount: 12 }],
      candidatesTokensDetails: [
        { modality: 'IMAGE', tokenCount: 15 },
        { modality: 'AUDIO', tokenCount: 5 },
      ],
    }
    const facts = await play({ answer: JSON.stringify(chunk(usageMetadata, finished), null, 2) })
    expect(facts.usage).toEqual({
      inputTokens: 108,
      outputTokens: 50,
      totalTokens: 158,
      cachedInputTokens: 60,
      cacheWriteTokens: null,
      cacheWrite5mTokens: null,
      cacheWrite1hTokens: null,
      reasoningTokens: 30,
      audioInputTokens: 30,
      audioOutputTokens: 5,
    })
    expect(facts.billed).toMatchObject({
      imageOutputTokens: 15,
      imageInputTokens: 0,
      cachedAudioInputTokens: 12,
    })
    expect(facts).toMatchObject({
      model: 'gemini-2.5-flash-001',
      requestModel: 'gemini-2.5-flash',
      providerRequestId: 'abc',
      finishReason: 'STOP',
      stream: false,
    })
  })

  test.each([
    ['SSE', { answer: sse(...CHUNKS), answerType: SSE }],
    [
      'one JSON array',
      { answer: JSON.stringify(CHUNKS, null, 1), answerType: 'application/json; charset=UTF-8' },
    ],
  ])('streams as %s, where the last chunk counts', async (_, answer) => {
    for (const chunkBytes of [null, 1, 10]) {
      expect(await play({ endpoint: STREAM, ...answer, chunkBytes })).toMatchObject({
        stream: true,
        usageSource: 'provider',
        serviceTier: 'standard',
        finishReason: 'STOP',
        usage: { inputTokens: 10, outputTokens: 12, totalTokens: 22, reasoningTokens: 5 },
        unreadable: null,
      })
    }
  })

  test('of a last chunk that does not add up to its own total takes the last value of each field', async () => {
    const chunks = [
      ...CHUNKS.slice(0, 2),
      chunk({ candidatesTokenCount: 9, totalTokenCount: 24, thoughtsTokenCount: null }, finished),
    ]
    expect(await play({ endpoint: STREAM, answer: sse(...chunks), answerType: SSE })).toMatchObject(
      {
        usage: { inputTokens: 10, outputTokens: 14, reasoningTokens: 5 },
      },
    )
  })

  test('that is aborted has the counts so far, as part', async () => {
    for (const answer of [
      { answer: sse(...CHUNKS.slice(0, 2)), answerType: SSE },
      { answer: JSON.stringify(CHUNKS.slice(0, 2)).slice(0, -30) },
    ]) {
      const facts = await play({ endpoint: STREAM, ...answer, aborted: true })
      expect(facts).toMatchObject({
        usageSource: 'partial',
        finishReason: null,
        unreadable: null,
        usage: { inputTokens: 10 },
      })
    }
  })

  test('that is blocked says why, and its prompt is billed', async () => {
    const answer = JSON.stringify({
      promptFeedback: { blockReason: 'SAFETY' },
      usageMetadata: { promptTokenCount: 4, totalTokenCount: 4 },
    })
    expect(await play({ answer })).toMatchObject({
      finishReason: 'SAFETY',
      usageSource: 'provider',
      model: 'gemini-2.5-flash',
      usage: { inputTokens: 4, outputTokens: 0 },
    })
  })

  test('names the error of a stream that failed after its 200', async () => {
    const error = { error: { code: 503, status: 'UNAVAILABLE', message: 'secret' } }
    expect(
      (await play({ endpoint: STREAM, answer: sse(CHUNKS[0], error), answerType: SSE }))
        .streamError,
    ).toBe('UNAVAILABLE')
    expect(
      (await play({ endpoint: STREAM, answer: JSON.stringify([CHUNKS[0], error]) })).streamError,
    ).toBe('UNAVAILABLE')
  })

  test('knows the model from the path, however it is written', () => {
    expect(geminiPathModel('/v1beta/models/gemini-2.5-flash:generateContent')).toBe(
      'gemini-2.5-flash',
    )
    expect(geminiPathModel('/v1/models/gemini-2.5-flash%3AstreamGenerateContent')).toBe(
      'gemini-2.5-flash',
    )
    expect(geminiPathModel('/v1beta/tunedModels/mine-7:generateContent')).toBe('tunedModels/mine-7')
    expect(geminiPathModel('/v1beta/models%2Fgemini-2.5-flash:generateContent')).toBe(
      'gemini-2.5-flash',
    )
    expect(geminiPathModel('/v1beta/models/%E0%A4%A:generateContent')).toBe('%E0%A4%A')
  })
})
