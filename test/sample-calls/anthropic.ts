import type { RecordedCall } from '../support/recorded-call.ts'
import { ANSWER, events, QUESTION, type SampleCall, sampleCall } from './sample-call.ts'

const MODELS = { model: 'claude-sonnet-4-5-20250929', requestModel: 'claude-sonnet-4-5' }
const TOOLS = {
  tools: [
    { name: 'depth', input_schema: { type: 'object', properties: { place: { type: 'string' } } } },
  ],
}
const TOOL_USE = { type: 'tool_use', id: 'toolu_1', name: 'depth' }
const message = { id: 'msg_1', type: 'message', role: 'assistant', model: MODELS.model }

const create = (
  sample: Omit<SampleCall, 'provider' | 'operation' | 'path' | 'request' | keyof typeof MODELS>,
  more = {},
) =>
  sampleCall({
    ...sample,
    ...MODELS,
    ...(sample.status === undefined ? {} : { model: MODELS.requestModel }),
    provider: 'anthropic',
    operation: 'messages',
    path: '/v1/messages',
    request: {
      model: MODELS.requestModel,
      max_tokens: 100,
      messages: [{ role: 'user', content: QUESTION }],
      ...more,
    },
  })
const started = (inputTokens: number) =>
  [
    'message_start',
    {
      message: {
        ...message,
        content: [],
        stop_reason: null,
        usage: { input_tokens: inputTokens, output_tokens: 1 },
      },
    },
  ] as const
const ended = (reason: string, outputTokens: number) =>
  [
    ['content_block_stop', { index: 0 }],
    ['message_delta', { delta: { stop_reason: reason }, usage: { output_tokens: outputTokens } }],
    ['message_stop', {}],
  ] as const

export const ANTHROPIC_CALLS: readonly RecordedCall[] = [
  // 10 fresh, 2,000 written for five minutes, 1,000 read back, 50 of output: 3, 3.75, 0.3 and 15
  // dollars a million.
  create({
    id: 'sample-message-plain',
    completion: ANSWER,
    usage: {
      input_tokens_total: 3_010,
      output_tokens_total: 50,
      total_tokens: 3_060,
      cached_input_tokens: 1_000,
      cache_write_tokens: 2_000,
      cache_write_5m_tokens: 2_000,
      cache_write_1h_tokens: 0,
    },
    costUsd: 0.00858,
    answer: {
      ...message,
      content: [{ type: 'text', text: ANSWER }],
      stop_reason: 'end_turn',
      usage: {
        input_tokens: 10,
        cache_creation_input_tokens: 2_000,
        cache_read_input_tokens: 1_000,
        cache_creation: { ephemeral_5m_input_tokens: 2_000, ephemeral_1h_input_tokens: 0 },
        output_tokens: 50,
      },
    },
  }),
  create(
    {
      id: 'sample-message-stream',
      completion: ANSWER,
      usage: { input_tokens_total: 14, output_tokens_total: 8, total_tokens: 22 },
      costUsd: 0.000162,
      answer: events(
        started(14),
        ['content_block_start', { index: 0, content_block: { type: 'text', text: '' } }],
        ['ping', {}],
        ['content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'About eleven' } }],
        ['content_block_delta', { index: 0, delta: { type: 'text_delta', text: ' kilometres.' } }],
        ...ended('end_turn', 8),
      ),
    },
    { stream: true },
  ),
  create(
    {
      id: 'sample-message-tool',
      usage: { input_tokens_total: 80, output_tokens_total: 20, total_tokens: 100 },
      costUsd: 0.00054,
      answer: {
        ...message,
        content: [{ ...TOOL_USE, input: { place: 'Mariana Trench' } }],
        stop_reason: 'tool_use',
        usage: { input_tokens: 80, output_tokens: 20 },
      },
    },
    TOOLS,
  ),
  create(
    {
      id: 'sample-message-streamed-tool',
      usage: { input_tokens_total: 80, output_tokens_total: 20, total_tokens: 100 },
      costUsd: 0.00054,
      answer: events(
        started(80),
        ['content_block_start', { index: 0, content_block: { ...TOOL_USE, input: {} } }],
        ...['{"place":', '"Mariana Trench"}'].map(
          (part) =>
            [
              'content_block_delta',
              { index: 0, delta: { type: 'input_json_delta', partial_json: part } },
            ] as const,
        ),
        ...ended('tool_use', 20),
      ),
    },
    { ...TOOLS, stream: true },
  ),
  create(
    {
      id: 'sample-message-error',
      status: 400,
      answer: {
        type: 'error',
        error: { type: 'invalid_request_error', message: 'temperature: range: 0..1' },
      },
    },
    { temperature: 9 },
  ),
]
