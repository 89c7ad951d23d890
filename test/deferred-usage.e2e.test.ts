import { once } from 'node:events'
import http from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type FlintUnderTest, startFlint, until } from './support/flint.ts'
import { rawCall } from './support/raw-http.ts'

let provider: http.Server
let flint: FlintUnderTest
beforeAll(async () => {
  const usage = { input_tokens: 1_000, input_tokens_details: { cached_tokens: 0 }, output_tokens: 100, total_tokens: 1_100 }
  provider = http.createServer((request, response) => {
    request.resume()
    const isDone = request.method === 'GET'
    const answer = {
      id: 'resp_bg',
      model: 'gpt-4o-mini-2024-07-18',
      background: true,
      service_tier: 'default',
      status: isDone ? 'completed' : 'queued',
      usage: isDone ? usage : null,
    }
    request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer)))
  })
  provider.listen(0, '127.0.0.1')
  await once(provider, 'listening')
  const address = provider.address()
  flint = await startFlint({ upstream: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}` })
})
afterAll(async () => {
  await flint?.stop()
  provider.close()
  provider.closeAllConnections()
})

it('a background response is billed to the call that ordered it, and no poll is', async () => {
  const headers = {
    authorization: `Bearer ${flint.key}`,
    'x-provider-key': 'sk-provider-0123456789abcd',
    'content-type': 'application/json',
  }
  const body = Buffer.from('{"model":"gpt-4o-mini","input":"hi","background":true}')
  await rawCall(`${flint.baseUrl}/v1/proxy/openai/responses`, {
    method: 'POST',
    headers: { ...headers, 'content-length': body.length },
    body,
  })
  for (let poll = 0; poll < 2; poll++) await rawCall(`${flint.baseUrl}/v1/proxy/openai/responses/resp_bg`, { method: 'GET', headers })
  const orders = async () => (await flint.records()).filter(({ method }) => method === 'POST')
  await until('the usage of the background response', 40_000, async () => (await orders())[0]?.usageSource === 'provider')
  expect(await orders()).toMatchObject([
    {
      ...{ source: 'proxy', responseId: 'resp_bg', inputTokens: 1_000, outputTokens: 100, billable: true, parentId: null },
      ...{ finishReason: 'completed', costUsd: 0.00021, costStatus: 'exact' }, // 1,000 x $0.15 and 100 x $0.60 a million
    },
  ])
  const polls = (await flint.records()).filter(({ method }) => method === 'GET')
  expect(polls.map(({ costUsd, billable, inputTokens }) => [costUsd, billable, inputTokens])).toEqual([
    [null, false, 1_000],
    [null, false, 1_000],
  ])
})
