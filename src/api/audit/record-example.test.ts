import { expect, test } from 'vitest'
import { contentKey } from '../../content/content-key.ts'
import { answerColumns } from '../../evidence/answer-columns.ts'
import { createdAtMs } from '../../evidence/record-id.ts'
import { priceCall } from '../../pricing/cost.ts'
import { play } from '../../providers/fixtures/play.ts'
import { RECORD_EXAMPLE } from './record-schema.ts'

/*
 * The example of the API's document is the record that Flint makes of the call below, priced by the
 * book it comes with.
 */

const ANSWER = {
  id: 'chatcmpl-BTrW8Zk3QyHnLq0sVfJ2xUe5oM7dC',
  object: 'chat.completion',
  model: 'gpt-4o-2024-08-06',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: '1. Payment terms are net-30.' },
      finish_reason: 'stop',
    },
  ],
  usage: {
    prompt_tokens: 512,
    completion_tokens: 128,
    total_tokens: 640,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  },
  service_tier: 'default',
}

test('what the example says of model, usage and cost is what is read and priced', async () => {
  const facts = await play({
    endpoint: RECORD_EXAMPLE.endpoint ?? '',
    request:
      '{"model":"gpt-4o","messages":[{"role":"user","content":"Summarise this contract in 3 bullets."}]}',
    answer: JSON.stringify(ANSWER),
  })
  const price = priceCall({
    ...facts,
    provider: 'openai',
    atMs: createdAtMs(RECORD_EXAMPLE.requestId),
  })
  const columns = answerColumns(facts, price)
  expect({
    model: RECORD_EXAMPLE.model,
    requestModel: RECORD_EXAMPLE.requestModel,
    stream: RECORD_EXAMPLE.stream,
    usageSource: RECORD_EXAMPLE.usageSource,
    inputTokens: RECORD_EXAMPLE.inputTokens,
    outputTokens: RECORD_EXAMPLE.outputTokens,
    totalTokens: RECORD_EXAMPLE.totalTokens,
    cachedInputTokens: RECORD_EXAMPLE.cachedInputTokens,
    cacheWriteTokens: RECORD_EXAMPLE.cacheWriteTokens,
    reasoningTokens: RECORD_EXAMPLE.reasoningTokens,
    audioInputTokens: RECORD_EXAMPLE.audioInputTokens,
    audioOutputTokens: RECORD_EXAMPLE.audioOutputTokens,
    costUsd: RECORD_EXAMPLE.costUsd,
    costStatus: RECORD_EXAMPLE.costStatus,
    costReason: RECORD_EXAMPLE.costReason,
    priceVersion: RECORD_EXAMPLE.priceVersion,
    billable: RECORD_EXAMPLE.billable,
    usageRaw: RECORD_EXAMPLE.usageRaw,
    parserVersion: RECORD_EXAMPLE.parserVersion,
    finishReason: RECORD_EXAMPLE.finishReason,
    responseId: RECORD_EXAMPLE.responseId,
    serviceTier: RECORD_EXAMPLE.serviceTier,
    streamError: RECORD_EXAMPLE.streamError,
  }).toEqual({
    model: columns.model,
    requestModel: columns.request_model,
    stream: columns.stream,
    usageSource: columns.usage_source,
    inputTokens: columns.input_tokens,
    outputTokens: columns.output_tokens,
    totalTokens: columns.total_tokens,
    cachedInputTokens: columns.cached_input_tokens,
    cacheWriteTokens: columns.cache_write_tokens,
    reasoningTokens: columns.reasoning_tokens,
    audioInputTokens: columns.audio_input_tokens,
    audioOutputTokens: columns.audio_output_tokens,
    costUsd: Number(columns.cost_usd),
    costStatus: columns.cost_status,
    costReason: columns.cost_reason,
    priceVersion: columns.price_version,
    billable: columns.billable,
    usageRaw: JSON.parse(columns.usage_raw ?? 'null'),
    parserVersion: columns.parser_version,
    finishReason: columns.finish_reason,
    responseId: columns.response_id,
    serviceTier: columns.service_tier,
    streamError: columns.stream_error,
  })
})

test('its id, times and place of the prompt belong together', () => {
  const { requestId, createdAt, completedAt, latencyMs, promptS3Key, expiresAt } = RECORD_EXAMPLE
  expect(new Date(createdAtMs(requestId)).toISOString()).toBe(createdAt)
  expect(Date.parse(completedAt ?? '') - Date.parse(createdAt)).toBe(latencyMs)
  expect(promptS3Key).toBe(contentKey(promptS3Key?.split('/')[0] ?? '', requestId))
  expect(expiresAt).toBe(new Date(Date.parse(createdAt) + 90 * 86_400_000).toISOString())
})
