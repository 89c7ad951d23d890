import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stubApi } from '../stub-api.ts'

let api: FastifyInstance
const reported: unknown[] = []
beforeAll(() => {
  api = stubApi({
    access: {
      authenticator: { authenticate: () => ({ org: 'org_1', keyId: 'key_1', scopes: ['report'] }) },
      failures: { note() {} },
      used() {},
    },
    reporter: {
      report: async (_principal, body) => {
        reported.push(body)
        return { requestId: 'x', createdAt: 'y' }
      },
    },
  })
})
afterAll(() => api.close())

const post = (payload: Buffer, encoding: string) =>
  api.inject({
    method: 'POST',
    url: '/v1/audit/report',
    headers: {
      authorization: 'Bearer flnt_live_one',
      'content-type': 'application/json',
      'content-encoding': encoding,
    },
    payload,
  })
const body = {
  provider: 'openai',
  endpoint: '/v1/chat/completions',
  response: { id: 'chatcmpl-1' },
}
const json = Buffer.from(JSON.stringify(body))

test.each([
  ['gzip', gzipSync(json)],
  ['x-gzip', gzipSync(json)],
  ['deflate', deflateSync(json)],
  ['br', brotliCompressSync(json)],
  ['identity', json],
])('a report may come as %s', async (encoding, payload) => {
  reported.length = 0
  expect((await post(payload, encoding)).statusCode).toBe(202)
  expect(reported).toEqual([body])
})

test.each([
  ['in an encoding that is not read', json, 'zstd', /content-encoding must be one of gzip/],
  ['that is not what its encoding says', json, 'gzip', /content-encoding/],
  ['that is compressed and cut', gzipSync(json).subarray(0, -9), 'gzip', /content-encoding/],
  ['that grows beyond 32 MB', gzipSync(Buffer.alloc(33 * 1024 * 1024, ' ')), 'gzip', /too large/],
])('a report %s is refused with what is wrong', async (_what, payload, encoding, message) => {
  const answer = await post(payload, encoding)
  expect([answer.statusCode, answer.json()]).toEqual([
    400,
    {
      error: {
        code: 'invalid_request',
        message: expect.stringMatching(message),
        type: 'flint_error',
      },
    },
  ])
})
