import { describe, expect, test } from 'vitest'
import {
  amazonException,
  amazonMessage,
  converseEvents,
  modelChunks,
} from '../fixtures/amazon-events.ts'
import { type PlayedCall, play } from '../fixtures/play.ts'
import { extractFromReport } from '../reading/report.ts'
import { definitionOf } from '../registry.ts'
import { modelOfPath } from './model-id.ts'

const EVENTS = 'application/vnd.amazon.eventstream'
const SONNET = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const NOVA = 'amazon.nova-lite-v1:0'
const PROFILE =
  'arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fab12cd34ef56'

const call = (model: string, operation: string, played: PlayedCall) =>
  play({ provider: 'bedrock', endpoint: `/model/${model}/${operation}`, ...played })
const converse = (answer: object, model = SONNET) =>
  call(model, 'converse', { answer: JSON.stringify(answer), text: true })
const converseStream = (answer: Uint8Array, more: PlayedCall = {}) =>
  call(SONNET, 'converse-stream', { answer, answerType: EVENTS, text: true, ...more })
const invoke = (model: string, answer: object, headers: Record<string, string> = {}) =>
  call(model, 'invoke', { answer: JSON.stringify(answer), text: true, headers })
const invokeStream = (model: string, answer: Uint8Array, more: PlayedCall = {}) =>
  call(model, 'invoke-with-response-stream', { answer, answerType: EVENTS, text: true, ...more })

const PLAIN = {
  output: {
    message: {
      role: 'assistant',
      content: [
        { reasoningContent: { reasoningText: { text: 'thinking' } } },
        { text: 'Eleven kilometres.' },
        { toolUse: { toolUseId: 'tooluse_1', name: 'depth', input: { of: 'trench' } } },
      ],
    },
  },
  stopReason: 'tool_use',
  usage: {
    ...{ inputTokens: 12, outputTokens: 34, totalTokens: 5_146 },
    ...{ cacheReadInputTokens: 5_000, cacheWriteInputTokens: 100 },
    cacheDetails: [{ ttl: '5m', inputTokens: 100 }],
  },
  metrics: { latencyMs: 551 },
}
const STREAM = converseEvents(
  ['messageStart', { role: 'assistant' }],
  ['contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Eleven ' } }],
  ['contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'kilometres.' } }],
  ['contentBlockStop', { contentBlockIndex: 0 }],
  [
    'contentBlockStart',
    { contentBlockIndex: 1, start: { toolUse: { toolUseId: 'tooluse_1', name: 'depth' } } },
  ],
  ['contentBlockDelta', { contentBlockIndex: 1, delta: { toolUse: { input: '{"of":' } } }],
  ['contentBlockDelta', { contentBlockIndex: 1, delta: { toolUse: { input: '"trench"}' } } }],
  ['contentBlockStop', { contentBlockIndex: 1 }],
  ['messageStop', { stopReason: 'tool_use' }],
  [
    'metadata',
    {
      usage: { inputTokens: 12, outputTokens: 34, totalTokens: 46 },
      metrics: { latencyMs: 551 },
      serviceTier: { type: 'default' },
    },
  ],
)
const CLAUDE_STREAM = modelChunks(
  {
    type: 'message_start',
    message: {
      ...{ id: 'msg_bdrk_1', model: 'claude-sonnet-4-5-20250929' },
      usage: { input_tokens: 12, cache_read_input_tokens: 5_000, output_tokens: 1 },
    },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Eleven ' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'kilometres.' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 34 } },
  {
    type: 'message_stop',
    'amazon-bedrock-invocationMetrics': {
      ...{ inputTokenCount: 12, outputTokenCount: 34, cacheReadInputTokenCount: 5_000 },
      ...{ invocationLatency: 880, firstByteLatency: 402 },
    },
  },
)

describe('a model of a path', () => {
  test.each([
    [NOVA, NOVA],
    ['us.anthropic.claude-opus-4-6-v1', 'us.anthropic.claude-opus-4-6-v1'],
    ['amazon.nova-lite-v1%3A0', NOVA],
    ['arn%3Aaws%3Abedrock%3Aus-east-1%3A%3Afoundation-model%2Famazon.nova-lite-v1%3A0', NOVA],
    [`arn:aws:bedrock:eu-west-1:123456789012:inference-profile/${SONNET}`, SONNET],
    [`arn:aws-us-gov:bedrock:us-gov-west-1:1:inference-profile/us-gov.${NOVA}`, `us-gov.${NOVA}`],
    [PROFILE, null],
    ['ab12cd34ef56', null],
    ['arn:aws:bedrock:us-east-1:123456789012:provisioned-model/ab12cd34ef56', null],
    ['arn:aws:sagemaker:us-east-1:1:endpoint/my.endpoint', null],
    ['arn:aws:bedrock:us-east-1:1:default-prompt-router/anthropic.claude:1', null],
    ['%E0%A4%A', null],
  ])('%s is %s', (written, model) => {
    for (const operation of ['converse', 'converse-stream', 'invoke-with-response-stream'])
      expect(modelOfPath(`/model/${written}/${operation}`)).toBe(model)
  })
})

describe('Converse', () => {
  test('counts what was read from and written to the cache on top of the input', async () => {
    const facts = await converse(PLAIN)
    expect(facts).toMatchObject({
      ...{ model: SONNET, requestModel: SONNET, stream: false, finishReason: 'tool_use' },
      ...{ usageSource: 'provider', unreadable: null, unknownUsage: [] },
      usage: {
        ...{ inputTokens: 5_112, outputTokens: 34, totalTokens: 5_146 },
        ...{ cachedInputTokens: 5_000, cacheWriteTokens: 100, cacheWrite5mTokens: 100 },
      },
    })
    expect(JSON.parse(facts.usageRaw ?? '')).toEqual(PLAIN.usage)
  })

  test('gives the text and the calls of tools, plain and streamed alike', async () => {
    for (const facts of [await converse(PLAIN), await converseStream(STREAM)]) {
      expect(facts.text?.completion).toMatchObject({ full: 'Eleven kilometres.', truncated: false })
      expect(facts.text?.toolCalls).toEqual([
        { index: 0, id: 'tooluse_1', name: 'depth', argumentsJson: '{"of":"trench"}' },
      ])
    }
  })

  test('gives the prompt, its system text and what is attached', async () => {
    const { text } = await call(NOVA, 'converse', {
      text: true,
      request: JSON.stringify({
        system: [{ text: 'Be brief.' }, { cachePoint: { type: 'default' } }],
        messages: [
          {
            role: 'user',
            content: [
              { text: 'How deep?' },
              { image: { format: 'png', source: { bytes: 'iVBORw0KGgo=' } } },
              { toolResult: { toolUseId: 't', content: [{ text: 'not a prompt' }] } },
            ],
          },
        ],
      }),
      answer: '{}',
    })
    expect(text?.prompt?.full).toContain('Be brief.')
    expect(text?.prompt?.full).toContain('How deep?')
    expect(text?.prompt?.full).not.toContain('not a prompt')
    expect(text?.attachments).toMatchObject([{ kind: 'image', bytes: 8 }])
  })

  test('streams its usage in the last event, however it is cut', async () => {
    for (const chunkBytes of [1, 2, 13, 1_000, null]) {
      const facts = await converseStream(STREAM, { chunkBytes })
      expect(facts).toMatchObject({
        ...{ model: SONNET, stream: true, finishReason: 'tool_use', serviceTier: 'default' },
        ...{ usageSource: 'provider', unreadable: null, streamError: null },
        usage: { inputTokens: 12, outputTokens: 34, totalTokens: 46 },
      })
    }
  })

  test('that hangs up says what came whole, at every byte', async () => {
    for (let length = 0; length < STREAM.length; length++) {
      const facts = await converseStream(STREAM.subarray(0, length), { aborted: true })
      expect(facts.usage.outputTokens).toBeNull()
      expect([facts.usageSource, facts.unreadable, facts.fault]).toEqual(['none', null, null])
      expect('Eleven kilometres.').toContain(facts.text?.completion?.full ?? '')
    }
  })

  test('that ends in the middle of an event, by its own end, could not be read', async () => {
    const facts = await converseStream(STREAM.subarray(0, STREAM.length - 3))
    expect([facts.unreadable, facts.usageSource]).toEqual(['unreadable_body', 'none'])
  })

  test('whose last event is damaged has no usage, and says that it could not be read', async () => {
    const damaged = Buffer.from(STREAM)
    damaged[damaged.length - 20] = (damaged[damaged.length - 20] ?? 0) ^ 1
    const facts = await converseStream(damaged)
    expect([facts.unreadable, facts.usageSource]).toEqual(['unreadable_body', 'none'])
    expect(facts.text?.completion).toMatchObject({ full: 'Eleven kilometres.', truncated: true })
  })

  test('that fails under way has the name of the error, and not its message', async () => {
    const facts = await converseStream(
      Buffer.concat([
        converseEvents(['messageStart', { role: 'assistant' }]),
        amazonException('modelStreamErrorException', 'the prompt was: secret'),
      ]),
    )
    expect(facts).toMatchObject({ streamError: 'modelStreamErrorException', billable: false })
    expect(JSON.stringify(facts)).not.toContain('secret')
  })

  test('through a router has the model it was routed to', async () => {
    const facts = await call(
      'arn:aws:bedrock:us-east-1:1:default-prompt-router%2Fanthropic.claude:1',
      'converse',
      {
        answer: JSON.stringify({
          ...PLAIN,
          trace: {
            promptRouter: {
              invokedModelId: `arn:aws:bedrock:us-east-1:1:inference-profile/${SONNET}`,
            },
          },
        }),
      },
    )
    expect([facts.model, facts.requestModel]).toEqual([SONNET, null])
  })

  test('with a guardrail has a fee that the answer does not count', async () => {
    const facts = await converse({ ...PLAIN, trace: { guardrail: { inputAssessment: {} } } })
    expect(facts.billed.uncountedFees).toEqual(['guardrail'])
  })

  test('that was refused has no usage and keeps its request id', async () => {
    const facts = await call(SONNET, 'converse', {
      status: 429,
      headers: { 'x-amzn-requestid': 'id-1', 'x-amzn-errortype': 'ThrottlingException' },
      answer: '{"message":"Too many requests"}',
    })
    expect(facts).toMatchObject({
      ...{ model: SONNET, usageSource: 'none', billable: false },
      providerRequestId: 'id-1',
    })
  })

  test('that a client reports is read as what its SDK gave it', () => {
    const wire = {
      provider: definitionOf('bedrock'),
      endpoint: `/model/${SONNET}/converse`,
    } as const
    const plain = extractFromReport({ ...wire, response: PLAIN })
    expect(plain.usage.inputTokens).toBe(5_112)
    const streamed = extractFromReport({
      ...{ provider: definitionOf('bedrock'), endpoint: `/model/${SONNET}/converse-stream` },
      response: [
        { messageStop: { stopReason: 'end_turn' } },
        { metadata: { usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 } } },
      ],
    })
    expect(streamed).toMatchObject({ finishReason: 'end_turn', usage: { outputTokens: 2 } })
  })
})

describe('InvokeModel', () => {
  test('of Claude is read as Claude’s messages are, by the path’s name of the model', async () => {
    const facts = await invoke(SONNET, {
      ...{ id: 'msg_bdrk_1', type: 'message', model: 'claude-sonnet-4-5-20250929' },
      content: [{ type: 'text', text: 'Eleven kilometres.' }],
      stop_reason: 'end_turn',
      usage: {
        ...{ input_tokens: 12, output_tokens: 34, cache_read_input_tokens: 5_000 },
        cache_creation_input_tokens: 0,
      },
    })
    expect(facts).toMatchObject({
      ...{ model: SONNET, finishReason: 'end_turn', responseId: 'msg_bdrk_1' },
      ...{ usageSource: 'provider', usage: { inputTokens: 5_012, outputTokens: 34 } },
      text: { completion: { full: 'Eleven kilometres.' } },
    })
  })

  test('of Claude streams the same, however it is cut', async () => {
    for (const chunkBytes of [1, 3, 50, null]) {
      const facts = await invokeStream(SONNET, CLAUDE_STREAM, { chunkBytes })
      expect(facts).toMatchObject({
        ...{ model: SONNET, stream: true, finishReason: 'end_turn', responseId: 'msg_bdrk_1' },
        ...{ usageSource: 'provider', unreadable: null, unknownUsage: [] },
        usage: { inputTokens: 5_012, outputTokens: 34, cachedInputTokens: 5_000 },
        text: { completion: { full: 'Eleven kilometres.', truncated: false } },
      })
    }
  })

  test('of Claude that hangs up knows its input and no output, at every byte', async () => {
    const final = CLAUDE_STREAM.length - modelChunks({ type: 'message_stop' }).length - 300
    for (let length = 0; length < final; length++) {
      const facts = await invokeStream(SONNET, CLAUDE_STREAM.subarray(0, length), { aborted: true })
      expect(facts.usage.outputTokens).toBeNull()
      expect([5_012, null]).toContain(facts.usage.inputTokens)
      expect(['none', 'partial']).toContain(facts.usageSource)
      expect([facts.unreadable, facts.fault]).toEqual([null, null])
    }
  })

  test('that fails under way has the name of the error', async () => {
    const begun = CLAUDE_STREAM.subarray(0, 900)
    const [first = 0] = [begun.readUInt32BE(0)]
    const facts = await invokeStream(
      SONNET,
      Buffer.concat([begun.subarray(0, first), amazonException('throttlingException', 'Wait')]),
    )
    expect(facts).toMatchObject({ streamError: 'throttlingException', usageSource: 'partial' })
  })

  test('by an application inference profile has the model of the answer, or none', async () => {
    const claude = await invokeStream(PROFILE, CLAUDE_STREAM)
    expect([claude.model, claude.requestModel]).toEqual(['claude-sonnet-4-5-20250929', null])
    expect(claude.billed.terms).toEqual(['inference_profile:application'])
    const nova = await invoke(PROFILE, { usage: { inputTokens: 1, outputTokens: 2 } })
    expect([nova.model, nova.usage.outputTokens]).toEqual([null, 2])
  })

  test.each([
    [
      'Nova',
      { output: { message: { content: [{ text: 'Hi' }] } }, stopReason: 'end_turn' },
      { usage: { inputTokens: 8, outputTokens: 9, totalTokens: 17, cacheReadInputTokenCount: 0 } },
    ],
    [
      'Llama',
      { generation: 'Hi', stop_reason: 'end_turn' },
      { prompt_token_count: 8, generation_token_count: 9 },
    ],
    [
      'Titan',
      { results: [{ outputText: 'Hi', tokenCount: 9, completionReason: 'end_turn' }] },
      { inputTextTokenCount: 8 },
    ],
    [
      'a model with OpenAI’s shape',
      { id: 'c1', choices: [{ finish_reason: 'end_turn', message: { content: '?' } }] },
      { usage: { prompt_tokens: 8, completion_tokens: 9, total_tokens: 17 } },
    ],
  ])('of %s counts by its body', async (name, body, counts) => {
    const facts = await invoke('some.model-v1:0', { ...body, ...counts })
    expect(facts).toMatchObject({
      ...{ usageSource: 'provider', finishReason: 'end_turn', unreadable: null },
      usage: { inputTokens: 8, outputTokens: 9 },
    })
    if (name !== 'a model with OpenAI’s shape') expect(facts.text?.completion?.full).toBe('Hi')
  })

  test('of a model whose body has no counts takes those of the headers, and names them', async () => {
    const headers = {
      'x-amzn-bedrock-input-token-count': '8',
      'x-amzn-bedrock-output-token-count': '9',
      'x-amzn-bedrock-cache-read-input-token-count': '100',
      'x-amzn-bedrock-service-tier': 'flex',
    }
    for (const answer of [{ outputs: [{ text: 'Hi', stop_reason: 'stop' }] }, { texts: ['a'] }])
      expect(await invoke('mistral.mistral-7b-instruct-v0:2', answer, headers)).toMatchObject({
        ...{ usageSource: 'provider', serviceTier: 'flex' },
        usage: { inputTokens: 108, outputTokens: 9, cachedInputTokens: 100 },
        usageRaw: '{"inputTokenCount":8,"outputTokenCount":9,"cacheReadInputTokenCount":100}',
      })
    const without = await invoke('mistral.mistral-7b-instruct-v0:2', { outputs: [{ text: 'Hi' }] })
    expect([without.usageSource, without.usage.inputTokens]).toEqual(['none', null])
  })

  test('has the counts of the model before those of the headers', async () => {
    const facts = await invoke(
      NOVA,
      { usage: { inputTokens: 8, outputTokens: 9 } },
      { 'x-amzn-bedrock-input-token-count': '1', 'x-amzn-bedrock-output-token-count': '1' },
    )
    expect(facts.usage).toMatchObject({ inputTokens: 8, outputTokens: 9 })
  })

  test('of an embedding has input only', async () => {
    const facts = await invoke('amazon.titan-embed-text-v1', {
      embedding: [0.1, 0.2],
      inputTextTokenCount: 8,
    })
    expect(facts).toMatchObject({
      usageSource: 'provider',
      usage: { inputTokens: 8, outputTokens: null },
    })
  })

  test('of Llama streams counts that grow; the metrics and the last of them count', async () => {
    const stream = modelChunks(
      { generation: 'H', prompt_token_count: 8, generation_token_count: 1, stop_reason: null },
      {
        ...{ generation: 'i', prompt_token_count: null, generation_token_count: 9 },
        stop_reason: 'stop',
        'amazon-bedrock-invocationMetrics': { inputTokenCount: 8, outputTokenCount: 9 },
      },
    )
    const whole = await invokeStream('meta.llama3-3-70b-instruct-v1:0', stream)
    expect(whole).toMatchObject({
      ...{ usageSource: 'provider', finishReason: 'stop' },
      ...{ usage: { inputTokens: 8, outputTokens: 9 }, text: { completion: { full: 'Hi' } } },
    })
    const cut = await invokeStream('meta.llama3-3-70b-instruct-v1:0', stream.subarray(0, 350), {
      aborted: true,
    })
    expect(cut).toMatchObject({ usageSource: 'partial', usage: { outputTokens: 1 } })
  })

  test('of a model that only its metrics count takes those', async () => {
    const facts = await invokeStream(
      'mistral.mistral-7b-instruct-v0:2',
      modelChunks({
        outputs: [{ text: 'Hi', stop_reason: 'stop' }],
        'amazon-bedrock-invocationMetrics': { inputTokenCount: 8, outputTokenCount: 9 },
      }),
    )
    expect(facts).toMatchObject({
      ...{ usageSource: 'provider', usage: { inputTokens: 8, outputTokens: 9 } },
      usageRaw: '{"inputTokenCount":8,"outputTokenCount":9}',
    })
  })

  test('of a message that is no JSON could not be read', async () => {
    const headers = { ':message-type': 'event', ':event-type': 'chunk' }
    const facts = await invokeStream(NOVA, amazonMessage(headers, '{"bytes":"bm8ganNvbg=="}'))
    expect(facts.unreadable).toBe('unreadable_body')
  })
})

test('Claude’s own API at Bedrock has the model that was asked for, with its geography', async () => {
  const facts = await play({
    ...{ provider: 'bedrock', endpoint: '/anthropic/v1/messages' },
    request: '{"model":"global.anthropic.claude-opus-4-6"}',
    answer: JSON.stringify({
      ...{ type: 'message', model: 'claude-opus-4-6' },
      usage: { input_tokens: 1, output_tokens: 2 },
    }),
  })
  expect([facts.model, facts.usage.outputTokens]).toEqual(['global.anthropic.claude-opus-4-6', 2])
})
