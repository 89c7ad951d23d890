import type { Script } from '../support/scripted-provider.ts'

/** What the provider said to one request: what a record of it has to say. */
export interface AnsweredCall {
  readonly endpoint: string
  readonly model: string | null
  readonly stream: boolean
  readonly inputTokens: number | null
  readonly outputTokens: number | null
}

/** The text of every answer. */
export const ANSWER = 'The sky was green that day.'

interface Asked {
  readonly endpoint: string
  readonly model: string
  readonly stream: boolean
  readonly includeUsage: boolean
}
interface Tokens {
  readonly input: number
  readonly output: number
}
/** `events` of a stream, as they go over the wire, or a plain body. */
type Answer = { readonly events: readonly string[] } | { readonly body: unknown }

const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`
const named = (value: { readonly type: string; readonly [member: string]: unknown }) =>
  `event: ${value.type}\n${data(value)}`
const plain = (body: unknown): Answer => ({ body })

/**
 * All three providers' APIs, plain and as streams. No two answers report the same tokens, so a
 * record can be compared with its own call; `answered` gets what was said.
 */
export function scriptedAnswers(answered: AnsweredCall[]): Script {
  let calls = 0
  return ({ url, body }, response) => {
    const asked = readRequest(url, body)
    calls += 1
    const tokens = { input: 1_000 + calls, output: 100 + calls }
    const kind = KINDS.find(({ pattern }) => pattern.test(asked.endpoint))
    const reports = kind !== undefined && reportsTokens(asked)
    answered.push({
      endpoint: asked.endpoint,
      model: kind === undefined ? null : asked.model,
      stream: kind !== undefined && asked.stream,
      inputTokens: reports ? tokens.input : null,
      outputTokens: reports ? tokens.output : null,
    })
    const answer = kind?.answer(asked, tokens) ?? plain({ data: [], models: [], input_tokens: 7 })
    const isStream = 'events' in answer
    response.writeHead(200, {
      'content-type': isStream ? 'text/event-stream' : 'application/json',
    })
    response.end(isStream ? answer.events.join('') : JSON.stringify(answer.body))
  }
}

function readRequest(url: string, body: Buffer): Asked {
  const endpoint = url.split('?')[0] ?? ''
  const inPath = /\/models\/([^:/]+):(stream)?/.exec(endpoint)
  let read: Record<string, unknown> = {}
  try {
    read = JSON.parse(body.toString()) as Record<string, unknown>
  } catch {
    // A GET, or a client's own compression: answered as a request that names no model.
  }
  const options = read['stream_options'] as { include_usage?: boolean } | undefined
  return {
    endpoint,
    model: inPath?.[1] ?? String(read['model'] ?? 'gpt-5.5'),
    stream: inPath ? inPath[2] === 'stream' : read['stream'] === true,
    includeUsage: options?.include_usage === true,
  }
}

/** OpenAI reports the tokens of a chat stream to those who ask for them. */
const reportsTokens = ({ endpoint, stream, includeUsage }: Asked) =>
  !endpoint.endsWith('/chat/completions') || !stream || includeUsage

function chat(asked: Asked, { input, output }: Tokens): Answer {
  const usage = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output }
  const head = { id: 'chatcmpl-1', created: 1, model: asked.model }
  if (!asked.stream) {
    const message = { role: 'assistant', content: ANSWER }
    const choices = [{ index: 0, message, finish_reason: 'stop' }]
    return plain({ ...head, object: 'chat.completion', choices, usage })
  }
  const chunk = (choices: unknown, more: object = {}) =>
    data({ ...head, object: 'chat.completion.chunk', choices, ...more })
  const delta = { role: 'assistant', content: ANSWER }
  return {
    events: [
      chunk([{ index: 0, delta, finish_reason: null }]),
      chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]),
      ...(asked.includeUsage ? [chunk([], { usage })] : []),
      'data: [DONE]\n\n',
    ],
  }
}

function responses({ model, stream }: Asked, { input, output }: Tokens): Answer {
  const part = { type: 'output_text', text: ANSWER, annotations: [] }
  const item = { type: 'message', id: 'msg_1', status: 'completed', role: 'assistant' }
  const message = { ...item, content: [part] }
  const response = {
    ...{ id: 'resp_1', object: 'response', created_at: 1, model, output: [message] },
    ...{ status: 'completed', error: null, incomplete_details: null, instructions: null },
    ...{ parallel_tool_calls: true, tool_choice: 'auto', tools: [], metadata: {} },
    usage: {
      ...{ input_tokens: input, output_tokens: output, total_tokens: input + output },
      input_tokens_details: { cached_tokens: 0 },
      output_tokens_details: { reasoning_tokens: 0 },
    },
  }
  if (!stream) return plain(response)
  const begun = { ...response, status: 'in_progress', output: [], usage: null }
  const at = { item_id: 'msg_1', output_index: 0, content_index: 0 }
  const events = [
    { type: 'response.created', response: begun },
    { type: 'response.output_item.added', output_index: 0, item: { ...item, content: [] } },
    { type: 'response.content_part.added', ...at, part: { ...part, text: '' } },
    { type: 'response.output_text.delta', ...at, delta: ANSWER, logprobs: [] },
    { type: 'response.output_text.done', ...at, text: ANSWER, logprobs: [] },
    { type: 'response.content_part.done', ...at, part },
    { type: 'response.output_item.done', output_index: 0, item: message },
    { type: 'response.completed', response },
  ]
  return { events: events.map((event, number) => named({ ...event, sequence_number: number })) }
}

function messages({ model, stream }: Asked, { input, output }: Tokens): Answer {
  const usage = { input_tokens: input, output_tokens: output }
  const head = { id: 'msg_1', type: 'message', role: 'assistant', model, stop_sequence: null }
  const content = [{ type: 'text', text: ANSWER }]
  if (!stream) return plain({ ...head, content, stop_reason: 'end_turn', usage })
  const begun = { ...usage, output_tokens: 1 }
  const events = [
    { type: 'message_start', message: { ...head, content: [], stop_reason: null, usage: begun } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: ANSWER } },
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: output },
    },
    { type: 'message_stop' },
  ]
  return { events: events.map(named) }
}

function gemini({ model, stream }: Asked, { input, output }: Tokens): Answer {
  const answer = {
    candidates: [
      { content: { role: 'model', parts: [{ text: ANSWER }] }, finishReason: 'STOP', index: 0 },
    ],
    usageMetadata: {
      promptTokenCount: input,
      candidatesTokenCount: output,
      totalTokenCount: input + output,
    },
    modelVersion: model,
    responseId: 'response-1',
  }
  return stream ? { events: [data(answer)] } : plain(answer)
}

const KINDS: readonly {
  readonly pattern: RegExp
  readonly answer: (asked: Asked, tokens: Tokens) => Answer
}[] = [
  { pattern: /\/chat\/completions$/, answer: chat },
  { pattern: /\/responses$/, answer: responses },
  { pattern: /\/messages$/, answer: messages },
  { pattern: /:(generateContent|streamGenerateContent)$/, answer: gemini },
]
