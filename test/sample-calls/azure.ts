import type { RecordedCall } from '../support/recorded-call.ts'
import { ANSWER, events, QUESTION, type SampleCall, sampleCall } from './sample-call.ts'

const MODEL = 'gpt-4.1-mini-2025-04-14'
const DEPLOYMENT = 'team-chat'
const SAFE = { filtered: false, severity: 'safe' }
const FILTER_RESULTS = { hate: SAFE, self_harm: SAFE, sexual: SAFE, violence: SAFE }
const PROMPT_RESULTS = [{ prompt_index: 0, content_filter_results: FILTER_RESULTS }]

const chat = (
  sample: Omit<SampleCall, 'provider' | 'operation' | 'path' | 'request' | 'requestModel'>,
  more = {},
) =>
  sampleCall({
    ...sample,
    requestModel: DEPLOYMENT,
    provider: 'azure',
    operation: 'chat.completions',
    path: `/openai/deployments/${DEPLOYMENT}/chat/completions?api-version=2024-10-21`,
    request: { messages: [{ role: 'user', content: QUESTION }], ...more },
  })
const completion = { id: 'chatcmpl-1', created: 1_760_000_000, model: MODEL }
const chunk = (choice: object) => ({
  ...completion,
  object: 'chat.completion.chunk',
  choices: [{ content_filter_results: {}, finish_reason: null, index: 0, ...choice }],
  usage: null,
})
/** What the filter says beside the answer; every name in it is empty. */
const annotation = (more: object) => ({ id: '', created: 0, model: '', object: '', ...more })
/** 15 in, of which 8 cached, and 4 out: 0.4, 0.1 and 1.6 dollars a million at a global deployment. */
const USAGE = {
  usage: {
    input_tokens_total: 15,
    output_tokens_total: 4,
    total_tokens: 19,
    cached_input_tokens: 8,
  },
  costUsd: 0.00001,
}
const counts = {
  ...{ prompt_tokens: 15, completion_tokens: 4, total_tokens: 19 },
  prompt_tokens_details: { cached_tokens: 8 },
  latency_checkpoint: { engine_ttft_ms: 84 },
}

export const AZURE_CALLS: readonly RecordedCall[] = [
  chat({
    ...USAGE,
    id: 'sample-azure-plain',
    model: MODEL,
    completion: ANSWER,
    answer: {
      ...completion,
      object: 'chat.completion',
      choices: [
        {
          content_filter_results: FILTER_RESULTS,
          finish_reason: 'stop',
          index: 0,
          message: { role: 'assistant', content: ANSWER },
        },
      ],
      prompt_filter_results: PROMPT_RESULTS,
      usage: counts,
    },
  }),
  chat(
    {
      ...USAGE,
      id: 'sample-azure-stream',
      model: MODEL,
      completion: ANSWER,
      answer: events(
        annotation({ choices: [], prompt_filter_results: PROMPT_RESULTS }),
        chunk({ delta: { role: 'assistant', content: 'About eleven' } }),
        chunk({ delta: { content: ' kilometres.' }, content_filter_results: FILTER_RESULTS }),
        annotation({ choices: [{ index: 0, finish_reason: null, content_filter_results: {} }] }),
        chunk({ delta: {}, finish_reason: 'stop' }),
        { ...chunk({}), choices: [], usage: counts },
        '[DONE]',
      ),
    },
    { stream: true, stream_options: { include_usage: true } },
  ),
]
