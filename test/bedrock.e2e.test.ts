import AnthropicBedrock from '@anthropic-ai/bedrock-sdk'
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  amazonException,
  converseEvents,
  modelChunks,
} from '../src/providers/fixtures/amazon-events.ts'
import { rawCall } from './support/raw-http.ts'
import { captureText } from './support/recorded-text.ts'
import { type Script, startScriptedProvider } from './support/scripted-provider.ts'
import { useFlint, useServer } from './support/use-flint.ts'
import { expectNothingOfFlint } from './support/wire.ts'

const SONNET = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const KEY = `AB${'SK'}QmVkcm9ja0FQSUtleS0wMTIzNDU2Nzg5/at+c2VjcmV0=`
const messages = [{ role: 'user' as const, content: [{ text: 'How deep is the Mariana Trench?' }] }]
const usage = { inputTokens: 12, outputTokens: 34, totalTokens: 46 }
const recorded = {
  ...{ provider: 'bedrock', model: SONNET, status: 200, outcome: 'complete' },
  ...{ inputTokens: 12, outputTokens: 34, usageSource: 'provider', costStatus: 'exact' },
  ...{ providerRequestId: 'amzn-1', credential: 'api_key' },
}
const converse = { modelId: SONNET, messages, system: [{ text: 'Be brief.' }] }

const provider = useServer(startScriptedProvider)
const flint = useFlint(() => ({
  upstream: provider.url,
  env: { FLINT_PROVIDERS_BEDROCK_UPSTREAM: provider.url },
}))

/** The SDK has one place for a key: both go there, joined. */
const client = (token = `${KEY}.${flint.key}`) =>
  new BedrockRuntimeClient({
    ...{ region: 'us-east-1', endpoint: `${flint.baseUrl}/v1/proxy/bedrock`, maxAttempts: 1 },
    ...{ token: { token }, authSchemePreference: ['httpBearerAuth'] },
  })
const claude = () =>
  new AnthropicBedrock({
    ...{ apiKey: KEY, awsRegion: 'us-east-1', baseURL: `${flint.baseUrl}/v1/proxy/bedrock` },
    ...{ defaultHeaders: { 'x-flint-key': flint.key }, maxRetries: 0 },
  })

const json =
  (body: object, headers = {}): Script =>
  (_request, response) =>
    void response
      .writeHead(200, {
        ...{ 'content-type': 'application/json', 'x-amzn-requestid': 'amzn-1' },
        ...headers,
      })
      .end(JSON.stringify(body))
const events =
  (stream: Buffer, { hangUp = false } = {}): Script =>
  (_request, response) => {
    response.writeHead(200, {
      'content-type': 'application/vnd.amazon.eventstream',
      'x-amzn-requestid': 'amzn-1',
    })
    response.write(stream, () => {
      if (hangUp) response.destroy()
      else response.end()
    })
  }

/** Records of calls that did not reach the provider. */
let refused = 0

async function lastRecord() {
  const count = provider.received.length + refused
  const [record] = await flint.settled(count, { provider: 'bedrock' })
  return record
}

const streamed = converseEvents(
  ['messageStart', { role: 'assistant' }],
  ['contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Eleven ' } }],
  ['contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'kilometres.' } }],
  ['contentBlockStop', { contentBlockIndex: 0 }],
  ['messageStop', { stopReason: 'end_turn' }],
  ['metadata', { usage, metrics: { latencyMs: 5 } }],
)
const claudeStream = modelChunks(
  {
    type: 'message_start',
    message: {
      ...{ id: 'msg_1', type: 'message', role: 'assistant', content: [], stop_reason: null },
      ...{ model: 'claude-sonnet-4-5-20250929', stop_sequence: null },
      usage: { input_tokens: 12, output_tokens: 1 },
    },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Eleven.' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 34 } },
  {
    type: 'message_stop',
    'amazon-bedrock-invocationMetrics': { inputTokenCount: 12, outputTokenCount: 34 },
  },
)

beforeAll(() =>
  captureText(flint, (claim) =>
    rawCall(`${flint.baseUrl}/v1/proxy/bedrock/model/${SONNET}/converse`, {
      headers: { authorization: `Bearer ${KEY}.${flint.key}`, 'x-flint-request-id': claim },
      body: '{}',
    }),
  ),
)

describe('the AWS SDK with an API key', () => {
  test('converses, and the record has usage, price and text', async () => {
    provider.answer(
      json({
        output: { message: { role: 'assistant', content: [{ text: 'Eleven kilometres.' }] } },
        ...{ stopReason: 'end_turn', usage, metrics: { latencyMs: 5 } },
      }),
    )
    const answer = await client().send(new ConverseCommand(converse))
    expect(answer.output?.message?.content).toEqual([{ text: 'Eleven kilometres.' }])
    const sent = provider.received.at(-1)
    expect(sent?.headers.authorization).toBe(`Bearer ${KEY}`)
    expect(sent?.url).toBe(`/model/${encodeURIComponent(SONNET)}/converse`)
    expectNothingOfFlint(sent?.rawHeaders ?? [])
    expect(await lastRecord()).toMatchObject({
      ...{ ...recorded, stream: false, finishReason: 'end_turn' },
      completionPreview: 'Eleven kilometres.',
    })
  })

  test('streams a conversation', async () => {
    provider.answer(events(streamed))
    const { stream } = await client().send(new ConverseStreamCommand(converse))
    let text = ''
    let total: number | undefined
    for await (const event of stream ?? []) {
      text += event.contentBlockDelta?.delta?.text ?? ''
      total = event.metadata?.usage?.totalTokens ?? total
    }
    expect([text, total]).toEqual(['Eleven kilometres.', 46])
    expect(await lastRecord()).toMatchObject({
      ...{ ...recorded, stream: true, finishReason: 'end_turn' },
      completionPreview: 'Eleven kilometres.',
    })
  })

  test('invokes a model whose counts are in headers', async () => {
    provider.answer(
      json(
        { outputs: [{ text: 'Eleven.', stop_reason: 'stop' }] },
        { 'x-amzn-bedrock-input-token-count': '12', 'x-amzn-bedrock-output-token-count': '34' },
      ),
    )
    const modelId = 'mistral.mistral-7b-instruct-v0:2'
    await client().send(new InvokeModelCommand({ modelId, body: '{"prompt":"How deep?"}' }))
    expect(await lastRecord()).toMatchObject({
      ...{ model: modelId, inputTokens: 12, outputTokens: 34, usageSource: 'provider' },
      usageRaw: { inputTokenCount: 12, outputTokenCount: 34 },
    })
  })

  test('invokes a model by an ARN, as a stream', async () => {
    provider.answer(events(claudeStream))
    const modelId = `arn:aws:bedrock:us-east-1:123456789012:inference-profile/${SONNET}`
    const { body } = await client().send(
      new InvokeModelWithResponseStreamCommand({ modelId, body: '{}' }),
    )
    let chunks = 0
    for await (const { chunk } of body ?? []) if (chunk?.bytes) chunks++
    expect(chunks).toBe(6)
    expect(await lastRecord()).toMatchObject({ ...recorded, stream: true, responseId: 'msg_1' })
  })

  test('gets a refusal as its own error, and the record has the status', async () => {
    provider.answer((_request, response) => {
      response
        .writeHead(429, {
          ...{ 'content-type': 'application/json', 'x-amzn-requestid': 'amzn-1' },
          'x-amzn-errortype': 'ThrottlingException',
        })
        .end('{"message":"Too many requests"}')
    })
    await expect(client().send(new ConverseCommand(converse))).rejects.toMatchObject({
      ...{ name: 'ThrottlingException', message: 'Too many requests' },
    })
    expect(await lastRecord()).toMatchObject({
      ...{ status: 429, model: SONNET, usageSource: 'none', providerRequestId: 'amzn-1' },
    })
  })

  test('gets an exception inside a stream as its own error, and the record names it', async () => {
    const failed = Buffer.concat([
      converseEvents(['messageStart', { role: 'assistant' }]),
      amazonException('modelStreamErrorException', 'It broke'),
    ])
    provider.answer(events(failed))
    const { stream } = await client().send(new ConverseStreamCommand(converse))
    const read = async () => {
      for await (const _ of stream ?? []);
    }
    await expect(read()).rejects.toMatchObject({ name: 'ModelStreamErrorException' })
    expect(await lastRecord()).toMatchObject({
      ...{ status: 200, usageSource: 'none', streamError: 'modelStreamErrorException' },
    })
  })

  test('gets a stream that the provider hangs up on cut at the same place', async () => {
    provider.answer(events(streamed.subarray(0, streamed.length - 40), { hangUp: true }))
    const { stream } = await client().send(new ConverseStreamCommand(converse))
    let text = ''
    const read = async () => {
      for await (const event of stream ?? []) text += event.contentBlockDelta?.delta?.text ?? ''
    }
    await expect(read()).rejects.toThrow()
    expect(text).toBe('Eleven kilometres.')
    const record = await lastRecord()
    expect(record).toMatchObject({ usageSource: 'none', inputTokens: null, costUsd: null })
    expect(record?.outcome).not.toBe('complete')
  })
})

describe('the AWS SDK that signs its requests', () => {
  interface Signed {
    hostname: string
    port?: number | undefined
    path: string
    headers: Record<string, string>
  }

  /** A client for `endpoint` whose requests are changed once they are signed. */
  const signing = (endpoint: string, afterwards: (request: Signed) => void) => {
    const credentials = { accessKeyId: `AK${'IA'}ABCDEFGHIJKLMNOP`, secretAccessKey: 'secret' }
    const region = 'us-east-1'
    const signer = new BedrockRuntimeClient({
      ...{ region, endpoint, credentials, maxAttempts: 1 },
      // Over HTTP/2 the SDK signs `:authority`, which does not reach a provider.
      requestHandler: new NodeHttpHandler(),
    })
    signer.middlewareStack.add(
      (next) => (args) => {
        afterwards(args.request as Signed)
        return next(args)
      },
      { step: 'deserialize', priority: 'low' },
    )
    return signer
  }

  test('for Flint’s address is refused, and says a way that works', async () => {
    const before = provider.received.length
    const answered = signing(`${flint.baseUrl}/v1/proxy/bedrock`, ({ headers }) => {
      headers['x-flint-key'] = flint.key
    }).send(new ConverseCommand(converse))
    await expect(answered).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } })
    expect(provider.received).toHaveLength(before)
    const answer = await rawCall(`${flint.baseUrl}/v1/proxy/bedrock/model/${SONNET}/converse`, {
      headers: {
        'x-flint-key': flint.key,
        authorization:
          'AWS4-HMAC-SHA256 Credential=ABCDEFGHIJKLMNOPQRST/20261130/us-east-1/bedrock/aws4_request, SignedHeaders=host, Signature=00',
      },
      body: '{}',
    })
    expect(answer.status).toBe(400)
    refused += 2
    expect(answer.body.toString()).toContain('use an API key of the provider, or sign for ')
  })

  test('for the provider’s own host passes as it was signed, and is recorded', async () => {
    provider.answer(json({ output: { message: { content: [] } }, stopReason: 'end_turn', usage }))
    const { hostname, port } = new URL(flint.baseUrl)
    let signed: Signed | undefined
    await signing(provider.url, (request) => {
      signed = { ...request, headers: { ...request.headers } }
      Object.assign(request, { hostname, port: Number(port) })
      request.path = `/v1/proxy/bedrock${request.path}`
      request.headers['x-flint-key'] = flint.key
    }).send(new ConverseCommand(converse))
    const sent = provider.received.at(-1)
    expect(sent?.url).toBe(signed?.path)
    const covered = /SignedHeaders=([^,]+)/.exec(signed?.headers['authorization'] ?? '')?.[1]
    expect(covered).toContain('host')
    for (const name of ['authorization', ...(covered ?? '').split(';')])
      expect([name, sent?.headers[name]]).toEqual([name, signed?.headers[name]])
    expectNothingOfFlint(sent?.rawHeaders ?? [])
    expect(await lastRecord()).toMatchObject({
      ...recorded,
      credential: 'signature',
      keyHint: '...MNOP',
    })
  })
})

describe('Anthropic’s SDK for Bedrock with an API key', () => {
  const request = {
    ...{ model: SONNET, max_tokens: 64 },
    messages: [{ role: 'user' as const, content: 'How deep is the Mariana Trench?' }],
  }

  test('makes a message', async () => {
    provider.answer(
      json({
        ...{ id: 'msg_1', type: 'message', role: 'assistant', stop_reason: 'end_turn' },
        ...{ model: 'claude-sonnet-4-5-20250929', content: [{ type: 'text', text: 'Eleven.' }] },
        usage: { input_tokens: 12, output_tokens: 34 },
      }),
    )
    const { content } = await claude().messages.create(request)
    expect(content).toMatchObject([{ text: 'Eleven.' }])
    expect(provider.received.at(-1)?.headers.authorization).toBe(`Bearer ${KEY}`)
    expect(await lastRecord()).toMatchObject({
      ...{ ...recorded, stream: false, finishReason: 'end_turn', completionPreview: 'Eleven.' },
    })
  })

  test('streams one', async () => {
    provider.answer(events(claudeStream))
    let text = ''
    for await (const event of await claude().messages.create({ ...request, stream: true }))
      if (event.type === 'content_block_delta' && event.delta.type === 'text_delta')
        text += event.delta.text
    expect(text).toBe('Eleven.')
    expect(await lastRecord()).toMatchObject({ ...recorded, stream: true, responseId: 'msg_1' })
  })
})
