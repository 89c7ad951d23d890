import { converseEvents, modelChunks } from '../../src/providers/fixtures/amazon-events.ts'
import type { RecordedCall } from '../support/recorded-call.ts'
import { ANSWER, QUESTION, type SampleCall, sampleCall } from './sample-call.ts'

const SONNET = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const NOVA = 'amazon.nova-lite-v1:0'
const PROMPT = { messages: [{ role: 'user', content: [{ text: QUESTION }] }] }
/** 10 fresh, 2,000 written for five minutes, 1,000 read back, 50 of output. */
const CACHED = {
  input_tokens_total: 3_010,
  output_tokens_total: 50,
  total_tokens: 3_060,
  cached_input_tokens: 1_000,
  cache_write_tokens: 2_000,
}
/** At 3.3, 4.125, 0.33 and 16.5 dollars a million: Claude in a geography. */
const CACHED_COST = 0.009438
const USAGE = {
  ...{ inputTokens: 10, outputTokens: 50, totalTokens: 3_060 },
  ...{ cacheReadInputTokens: 1_000, cacheWriteInputTokens: 2_000 },
}

const call = (
  model: string,
  operation: string,
  sample: Omit<SampleCall, 'provider' | 'operation' | 'path' | 'model' | 'requestModel'>,
) =>
  sampleCall({
    ...{ ...sample, provider: 'bedrock', operation, model, requestModel: model },
    path: `/model/${encodeURIComponent(model)}/${operation}`,
  })
const claude = {
  anthropic_version: 'bedrock-2023-05-31',
  max_tokens: 100,
  messages: [{ role: 'user', content: QUESTION }],
}
const message = {
  ...{ id: 'msg_bdrk_1', type: 'message', role: 'assistant' },
  model: 'claude-sonnet-4-5-20250929',
}
const claudeUsage = {
  ...{ input_tokens: 10, cache_creation_input_tokens: 2_000, cache_read_input_tokens: 1_000 },
  cache_creation: { ephemeral_5m_input_tokens: 2_000, ephemeral_1h_input_tokens: 0 },
}
const claudeCached = { ...CACHED, cache_write_5m_tokens: 2_000, cache_write_1h_tokens: 0 }

export const BEDROCK_CALLS: readonly RecordedCall[] = [
  call(SONNET, 'converse', {
    ...{ id: 'sample-converse-plain', request: PROMPT, completion: ANSWER },
    ...{ usage: CACHED, costUsd: CACHED_COST },
    answer: {
      output: { message: { role: 'assistant', content: [{ text: ANSWER }] } },
      ...{ stopReason: 'end_turn', usage: USAGE, metrics: { latencyMs: 551 } },
    },
  }),
  call(SONNET, 'converse-stream', {
    ...{ id: 'sample-converse-stream', request: PROMPT, completion: ANSWER },
    ...{ usage: CACHED, costUsd: CACHED_COST },
    answer: converseEvents(
      ['messageStart', { role: 'assistant' }],
      ['contentBlockDelta', { contentBlockIndex: 0, delta: { text: ANSWER.slice(0, 9) } }],
      ['contentBlockDelta', { contentBlockIndex: 0, delta: { text: ANSWER.slice(9) } }],
      ['contentBlockStop', { contentBlockIndex: 0 }],
      ['messageStop', { stopReason: 'end_turn' }],
      ['metadata', { usage: USAGE, metrics: { latencyMs: 551 } }],
    ),
  }),
  call(SONNET, 'invoke', {
    ...{ id: 'sample-invoke-plain', request: claude, completion: ANSWER },
    ...{ usage: claudeCached, costUsd: CACHED_COST },
    answer: {
      ...{ ...message, content: [{ type: 'text', text: ANSWER }], stop_reason: 'end_turn' },
      usage: { ...claudeUsage, output_tokens: 50 },
    },
  }),
  call(SONNET, 'invoke-with-response-stream', {
    ...{ id: 'sample-invoke-stream', request: claude, completion: ANSWER },
    ...{ usage: claudeCached, costUsd: CACHED_COST },
    answer: modelChunks(
      {
        type: 'message_start',
        message: { ...message, content: [], usage: { ...claudeUsage, output_tokens: 1 } },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: ANSWER } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 50 } },
      {
        type: 'message_stop',
        'amazon-bedrock-invocationMetrics': { inputTokenCount: 10, outputTokenCount: 50 },
      },
    ),
  }),
  // 10 of input, 50 of output: 0.06 and 0.24 dollars a million; other regions may cost more.
  call(NOVA, 'converse', {
    ...{ id: 'sample-converse-nova', request: PROMPT, completion: ANSWER, costUsd: 0.0000126 },
    usage: { input_tokens_total: 10, output_tokens_total: 50, total_tokens: 60 },
    answer: {
      output: { message: { role: 'assistant', content: [{ text: ANSWER }] } },
      stopReason: 'max_tokens',
      usage: { inputTokens: 10, outputTokens: 50, totalTokens: 60 },
    },
  }),
  call(SONNET, 'converse', {
    ...{ id: 'sample-converse-refused', request: PROMPT, status: 400 },
    answer: { message: 'The model returned the following errors: too long' },
  }),
]
