import type { RecordedCall } from '../support/recorded-call.ts'
import { ANSWER, events, QUESTION, type SampleCall, sampleCall } from './sample-call.ts'

const MINI = { model: 'gpt-4o-mini-2024-07-18', requestModel: 'gpt-4o-mini' }
const THINKING = { model: 'gpt-5-mini-2025-08-07', requestModel: 'gpt-5-mini' }
const TOOL_ARGUMENTS = ['{"place":', '"Mariana Trench"}']
const PARAMETERS = { type: 'object', properties: { place: { type: 'string' } } }
const ERROR = {
  error: {
    message: 'Invalid value for temperature.',
    type: 'invalid_request_error',
    param: 'temperature',
    code: 'invalid_value',
  },
}
/** 176 fresh and 1,024 cached input tokens, 300 of output: 0.25, 0.025 and 2 dollars a million. */
const THINKING_USAGE = {
  usage: {
    input_tokens_total: 1_200,
    output_tokens_total: 300,
    total_tokens: 1_500,
    cached_input_tokens: 1_024,
    reasoning_tokens: 256,
  },
  costUsd: 0.0006696,
}
/** 0.15 dollars a million in, 0.6 out. */
const STREAM_USAGE = {
  usage: { input_tokens_total: 15, output_tokens_total: 4, total_tokens: 19 },
  costUsd: 0.00000465,
}
const TOOL_USAGE = {
  usage: { input_tokens_total: 46, output_tokens_total: 16, total_tokens: 62 },
  costUsd: 0.0000165,
}

const chat = (sample: Omit<SampleCall, 'provider' | 'operation' | 'path' | 'request'>, more = {}) =>
  sampleCall({
    ...sample,
    provider: 'openai',
    operation: 'chat.completions',
    path: '/v1/chat/completions',
    request: {
      model: sample.requestModel,
      messages: [{ role: 'user', content: QUESTION }],
      ...more,
    },
  })
const CHAT_TOOLS = {
  tools: [{ type: 'function', function: { name: 'depth', parameters: PARAMETERS } }],
}
const STREAMED = { stream: true, stream_options: { include_usage: true } }
const completion = { id: 'chatcmpl-1', object: 'chat.completion', created: 1_760_000_000 }
const piece = (model: string, delta: object, finish: string | null = null) => ({
  ...completion,
  object: 'chat.completion.chunk',
  model,
  choices: [{ index: 0, delta, finish_reason: finish }],
})
const toolPiece = (call: object) => piece(MINI.model, { tool_calls: [{ index: 0, ...call }] })
const usagePiece = (input: number, output: number) => ({
  ...completion,
  object: 'chat.completion.chunk',
  model: MINI.model,
  choices: [],
  usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
})

const chatCalls = [
  chat({
    ...THINKING,
    ...THINKING_USAGE,
    id: 'sample-chat-plain',
    completion: ANSWER,
    answer: {
      ...completion,
      model: THINKING.model,
      choices: [
        { index: 0, message: { role: 'assistant', content: ANSWER }, finish_reason: 'stop' },
      ],
      usage: {
        prompt_tokens: 1_200,
        completion_tokens: 300,
        total_tokens: 1_500,
        prompt_tokens_details: { cached_tokens: 1_024 },
        completion_tokens_details: { reasoning_tokens: 256 },
      },
    },
  }),
  chat(
    {
      ...MINI,
      ...STREAM_USAGE,
      id: 'sample-chat-stream',
      completion: ANSWER,
      answer: events(
        piece(MINI.model, { role: 'assistant', content: '' }),
        piece(MINI.model, { content: 'About eleven' }),
        piece(MINI.model, { content: ' kilometres.' }),
        piece(MINI.model, {}, 'stop'),
        usagePiece(15, 4),
        '[DONE]',
      ),
    },
    STREAMED,
  ),
  chat(
    {
      ...MINI,
      ...TOOL_USAGE,
      id: 'sample-chat-tool',
      answer: {
        ...completion,
        model: MINI.model,
        choices: [
          {
            index: 0,
            message: {
              role: 'assistant',
              content: null,
              tool_calls: [
                {
                  id: 'call_1',
                  type: 'function',
                  function: { name: 'depth', arguments: TOOL_ARGUMENTS.join('') },
                },
              ],
            },
            finish_reason: 'tool_calls',
          },
        ],
        usage: { prompt_tokens: 46, completion_tokens: 16, total_tokens: 62 },
      },
    },
    CHAT_TOOLS,
  ),
  chat(
    {
      ...MINI,
      ...TOOL_USAGE,
      id: 'sample-chat-streamed-tool',
      answer: events(
        toolPiece({ id: 'call_1', type: 'function', function: { name: 'depth', arguments: '' } }),
        ...TOOL_ARGUMENTS.map((part) => toolPiece({ function: { arguments: part } })),
        piece(MINI.model, {}, 'tool_calls'),
        usagePiece(46, 16),
        '[DONE]',
      ),
    },
    { ...CHAT_TOOLS, ...STREAMED },
  ),
  chat(
    {
      id: 'sample-chat-error',
      model: 'gpt-4o-mini',
      requestModel: 'gpt-4o-mini',
      status: 400,
      answer: ERROR,
    },
    { temperature: 9 },
  ),
]

const respond = (
  sample: Omit<SampleCall, 'provider' | 'operation' | 'path' | 'request'>,
  more = {},
) =>
  sampleCall({
    ...sample,
    provider: 'openai',
    operation: 'responses',
    path: '/v1/responses',
    request: { model: sample.requestModel, input: QUESTION, ...more },
  })
const RESPONSE_TOOLS = { tools: [{ type: 'function', name: 'depth', parameters: PARAMETERS }] }
const response = {
  id: 'resp_1',
  object: 'response',
  created_at: 1_760_000_000,
  status: 'completed',
  error: null,
  service_tier: 'default',
}
const message = (content: readonly object[]) => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content,
})
const MESSAGE = message([{ type: 'output_text', text: ANSWER, annotations: [] }])
const FUNCTION_CALL = {
  id: 'fc_1',
  type: 'function_call',
  status: 'completed',
  call_id: 'call_1',
  name: 'depth',
  arguments: TOOL_ARGUMENTS.join(''),
}
const countsOf = (input: number, output: number) => ({
  input_tokens: input,
  output_tokens: output,
  total_tokens: input + output,
})
const place = { item_id: 'msg_1', output_index: 0, content_index: 0 }

const responseCalls = [
  respond({
    ...THINKING,
    ...THINKING_USAGE,
    id: 'sample-response-plain',
    completion: ANSWER,
    answer: {
      ...response,
      model: THINKING.model,
      output: [{ id: 'rs_1', type: 'reasoning', summary: [] }, MESSAGE],
      usage: {
        ...countsOf(1_200, 300),
        input_tokens_details: { cached_tokens: 1_024 },
        output_tokens_details: { reasoning_tokens: 256 },
      },
    },
  }),
  respond(
    {
      ...MINI,
      ...STREAM_USAGE,
      id: 'sample-response-stream',
      completion: ANSWER,
      answer: events(
        [
          'response.created',
          { response: { ...response, ...MINI, status: 'in_progress', output: [] } },
        ],
        ['response.output_item.added', { output_index: 0, item: message([]) }],
        ['response.output_text.delta', { ...place, delta: 'About eleven' }],
        ['response.output_text.delta', { ...place, delta: ' kilometres.' }],
        ['response.output_text.done', { ...place, text: ANSWER }],
        ['response.output_item.done', { output_index: 0, item: MESSAGE }],
        [
          'response.completed',
          {
            response: {
              ...response,
              model: MINI.model,
              output: [MESSAGE],
              usage: countsOf(15, 4),
            },
          },
        ],
      ),
    },
    { stream: true },
  ),
  respond(
    {
      ...THINKING,
      id: 'sample-response-thinking-stream',
      completion: ANSWER,
      // 0.25 dollars a million in, 2 out.
      usage: {
        input_tokens_total: 15,
        output_tokens_total: 260,
        total_tokens: 275,
        reasoning_tokens: 256,
      },
      costUsd: 0.00052375,
      answer: events(
        ['response.created', { response: { ...response, model: THINKING.model, output: [] } }],
        ['response.output_text.delta', { ...place, delta: ANSWER }],
        ['response.output_text.done', { ...place, text: ANSWER }],
        [
          'response.completed',
          {
            response: {
              ...response,
              model: THINKING.model,
              output: [MESSAGE],
              usage: { ...countsOf(15, 260), output_tokens_details: { reasoning_tokens: 256 } },
            },
          },
        ],
      ),
    },
    { stream: true },
  ),
  respond(
    {
      ...MINI,
      ...TOOL_USAGE,
      id: 'sample-response-tool',
      answer: {
        ...response,
        model: MINI.model,
        output: [FUNCTION_CALL],
        usage: countsOf(46, 16),
      },
    },
    RESPONSE_TOOLS,
  ),
  respond(
    {
      ...MINI,
      ...TOOL_USAGE,
      id: 'sample-response-streamed-tool',
      answer: events(
        ['response.created', { response: { ...response, model: MINI.model, output: [] } }],
        [
          'response.output_item.added',
          { output_index: 0, item: { ...FUNCTION_CALL, arguments: '', status: 'in_progress' } },
        ],
        ...TOOL_ARGUMENTS.map(
          (delta) =>
            [
              'response.function_call_arguments.delta',
              { item_id: 'fc_1', output_index: 0, delta },
            ] as const,
        ),
        ['response.output_item.done', { output_index: 0, item: FUNCTION_CALL }],
        [
          'response.completed',
          {
            response: {
              ...response,
              model: MINI.model,
              output: [FUNCTION_CALL],
              usage: countsOf(46, 16),
            },
          },
        ],
      ),
    },
    { ...RESPONSE_TOOLS, stream: true },
  ),
  respond(
    {
      id: 'sample-response-error',
      model: 'gpt-4o-mini',
      requestModel: 'gpt-4o-mini',
      status: 400,
      answer: ERROR,
    },
    { temperature: 9 },
  ),
]

export const OPENAI_CALLS: readonly RecordedCall[] = [...chatCalls, ...responseCalls]
