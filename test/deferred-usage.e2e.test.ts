import { expect, test } from 'vitest'
import { serveLoopback } from './support/loopback-server.ts'
import { PROVIDER_KEY } from './support/provider-key.ts'
import { rawCall } from './support/raw-http.ts'
import { until } from './support/until.ts'
import { useFlint, useServer } from './support/use-flint.ts'

const provider = useServer(() => {
  const usage = {
    input_tokens: 1_000,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 100,
    total_tokens: 1_100,
  }
  return serveLoopback((request, response) => {
    request.resume()
    const isDone = request.method === 'GET'
    const [, kind = ''] = /^\/v1\/(files|batches)/.exec(request.url ?? '') ?? []
    const batch = {
      id: 'batch_e2e',
      status: isDone ? 'completed' : 'validating',
      output_file_id: isDone ? 'file-out' : null,
    }
    const line = {
      custom_id: 'a',
      response: {
        body: {
          model: 'gpt-4o-mini-2024-07-18',
          usage: { prompt_tokens: 500, completion_tokens: 50 },
        },
      },
    }
    const answer = {
      id: 'resp_bg',
      model: 'gpt-4o-mini-2024-07-18',
      background: true,
      service_tier: 'default',
      status: isDone ? 'completed' : 'queued',
      usage: isDone ? usage : null,
    }
    const bodies: Readonly<Record<string, string>> = {
      files: `${JSON.stringify(line)}\n${JSON.stringify(line)}\n`,
      batches: JSON.stringify(batch),
    }
    const type = kind === 'files' ? 'application/octet-stream' : 'application/json'
    request.on('end', () =>
      response.writeHead(200, { 'content-type': type }).end(bodies[kind] ?? JSON.stringify(answer)),
    )
  })
})
const flint = useFlint(() => ({ upstream: provider.url }))

const headers = () => ({
  authorization: `Bearer ${flint.key}`,
  'x-provider-key': PROVIDER_KEY,
  'content-type': 'application/json',
})
const get = (path: string) =>
  rawCall(`${flint.baseUrl}/v1/proxy/openai/${path}`, { method: 'GET', headers: headers() })
function post(path: string, json: string) {
  const body = Buffer.from(json)
  return rawCall(`${flint.baseUrl}/v1/proxy/openai/${path}`, {
    method: 'POST',
    headers: { ...headers(), 'content-length': body.length },
    body,
  })
}

test('a background response is billed to the call that ordered it, and no poll is', async () => {
  await post('responses', '{"model":"gpt-4o-mini","input":"hi","background":true}')
  for (let poll = 0; poll < 2; poll++) await get('responses/resp_bg')
  const orders = async () =>
    (await flint.records()).filter(
      ({ responseId, method }) => responseId === 'resp_bg' && method === 'POST',
    )
  await until(
    'the usage of the background response',
    40_000,
    async () => (await orders())[0]?.usageSource === 'provider',
  )
  expect(await orders()).toMatchObject([
    {
      ...{
        source: 'proxy',
        responseId: 'resp_bg',
        inputTokens: 1_000,
        outputTokens: 100,
        billable: true,
        parentId: null,
      },
      ...{ finishReason: 'completed', costUsd: 0.00021, costStatus: 'exact' }, // 1,000 x $0.15 and 100 x $0.60 a million
    },
  ])
  const polls = (await flint.records()).filter(
    ({ responseId, method }) => responseId === 'resp_bg' && method === 'GET',
  )
  expect(
    polls.map(({ costUsd, billable, inputTokens }) => [costUsd, billable, inputTokens]),
  ).toEqual([
    [null, false, 1_000],
    [null, false, 1_000],
  ])
})

test('a batch that reports no usage is billed by its output file, once, to the call that ordered it', async () => {
  await post(
    'batches',
    '{"input_file_id":"file-in","endpoint":"/v1/chat/completions","completion_window":"24h"}',
  )
  await get('batches/batch_e2e')
  for (let read = 0; read < 2; read++) await get('files/file-out/content')
  const ofBatch = async () =>
    (await flint.records()).filter(({ responseId }) =>
      ['batch_e2e', 'file-out'].includes(String(responseId)),
    )
  const order = async () => (await ofBatch()).find(({ method }) => method === 'POST')
  await until(
    'the usage of the batch',
    40_000,
    async () => (await order())?.usageSource === 'provider',
  )
  expect(await order()).toMatchObject({
    ...{
      source: 'proxy',
      responseId: 'batch_e2e',
      inputTokens: 1_000,
      outputTokens: 100,
      billable: true,
      serviceTier: 'batch',
    },
    ...{ costUsd: 0.000105, costStatus: 'exact' }, // half of 1,000 x $0.15 and 100 x $0.60 a million
  })
  const others = (await ofBatch()).filter(({ method }) => method === 'GET')
  expect(others).toHaveLength(3)
  for (const { billable, costUsd } of others)
    expect({ billable, costUsd }).toEqual({ billable: false, costUsd: null })
})
