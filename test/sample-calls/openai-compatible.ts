import type { RecordedCall } from '../support/recorded-call.ts'
import { ANSWER, events, QUESTION, type SampleCall, sampleCall } from './sample-call.ts'

const MODEL = 'a-model-of-the-host'

/** No host, no prices: that of a host that is known by its name is its book's. */
const chat = (sample: Pick<SampleCall, 'id' | 'answer' | 'usage'>, more = {}) =>
  sampleCall({
    ...sample,
    ...{ provider: 'openai-compatible', operation: 'chat.completions' },
    ...{ model: MODEL, requestModel: MODEL, completion: ANSWER, path: '/v1/chat/completions' },
    request: { model: MODEL, messages: [{ role: 'user', content: QUESTION }], ...more },
  })
const head = { id: 'chatcmpl-1', created: 1_760_000_000, model: MODEL }
const plain = (usage: object) => ({
  ...{ ...head, object: 'chat.completion', usage },
  choices: [{ finish_reason: 'stop', index: 0, message: { role: 'assistant', content: ANSWER } }],
})
const chunk = (choice: object, more = {}) => ({
  ...{ ...head, object: 'chat.completion.chunk', ...more },
  choices: [{ finish_reason: null, index: 0, ...choice }],
})

export const OPENAI_COMPATIBLE_CALLS: readonly RecordedCall[] = [
  chat({
    id: 'sample-compatible-deepseek',
    usage: {
      input_tokens_total: 15,
      output_tokens_total: 4,
      total_tokens: 19,
      cached_input_tokens: 8,
    },
    answer: plain({
      ...{ prompt_tokens: 15, completion_tokens: 4, total_tokens: 19 },
      ...{ prompt_cache_hit_tokens: 8, prompt_cache_miss_tokens: 7 },
    }),
  }),
  chat({
    id: 'sample-compatible-xai',
    usage: {
      input_tokens_total: 15,
      output_tokens_total: 10,
      total_tokens: 25,
      reasoning_tokens: 6,
    },
    answer: plain({
      ...{ prompt_tokens: 15, completion_tokens: 4, total_tokens: 25 },
      completion_tokens_details: { reasoning_tokens: 6 },
    }),
  }),
  chat(
    {
      id: 'sample-compatible-groq',
      usage: { input_tokens_total: 15, output_tokens_total: 4, total_tokens: 19 },
      answer: events(
        chunk(
          { delta: { role: 'assistant', content: 'About eleven' } },
          { x_groq: { id: 'req_1' } },
        ),
        chunk({ delta: { content: ' kilometres.' } }),
        chunk(
          { delta: {}, finish_reason: 'stop' },
          {
            x_groq: {
              id: 'req_1',
              usage: {
                ...{ queue_time: 0.02, prompt_tokens: 15, prompt_time: 0.001 },
                ...{ completion_tokens: 4, completion_time: 0.01, total_tokens: 19 },
              },
            },
          },
        ),
        '[DONE]',
      ),
    },
    { stream: true },
  ),
]
