import type { FastifyInstance } from 'fastify'
import { afterEach, expect, test } from 'vitest'
import { stubApi } from './stub-api.ts'

let api: FastifyInstance
afterEach(() => api?.close())

const start = () => {
  api = stubApi({
    access: {
      authenticator: {
        authenticate: (key) =>
          key.startsWith('flnt_live_')
            ? { org: 'org_1', keyId: key, scopes: ['read', 'report'] }
            : { refused: 'unknown', principal: null },
      },
      failures: { note() {} },
      used() {},
    },
    calls: { listCalls: async () => [], findCall: async () => null },
    reporter: { report: async () => ({ requestId: 'x', createdAt: 'y' }) },
    limits: { requestsPerMinute: 3, reportsPerMinute: 5, failuresPerMinute: 4 },
  })
}
const get = (key: string, url = '/v1/audit') =>
  api.inject({ method: 'GET', url, headers: { authorization: `Bearer ${key}` } })
const report = (key: string) =>
  api.inject({
    method: 'POST',
    url: '/v1/audit/report',
    headers: { authorization: `Bearer ${key}` },
    payload: { provider: 'openai', endpoint: '/v1/x', response: {} },
  })

test('a key that asks too often gets 429 with Retry-After, as one of the catalogue’s errors; another key does not notice', async () => {
  start()
  for (let time = 0; time < 3; time++) expect((await get('flnt_live_one')).statusCode).toBe(200)
  const refused = await get('flnt_live_one')
  expect(refused.statusCode).toBe(429)
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
  expect(refused.json()).toEqual({
    error: { code: 'rate_limited', message: expect.any(String), type: 'flint_error' },
  })
  expect((await get('flnt_live_two')).statusCode).toBe(200)
})

test('another spelling of the same key is the same key', async () => {
  start()
  const spelt = async (authorization: string) =>
    (await api.inject({ method: 'GET', url: '/v1/audit', headers: { authorization } })).statusCode
  const statuses: number[] = []
  for (const prefix of ['Bearer ', 'bearer ', 'BEARER  ', 'Bearer   '])
    statuses.push(await spelt(`${prefix}flnt_live_one`))
  expect(statuses).toEqual([200, 200, 200, 429])
})

test('all guesses of one client are counted together, whatever they guess; another client and a good key do not notice', async () => {
  start()
  const guess = async (authorization: string, address: string) => {
    const headers = { authorization, 'x-flint-client-address': address }
    return (await api.inject({ method: 'GET', url: '/v1/audit', headers })).statusCode
  }
  const statuses: number[] = []
  for (let time = 0; time < 6; time++)
    statuses.push(await guess(`Bearer flnt_guess_${time}`, '10.0.0.1'))
  expect(statuses).toEqual([401, 401, 401, 401, 429, 429])
  expect(await guess('Bearer flnt_guess_0', '10.0.0.2')).toBe(401)
  expect(await guess('Bearer flnt_live_one', '10.0.0.1')).toBe(200)
})

test('probes are never limited', async () => {
  start()
  for (let time = 0; time < 10; time++)
    expect((await api.inject({ method: 'GET', url: '/healthz' })).statusCode).toBe(200)
})

test('reports have a limit of their own', async () => {
  start()
  for (let time = 0; time < 3; time++) expect((await get('flnt_live_one')).statusCode).toBe(200)
  for (let time = 0; time < 5; time++) expect((await report('flnt_live_one')).statusCode).toBe(202)
  expect((await report('flnt_live_one')).statusCode).toBe(429)
})
