import type { RecordedCall } from '../support/recorded-call.ts'
import { ANSWER, events, QUESTION, type SampleCall, sampleCall } from './sample-call.ts'

const at = (location: string, publisher: string, model: string) =>
  `/v1/projects/audit-1/locations/${location}/publishers/${publisher}/models/${model}`
type Sample = Pick<SampleCall, 'id' | 'answer'>

const GEMINI = 'gemini-2.5-flash'
/** 14 in, 6 out: 0.3 and 2.5 dollars a million at the global endpoint. */
const generate = (operation: 'generateContent' | 'streamGenerateContent', sample: Sample) =>
  sampleCall({
    ...sample,
    ...{ model: GEMINI, requestModel: GEMINI, provider: 'vertex', operation },
    path: `${at('global', 'google', GEMINI)}:${operation}${operation === 'generateContent' ? '' : '?alt=sse'}`,
    request: { contents: [{ role: 'user', parts: [{ text: QUESTION }] }] },
    completion: ANSWER,
    usage: { input_tokens_total: 14, output_tokens_total: 6, total_tokens: 20 },
    costUsd: 0.0000192,
  })
const generated = (text: string, usageMetadata: object, finishReason?: string) => ({
  candidates: [{ content: { role: 'model', parts: [{ text }] }, finishReason }],
  usageMetadata: { ...usageMetadata, trafficType: 'ON_DEMAND' },
  modelVersion: GEMINI,
  responseId: 'r1',
})
const COUNTS = { promptTokenCount: 14, candidatesTokenCount: 6, totalTokenCount: 20 }

/** 10 in, 5 out: 3 and 15 dollars a million, and a tenth more at a region. */
const claude = (operation: 'rawPredict' | 'streamRawPredict', sample: Sample) =>
  sampleCall({
    ...sample,
    ...{ model: 'claude-sonnet-4-5-20250929', requestModel: 'claude-sonnet-4-5@20250929' },
    ...{ provider: 'vertex', operation: 'messages' },
    path: `${at('us-east5', 'anthropic', 'claude-sonnet-4-5@20250929')}:${operation}`,
    request: {
      anthropic_version: 'vertex-2023-10-16',
      max_tokens: 64,
      messages: [{ role: 'user', content: QUESTION }],
    },
    completion: ANSWER,
    usage: { input_tokens_total: 10, output_tokens_total: 5, total_tokens: 15 },
    costUsd: 0.0001155,
  })
const message = {
  ...{ id: 'msg_vrtx_1', type: 'message', role: 'assistant', model: 'claude-sonnet-4-5-20250929' },
  content: [{ type: 'text', text: ANSWER }],
  stop_reason: 'end_turn',
  usage: { input_tokens: 10, output_tokens: 5 },
}
const opened = {
  ...message,
  content: [],
  stop_reason: null,
  usage: { input_tokens: 10, output_tokens: 1 },
}

export const VERTEX_CALLS: readonly RecordedCall[] = [
  generate('generateContent', {
    id: 'sample-vertex-generate',
    answer: generated(ANSWER, COUNTS, 'STOP'),
  }),
  generate('streamGenerateContent', {
    id: 'sample-vertex-generate-stream',
    answer: events(generated('About eleven', {}), generated(' kilometres.', COUNTS, 'STOP')),
  }),
  claude('rawPredict', { id: 'sample-vertex-messages', answer: message }),
  claude('streamRawPredict', {
    id: 'sample-vertex-messages-stream',
    answer: events(
      ['message_start', { message: opened }],
      ['content_block_start', { index: 0, content_block: { type: 'text', text: '' } }],
      ['content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'About eleven' } }],
      ['content_block_delta', { index: 0, delta: { type: 'text_delta', text: ' kilometres.' } }],
      ['content_block_stop', { index: 0 }],
      ['message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 5 } }],
      ['message_stop', {}],
    ),
  }),
]
