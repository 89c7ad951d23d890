import { randomUUID } from 'node:crypto'

/**
 * What the demo provider says: `body` for a plain answer, `events` (whole SSE events) for a stream.
 */
export interface DemoAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  readonly events: readonly string[] | null
}

const PIECES = [
  'Payment ',
  'terms ',
  'are ',
  'net-30, ',
  'liability ',
  'is ',
  'capped, ',
  'notice ',
  'is ',
  '60 days.',
]

interface DemoRequest {
  readonly model: string
  readonly stream: boolean
  readonly includeUsage: boolean
  readonly tools: boolean
}

export function answerFor(url: string, bodyText: string): DemoAnswer {
  const path = url.split('?')[0] ?? ''
  const asked = readRequest(bodyText)
  if (asked.model === 'demo-overloaded') return overloaded(path)
  if (asked.model === 'demo-refused-key') return refusedKey()
  if (path.endsWith('/chat/completions')) return asked.stream ? chatStream(asked) : chat(asked)
  if (path.endsWith('/responses'))
    return asked.stream
      ? responseStream(asked)
      : plain(responseObject(asked, 'completed'), { 'x-request-id': id('req') })
  if (path.endsWith('/messages')) return asked.stream ? messageStream(asked) : message(asked)
  const gemini = /\/models\/([^:/]+):(generateContent|streamGenerateContent)$/.exec(path)
  if (gemini)
    return gemini[2] === 'generateContent'
      ? plain(geminiChunk(gemini[1] ?? '', PIECES.join(''), true))
      : geminiStream(gemini[1] ?? '')
  return {
    status: 404,
    headers: {},
    body: {
      error: {
        message: `the demo provider has no ${path}`,
        type: 'invalid_request_error',
        code: 'not_found',
      },
    },
    events: null,
  }
}

function readRequest(bodyText: string): DemoRequest {
  let body: Record<string, unknown> = {}
  try {
    body = JSON.parse(bodyText) as Record<string, unknown>
  } catch {
    // Not JSON: answered as a request that names no model.
  }
  const options = body['stream_options'] as { include_usage?: boolean } | undefined
  return {
    model: String(body['model'] ?? 'unknown'),
    stream: body['stream'] === true,
    includeUsage: options?.include_usage === true,
    tools: Array.isArray(body['tools']),
  }
}

const id = (prefix: string) => `${prefix}_${randomUUID().replaceAll('-', '').slice(0, 24)}`
const nowSeconds = () => Math.floor(Date.now() / 1000)
const plain = (body: unknown, headers: Readonly<Record<string, string>> = {}): DemoAnswer => ({
  status: 200,
  headers,
  body,
  events: null,
})
const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`
const named = (value: Readonly<Record<string, unknown>> & { readonly type: string }) =>
  `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`

function overloaded(path: string): DemoAnswer {
  const error = path.endsWith('/messages')
    ? { type: 'error', error: { type: 'rate_limit_error', message: 'slow down' } }
    : { error: { message: 'slow down', type: 'requests', code: 'rate_limit_exceeded' } }
  return { status: 429, headers: { 'retry-after': '1' }, body: error, events: null }
}

function refusedKey(): DemoAnswer {
  const error = {
    ...{ message: 'Incorrect API key provided.', type: 'invalid_request_error' },
    code: 'invalid_api_key',
  }
  return { status: 401, headers: {}, body: { error }, events: null }
}

const CHAT_USAGE = {
  prompt_tokens: 24,
  completion_tokens: 12,
  total_tokens: 36,
  prompt_tokens_details: { cached_tokens: 8, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: 4,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
}

function chat({ model, tools }: DemoRequest): DemoAnswer {
  const call = {
    id: id('call'),
    type: 'function',
    function: { name: 'lookup', arguments: '{"clause":"payment"}' },
  }
  const message = tools
    ? { role: 'assistant', content: null, tool_calls: [call] }
    : { role: 'assistant', content: PIECES.join(''), refusal: null }
  const choice = { index: 0, message, logprobs: null, finish_reason: tools ? 'tool_calls' : 'stop' }
  return plain(
    {
      id: id('chatcmpl'),
      object: 'chat.completion',
      created: nowSeconds(),
      model,
      choices: [choice],
      usage: CHAT_USAGE,
      service_tier: 'default',
    },
    { 'x-request-id': id('req') },
  )
}

function chatStream({ model, includeUsage }: DemoRequest): DemoAnswer {
  const head = {
    id: id('chatcmpl'),
    object: 'chat.completion.chunk',
    created: nowSeconds(),
    model,
    service_tier: 'default',
  }
  const usage = includeUsage ? { usage: null } : {}
  const chunk = (delta: unknown, finish: string | null) =>
    data({ ...head, choices: [{ index: 0, delta, finish_reason: finish }], ...usage })
  const events = [
    chunk({ role: 'assistant', content: '' }, null),
    ...PIECES.map((content) => chunk({ content }, null)),
    chunk({}, 'stop'),
  ]
  if (includeUsage) events.push(data({ ...head, choices: [], usage: CHAT_USAGE }))
  return {
    status: 200,
    headers: { 'x-request-id': id('req') },
    body: null,
    events: [...events, 'data: [DONE]\n\n'],
  }
}

function responseObject(
  { model }: DemoRequest,
  status: string,
  responseId = id('resp'),
): Record<string, unknown> {
  const content = [{ type: 'output_text', text: PIECES.join(''), annotations: [] }]
  const usage = {
    input_tokens: 24,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 12,
    output_tokens_details: { reasoning_tokens: 4 },
    total_tokens: 36,
  }
  const done = status === 'completed'
  return {
    id: responseId,
    object: 'response',
    created_at: nowSeconds(),
    status,
    model,
    output: done ? [{ type: 'message', id: id('msg'), status, role: 'assistant', content }] : [],
    service_tier: 'default',
    usage: done ? usage : null,
  }
}

function responseStream(asked: DemoRequest): DemoAnswer {
  const responseId = id('resp')
  const events = [
    named({ type: 'response.created', response: responseObject(asked, 'in_progress', responseId) }),
    ...PIECES.map((delta) =>
      named({
        type: 'response.output_text.delta',
        item_id: 'msg',
        output_index: 0,
        content_index: 0,
        delta,
      }),
    ),
    named({ type: 'response.completed', response: responseObject(asked, 'completed', responseId) }),
  ]
  return { status: 200, headers: { 'x-request-id': id('req') }, body: null, events }
}

const MESSAGE_USAGE = {
  input_tokens: 18,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 6,
  cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
}

function message({ model }: DemoRequest): DemoAnswer {
  const body = {
    id: id('msg'),
    type: 'message',
    role: 'assistant',
    model,
    content: [{ type: 'text', text: PIECES.join('') }],
    stop_reason: 'end_turn',
    stop_sequence: null,
  }
  return plain(
    { ...body, usage: { ...MESSAGE_USAGE, output_tokens: 12, service_tier: 'standard' } },
    { 'request-id': id('req') },
  )
}

function messageStream({ model }: DemoRequest): DemoAnswer {
  const start = {
    id: id('msg'),
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...MESSAGE_USAGE, output_tokens: 1, service_tier: 'standard' },
  }
  const events = [
    { type: 'message_start', message: start },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    ...PIECES.map((text) => ({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'text_delta', text },
    })),
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: 12 },
    },
    { type: 'message_stop' },
  ]
  return {
    status: 200,
    headers: { 'request-id': id('req') },
    body: null,
    events: events.map(named),
  }
}

function geminiChunk(model: string, text: string, last: boolean): unknown {
  const usage = {
    promptTokenCount: 16,
    candidatesTokenCount: last ? 10 : 2,
    thoughtsTokenCount: 5,
    totalTokenCount: last ? 31 : 23,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: 16 }],
  }
  const candidate = {
    content: { parts: [{ text }], role: 'model' },
    index: 0,
    ...(last ? { finishReason: 'STOP' } : {}),
  }
  return {
    candidates: [candidate],
    usageMetadata: usage,
    modelVersion: model,
    responseId: 'demo-response',
  }
}

function geminiStream(model: string): DemoAnswer {
  const events = PIECES.map((piece, index) =>
    data(geminiChunk(model, piece, index === PIECES.length - 1)),
  )
  return { status: 200, headers: {}, body: null, events }
}
