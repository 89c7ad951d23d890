import { describe, expect, test } from 'vitest'
import { type PlayedCall, play, SSE, sse } from '../fixtures/play.ts'
import { canonicalPath } from '../path-rules.ts'
import { createExchangeReader } from '../reading/exchange-reader.ts'
import { azure } from './definition.ts'

const DEPLOYED = '/openai/deployments/team-chat/chat/completions'
const MODEL = 'gpt-4.1-mini-2025-04-14'
const SAFE = { filtered: false, severity: 'safe' }
const FILTER_RESULTS = { hate: SAFE, self_harm: SAFE, sexual: SAFE, violence: SAFE }
const PROMPT_RESULTS = [{ prompt_index: 0, content_filter_results: FILTER_RESULTS }]
const USAGE = {
  completion_tokens: 5,
  completion_tokens_details: {
    accepted_prediction_tokens: 0,
    audio_tokens: 0,
    reasoning_tokens: 2,
    rejected_prediction_tokens: 0,
  },
  latency_checkpoint: { engine_ttft_ms: 84, engine_ttlt_ms: 152, pre_inference_ms: 63 },
  prompt_tokens: 19,
  prompt_tokens_details: { audio_tokens: 0, cached_tokens: 8 },
  total_tokens: 24,
}
const PLAIN = {
  choices: [
    {
      content_filter_results: FILTER_RESULTS,
      finish_reason: 'stop',
      index: 0,
      logprobs: null,
      message: { annotations: [], content: 'Quito.', refusal: null, role: 'assistant' },
    },
  ],
  created: 1756749680,
  id: 'chatcmpl-CB38',
  model: MODEL,
  object: 'chat.completion',
  prompt_filter_results: PROMPT_RESULTS,
  system_fingerprint: 'fp_c79ab13e31',
  usage: USAGE,
}
const REQUEST = JSON.stringify({
  model: 'team-chat',
  messages: [{ role: 'user', content: 'Capital of Ecuador?' }],
})

/** The chunk that comes before the answer: the prompt was looked at, and every name is empty. */
const promptChunk = {
  choices: [],
  created: 0,
  id: '',
  model: '',
  object: '',
  prompt_filter_results: PROMPT_RESULTS,
}
const chunk = (choice: object, more: object = {}) => ({
  choices: [
    { content_filter_results: {}, finish_reason: null, index: 0, logprobs: null, ...choice },
  ],
  created: 1756749680,
  id: 'chatcmpl-CB38',
  model: MODEL,
  object: 'chat.completion.chunk',
  system_fingerprint: 'fp_c79ab13e31',
  usage: null,
  ...more,
})
/** With the asynchronous filter: results for what was already sent, and no delta. */
const annotation = {
  choices: [
    {
      content_filter_offsets: { check_offset: 0, start_offset: 0, end_offset: 6 },
      content_filter_results: FILTER_RESULTS,
      finish_reason: null,
      index: 0,
    },
  ],
  created: 0,
  id: '',
  model: '',
  object: '',
}
const usageChunk = { ...chunk({}), choices: [], usage: USAGE }
const STREAM = sse(
  promptChunk,
  chunk({ delta: { content: '', refusal: null, role: 'assistant' } }),
  chunk({ delta: { content: 'Qui' } }),
  chunk({ content_filter_results: FILTER_RESULTS, delta: { content: 'to.' } }),
  annotation,
  chunk({ delta: {}, finish_reason: 'stop' }),
  usageChunk,
  annotation,
  '[DONE]',
)

const ask = (call: PlayedCall) => play({ provider: 'azure', endpoint: DEPLOYED, ...call })
describe('a call of a deployment', () => {
  test('names the deployment as what was asked for, and the model that answered', async () => {
    const facts = await ask({
      request: REQUEST,
      answer: JSON.stringify(PLAIN),
      headers: { 'apim-request-id': 'eb2486b2', 'x-request-id': '982ef905' },
      text: true,
    })
    expect(facts).toMatchObject({
      model: MODEL,
      requestModel: 'team-chat',
      finishReason: 'stop',
      providerRequestId: 'eb2486b2',
      responseId: 'chatcmpl-CB38',
      usageSource: 'provider',
      billable: true,
      unknownUsage: [],
      usage: {
        inputTokens: 19,
        outputTokens: 5,
        totalTokens: 24,
        cachedInputTokens: 8,
        reasoningTokens: 2,
      },
    })
    expect(facts.text?.completion).toMatchObject({ full: 'Quito.' })
  })

  test('has the deployment of its path where the body names nothing', async () => {
    const request = '{"messages":[{"role":"user","content":"Capital of Ecuador?"}]}'
    expect(await ask({ request, answer: JSON.stringify(PLAIN) })).toMatchObject({
      model: MODEL,
      requestModel: 'team-chat',
    })
  })

  test('has no model where the answer names none, however the deployment is called', async () => {
    const request = '{"model":"gpt-4o","messages":[]}'
    const { model: _, ...nameless } = PLAIN
    for (const endpoint of ['/openai/deployments/gpt-4o/chat/completions', DEPLOYED]) {
      const facts = await ask({ endpoint, request, answer: JSON.stringify(nameless) })
      expect(facts).toMatchObject({ model: null, billable: true })
    }
    expect(
      await ask({ endpoint: '/openai/v1/chat/completions', request, answer: '{"choices":[]}' }),
    ).toMatchObject({ model: null, requestModel: 'gpt-4o' })
  })

  test('of a model router names the model that it chose', async () => {
    const answer = JSON.stringify({ ...PLAIN, model: 'gpt-5-nano-2025-08-07' })
    expect(
      await ask({ endpoint: '/openai/deployments/model-router/chat/completions', answer }),
    ).toMatchObject({
      model: 'gpt-5-nano-2025-08-07',
      requestModel: 'model-router',
    })
  })
})

test('every call that is billed says that the kind of its deployment is not known', async () => {
  const facts = await ask({ request: REQUEST, answer: JSON.stringify(PLAIN) })
  expect(facts.billed.terms).toEqual(['deployment_type:unreported'])
  const refused = await ask({ request: REQUEST, status: 429, answer: '{}' })
  expect(refused.billed.terms).toEqual([])
})

describe('a stream', () => {
  const call = { request: REQUEST, answer: STREAM, answerType: SSE, text: true }

  test('is read past the chunks of the content filter', async () => {
    const facts = await ask(call)
    expect(facts).toMatchObject({
      stream: true,
      model: MODEL,
      responseId: 'chatcmpl-CB38',
      finishReason: 'stop',
      usageSource: 'provider',
      usage: { inputTokens: 19, outputTokens: 5 },
      streamError: null,
      unreadable: null,
    })
    expect(facts.text?.completion).toMatchObject({ full: 'Quito.' })
    expect(facts.text?.toolCalls).toEqual([])
  })

  test('is read the same in pieces of any size', async () => {
    const whole = await ask(call)
    for (const chunkBytes of [1, 7, 64]) expect(await ask({ ...call, chunkBytes })).toEqual(whole)
  })

  test('that was cut anywhere invents nothing', async () => {
    const usageAt = STREAM.indexOf(`"usage":{`)
    const usageEnd = STREAM.indexOf('}\n\n', usageAt)
    for (let at = 0; at < STREAM.length; at++) {
      const facts = await ask({ ...call, answer: STREAM.slice(0, at), aborted: true })
      expect([MODEL, null], `at ${at}`).toContain(facts.model)
      expect(['chatcmpl-CB38', null], `at ${at}`).toContain(facts.responseId)
      if (at < usageAt) expect(facts.usageSource, `at ${at}`).toBe('none')
      if (at > usageEnd) expect(facts.usage.totalTokens, `at ${at}`).toBe(24)
      expect('Quito.').toContain(facts.text?.completion?.full ?? '')
    }
  })

  test('that the filter stopped says so, with what was generated', async () => {
    const filtered = { hate: { filtered: true, severity: 'medium' } }
    const answer = sse(
      promptChunk,
      chunk({ delta: { content: 'Qui', role: 'assistant' } }),
      chunk({ content_filter_results: filtered, delta: {}, finish_reason: 'content_filter' }),
      usageChunk,
      '[DONE]',
    )
    const facts = await ask({ ...call, answer })
    expect(facts).toMatchObject({
      finishReason: 'content_filter',
      usage: { totalTokens: 24 },
      billable: true,
      streamError: null,
    })
    expect(facts.text?.completion).toMatchObject({ full: 'Qui' })
  })
})

describe('a prompt that the content filter refuses', () => {
  const refusal = JSON.stringify({
    error: {
      message: 'The response was filtered due to the prompt triggering the policy.',
      type: null,
      param: 'prompt',
      code: 'content_filter',
      status: 400,
      innererror: {
        code: 'ResponsibleAIPolicyViolation',
        content_filter_result: { jailbreak: { filtered: true, detected: true } },
      },
    },
  })

  test('has no usage and no cost, and keeps the prompt that was refused', async () => {
    const facts = await ask({ request: REQUEST, status: 400, answer: refusal, text: true })
    expect(facts).toMatchObject({
      model: null,
      requestModel: 'team-chat',
      billable: false,
      usageSource: 'none',
    })
    expect(facts.text?.prompt).toMatchObject({ full: 'Capital of Ecuador?' })
  })

  test('inside a stream is an error of that stream', async () => {
    const answer = sse(promptChunk, refusal)
    const facts = await ask({ request: REQUEST, answer, answerType: SSE })
    expect(facts).toMatchObject({ streamError: 'content_filter', billable: false })
  })
})

describe('the other endpoints', () => {
  const responses = {
    id: 'resp_1',
    object: 'response',
    status: 'completed',
    model: 'gpt-4.1-mini',
    content_filters: [{ blocked: false, source_type: 'prompt' }],
    output: [{ type: 'message', content: [{ type: 'output_text', text: 'Quito.' }] }],
    usage: { input_tokens: 11, output_tokens: 3, total_tokens: 14 },
  }

  test.each(['/openai/responses', '/openai/v1/responses'])('%s', async (endpoint) => {
    const request = '{"model":"team-chat","input":"Capital of Ecuador?"}'
    const facts = await ask({ endpoint, request, answer: JSON.stringify(responses), text: true })
    expect(facts).toMatchObject({
      model: 'gpt-4.1-mini',
      requestModel: 'team-chat',
      responseId: 'resp_1',
      usage: { inputTokens: 11, outputTokens: 3 },
      billable: true,
    })
    expect(facts.text?.completion).toMatchObject({ full: 'Quito.' })
  })

  test.each([
    '/openai/deployments/vectors/embeddings',
    '/openai/v1/embeddings',
    '/models/embeddings',
  ])('%s', async (endpoint) => {
    const answer = JSON.stringify({
      object: 'list',
      data: [{ embedding: [0.1], index: 0 }],
      model: 'text-embedding-3-small',
      usage: { prompt_tokens: 4, total_tokens: 4 },
    })
    expect(await ask({ endpoint, request: '{"input":"a"}', answer })).toMatchObject({
      model: 'text-embedding-3-small',
      usage: { inputTokens: 4, outputTokens: 0 },
      billable: true,
    })
  })

  test('images name no model, and get none by the deployment’s name', async () => {
    const usage = { input_tokens: 30, output_tokens: 400, total_tokens: 430 }
    const facts = await ask({
      endpoint: '/openai/deployments/pictures/images/generations',
      request: '{"prompt":"a cat"}',
      answer: JSON.stringify({ created: 1, data: [{ b64_json: 'AAAA' }], usage }),
    })
    expect(facts).toMatchObject({ model: null, requestModel: 'pictures', billable: true })
  })

  test('Claude in Foundry is read as Anthropic’s messages', async () => {
    const answer = JSON.stringify({
      ...{ type: 'message', id: 'msg_1', model: 'claude-sonnet-4-5', stop_reason: 'end_turn' },
      content: [{ type: 'text', text: 'Quito.' }],
      usage: { input_tokens: 9, output_tokens: 4 },
    })
    expect(
      await ask({ endpoint: '/anthropic/v1/messages', request: '{"model":"claude"}', answer }),
    ).toMatchObject({
      model: 'claude-sonnet-4-5',
      requestModel: 'claude',
      usage: { inputTokens: 9, outputTokens: 4 },
    })
  })

  test.each([
    ['POST', '/openai/assistants'],
    ['POST', '/openai/threads/thread_1/messages'],
    ['POST', '/openai/files'],
    ['POST', '/openai/batches'],
    ['POST', '/openai/v1/batches/batch_1/cancel'],
    ['GET', '/openai/models'],
    ['GET', '/openai/v1/models/gpt-4o'],
    ['GET', '/openai/deployments'],
    ['GET', '/openai/v1/responses/resp_1'],
  ])('%s %s is known and free', async (method, endpoint) => {
    expect(await ask({ method, endpoint, answer: '{"id":"x"}' })).toMatchObject({
      billable: false,
      unknownEndpoint: false,
    })
  })

  test.each([
    ['/openai/realtime', 'api-version=2025-04-01-preview&deployment=voice'],
    ['/openai/v1/realtime', 'model=voice'],
  ])('a socket at %s asks for a deployment too', (endpoint, query) => {
    const reader = createExchangeReader({
      ...{ provider: azure, method: 'GET', endpoint, query },
      ...{ contentType: null, contentEncoding: null },
    })
    reader.responseStart({
      ...{ status: 101, contentType: null, contentEncoding: null },
      header: (name) => (name === 'apim-request-id' ? 'eb2486b2' : undefined),
    })
    const event = JSON.stringify({
      type: 'response.done',
      response: {
        id: 'resp_1',
        status: 'completed',
        usage: { input_tokens: 7, output_tokens: 2, total_tokens: 9 },
      },
    })
    const model = JSON.stringify({
      type: 'session.created',
      session: { model: 'gpt-4o-mini-realtime-preview' },
    })
    for (const text of [model, event])
      reader.responseBody(
        Buffer.concat([
          Buffer.from([0x81, 126, text.length >> 8, text.length & 0xff]),
          Buffer.from(text),
        ]),
      )
    expect(reader.soFar(true)).toMatchObject({
      requestModel: 'voice',
      model: 'gpt-4o-mini-realtime-preview',
      providerRequestId: 'eb2486b2',
      usage: { totalTokens: 9 },
    })
  })
})

describe('the address and the key', () => {
  test('a deployment is found under a base path of the operator’s own, as a gateway has one', () => {
    const gateway = { ...azure, basePath: '/ai' as const, definedBasePath: azure.basePath }
    const reader = createExchangeReader({
      ...{ provider: gateway, method: 'POST', query: '', contentEncoding: null },
      ...{ contentType: 'application/json' },
      endpoint: '/ai/deployments/team-chat/chat/completions',
    })
    expect(reader.soFar(false)).toMatchObject({
      requestModel: 'team-chat',
      unknownEndpoint: false,
    })
  })

  test.each([
    // AzureOpenAI: `endpoint` …/azure, `baseURL` …/azure/openai; both with too much of it.
    ['/openai/deployments/d/chat/completions', '/openai/deployments/d/chat/completions'],
    ['/deployments/d/chat/completions', '/openai/deployments/d/chat/completions'],
    ['/openai/openai/deployments/d/embeddings', '/openai/deployments/d/embeddings'],
    ['/openai/v1/openai/deployments/d/embeddings', '/openai/deployments/d/embeddings'],
    ['/openai/responses', '/openai/responses'],
    // OpenAI and ai-sdk: …/azure/openai/v1, …/azure/v1, …/azure, …/azure/openai.
    ['/openai/v1/chat/completions', '/openai/v1/chat/completions'],
    ['/v1/chat/completions', '/openai/v1/chat/completions'],
    ['/chat/completions', '/openai/v1/chat/completions'],
    ['/openai/v1/v1/responses', '/openai/v1/responses'],
    ['/anthropic/v1/messages', '/anthropic/v1/messages'],
    ['/models/chat/completions', '/models/chat/completions'],
    ['/models', '/openai/models'],
  ])('%s reaches %s', (path, endpoint) => expect(canonicalPath(azure, path)).toBe(endpoint))

  test('a key goes into api-key, an Entra token into Authorization', () => {
    const key = '0123456789abcdef0123456789abcdef'
    expect(azure.credential(key, DEPLOYED)).toEqual(['api-key', key])
    expect(azure.credentialKind(key)).toBe('api_key')
    const token = 'eyJ0eXAiOiJKV1QifQ.eyJhdWQiOiJodHRwcyJ9.c2lnbmF0dXJl'
    expect(azure.credential(token, DEPLOYED)).toEqual(['authorization', `Bearer ${token}`])
    expect(azure.credentialKind(token)).toBe('oauth')
  })
})
