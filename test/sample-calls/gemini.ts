import type { RecordedCall } from '../support/recorded-call.ts'
import { ANSWER, events, QUESTION, type SampleCall, sampleCall } from './sample-call.ts'

const MODEL = 'gemini-2.5-flash'
const TOOLS = {
  tools: [
    {
      functionDeclarations: [
        {
          name: 'depth',
          parameters: { type: 'OBJECT', properties: { place: { type: 'STRING' } } },
        },
      ],
    },
  ],
}
const TOOL_CALL = { functionCall: { name: 'depth', args: { place: 'Mariana Trench' } } }
/** A picture of one pixel. */
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const ERROR = {
  error: { code: 400, message: 'Invalid value at temperature.', status: 'INVALID_ARGUMENT' },
}

const generate = (
  operation: 'generateContent' | 'streamGenerateContent',
  sample: Omit<
    SampleCall,
    'provider' | 'operation' | 'path' | 'request' | 'model' | 'requestModel'
  >,
  more = {},
) =>
  sampleCall({
    ...sample,
    model: MODEL,
    requestModel: MODEL,
    provider: 'gemini',
    operation,
    path: `/v1beta/models/${MODEL}:${operation}${operation === 'generateContent' ? '' : '?alt=sse'}`,
    request: { contents: [{ role: 'user', parts: [{ text: QUESTION }] }], ...more },
  })
const answer = (parts: readonly object[], usageMetadata?: object, finishReason?: string) => ({
  candidates: [{ index: 0, content: { role: 'model', parts }, finishReason }],
  usageMetadata,
  modelVersion: MODEL,
  responseId: 'r1',
})
const counts = (input: number, output: number) => ({
  promptTokenCount: input,
  candidatesTokenCount: output,
  totalTokenCount: input + output,
})
const usage = (input: number, output: number) => ({
  input_tokens_total: input,
  output_tokens_total: output,
  total_tokens: input + output,
})

export const GEMINI_CALLS: readonly RecordedCall[] = [
  // 176 fresh and 1,024 cached input tokens, 300 of output with the thoughts: 0.3, 0.03 and 2.5
  // dollars a million.
  generate('generateContent', {
    id: 'sample-generate-plain',
    completion: ANSWER,
    usage: { ...usage(1_200, 300), cached_input_tokens: 1_024, reasoning_tokens: 256 },
    costUsd: 0.00083352,
    answer: answer(
      [{ text: ANSWER }, { inlineData: { mimeType: 'image/png', data: PIXEL } }],
      {
        ...counts(1_200, 44),
        cachedContentTokenCount: 1_024,
        thoughtsTokenCount: 256,
        totalTokenCount: 1_500,
      },
      'STOP',
    ),
  }),
  generate(
    'generateContent',
    {
      id: 'sample-generate-tool',
      usage: usage(80, 20),
      costUsd: 0.000074,
      answer: answer([TOOL_CALL], counts(80, 20), 'STOP'),
    },
    TOOLS,
  ),
  generate(
    'generateContent',
    { id: 'sample-generate-error', status: 400, answer: ERROR },
    { generationConfig: { temperature: 9 } },
  ),
  generate('streamGenerateContent', {
    id: 'sample-generate-stream',
    completion: ANSWER,
    usage: usage(14, 6),
    costUsd: 0.0000192,
    answer: events(
      answer([{ text: 'About eleven' }], { promptTokenCount: 14, totalTokenCount: 14 }),
      answer([{ text: ' kilometres.' }], counts(14, 6), 'STOP'),
    ),
  }),
  generate(
    'streamGenerateContent',
    {
      id: 'sample-generate-streamed-tool',
      usage: usage(80, 20),
      costUsd: 0.000074,
      answer: events(answer([TOOL_CALL], counts(80, 20), 'STOP')),
    },
    TOOLS,
  ),
  generate(
    'streamGenerateContent',
    { id: 'sample-generate-stream-error', status: 400, answer: ERROR },
    { generationConfig: { temperature: 9 } },
  ),
]
