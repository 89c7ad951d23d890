import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { StoreError } from '../store/client/store-error.ts'
import type { ApiLogger } from './error-answers.ts'
import { stubApi } from './stub-api.ts'

const logged: unknown[] = []
const log = (fields: Readonly<Record<string, unknown>>, message: string) =>
  void logged.push({ ...fields, message })
const logger: ApiLogger = { info: log, error: log }
const ready = { store: true, directory: true }
let api: FastifyInstance

beforeAll(async () => {
  const away = () =>
    Promise.reject(
      new StoreError('ClickHouse did not answer calls:list (ECONNREFUSED)', {
        code: null,
        retryable: true,
      }),
    )
  api = stubApi({
    access: {
      authenticator: {
        authenticate: (key) =>
          key === 'flnt_live_good'
            ? { org: 'org_1', keyId: 'key_1', scopes: ['read'] }
            : { refused: 'unknown', principal: null },
      },
      failures: { note() {} },
      used() {},
    },
    calls: {
      listCalls: away,
      findCall: () => Promise.reject(new TypeError('secret text of a fault')),
    },
    health: { storeAnswers: async () => ready.store, directoryLoaded: () => ready.directory },
    logger,
  })
  api.post(
    '/test/body',
    {
      schema: {
        body: { type: 'object', properties: { limit: { type: 'integer' } }, required: ['name'] },
      },
    },
    async () => ({}),
  )
  api.delete('/test/bodyless', async () => ({ done: true }))
  await api.ready()
})
afterAll(() => api?.close())

const get = (
  url: string,
  headers: Record<string, string> = { authorization: 'Bearer flnt_live_good' },
) => api.inject({ method: 'GET', url, headers })

describe('404', () => {
  test.each([
    ['GET', '/'],
    ['GET', '/v1/nothing'],
    ['GET', '/v1/audit/a/b'],
    ['POST', '/v1/audit'],
    ['DELETE', '/v1/audit'],
    ['OPTIONS', '/healthz'],
  ] as const)('%s %s is the catalogue’s not_found', async (method, url) => {
    const answer = await api.inject({ method, url })
    expect(answer.statusCode).toBe(404)
    expect(answer.json()).toEqual({
      error: {
        code: 'not_found',
        message: expect.stringContaining('/v1/proxy/<provider>/<path>'),
        type: 'flint_error',
      },
    })
  })
})

describe('400', () => {
  test.each([
    ['{"name":', 'application/json', 'JSON'],
    ['', 'application/json', 'cannot be empty'],
    ['<a/>', 'text/xml', 'Media Type'],
    ['{}', 'application/json', '"name" is missing'],
    ['{"name":1,"limit":"x"}', 'application/json', '"limit"'],
  ])('a body of %j as %s is invalid_request and says %s', async (payload, type, part) => {
    const answer = await api.inject({
      method: 'POST',
      url: '/test/body',
      payload,
      headers: { 'content-type': type },
    })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({
      error: {
        code: 'invalid_request',
        type: 'flint_error',
        message: expect.stringContaining(part),
      },
    })
  })

  test('a URL that does not decode is invalid_request', async () => {
    const answer = await get('/v1/audit/%zz')
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toEqual({
      error: { code: 'invalid_request', message: 'The URL is not valid.', type: 'flint_error' },
    })
  })
})

describe('503', () => {
  test('a store that is away, or a fault of Flint, is audit_unavailable and says nothing of the cause', async () => {
    for (const url of ['/v1/audit?model=private-model', '/v1/audit/some-private-id']) {
      const answer = await get(url)
      expect(answer.statusCode).toBe(503)
      expect(answer.json()).toEqual({
        error: {
          code: 'audit_unavailable',
          message: 'The audit log cannot be read right now. Retry later.',
          type: 'flint_error',
        },
      })
    }
  })

  test('a statement that the store refused is audit_unavailable as well', async () => {
    const refused = new StoreError('refused', { code: 241, retryable: true })
    const other = stubApi({
      access: {
        authenticator: {
          authenticate: () => ({ org: 'org_1', keyId: 'key_1', scopes: ['read'] }),
        },
        failures: { note() {} },
        used() {},
      },
      calls: { listCalls: () => Promise.reject(refused), findCall: () => Promise.reject(refused) },
    })
    const headers = { authorization: 'Bearer flnt_live_good' }
    const answer = await other.inject({ method: 'GET', url: '/v1/audit', headers })
    expect(answer.statusCode).toBe(503)
    expect(answer.json()).toMatchObject({ error: { code: 'audit_unavailable' } })
    await other.close()
  })

  test('readiness names what is missing', async () => {
    expect((await get('/readyz', {})).json()).toEqual({ status: 'ready' })
    Object.assign(ready, { store: false, directory: false })
    const answer = await get('/readyz', {})
    expect(answer.statusCode).toBe(503)
    expect(answer.json()).toMatchObject({
      reasons: ['ClickHouse does not answer', 'the directory of keys is not loaded'],
      error: { code: 'audit_unavailable', type: 'flint_error' },
    })
    expect((await get('/healthz', {})).json()).toEqual({ status: 'ok' })
  })
})

test('logs hold method, route, status and duration, and of faults their kind: nothing a caller sent', async () => {
  logged.length = 0
  await get('/v1/audit?model=private-model')
  await get('/v1/audit/some-private-id')
  await get('/nowhere/private?key=private', {
    authorization: 'Bearer flnt_live_private',
    cookie: 'private',
  })
  const requestId = expect.stringMatching(/^[0-9a-f-]{36}$/)
  expect(logged).toEqual([
    {
      requestId,
      method: 'GET',
      route: '/v1/audit',
      error: 'StoreError',
      storeCode: null,
      statement: expect.stringContaining('calls:list'),
      message: 'a request failed',
    },
    {
      requestId,
      method: 'GET',
      route: '/v1/audit',
      status: 503,
      durationMs: expect.any(Number),
      message: 'request',
    },
    {
      requestId,
      method: 'GET',
      route: '/v1/audit/:requestId',
      error: 'TypeError',
      at: expect.any(Array),
      message: 'a request failed',
    },
    {
      requestId,
      method: 'GET',
      route: '/v1/audit/:requestId',
      status: 503,
      durationMs: expect.any(Number),
      message: 'request',
    },
    {
      requestId,
      method: 'GET',
      route: 'none',
      status: 404,
      durationMs: expect.any(Number),
      message: 'request',
    },
  ])
  expect(JSON.stringify(logged)).not.toMatch(/private|secret/)
})

test('every answer forbids sniffing and framing, and what is behind a key is not cached', async () => {
  for (const url of ['/v1/audit', '/healthz', '/nowhere', '/openapi.json']) {
    expect((await get(url)).headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
  }
  expect((await get('/v1/audit')).headers['cache-control']).toBe('no-store')
})

test('the docs page is served with its own assets', async () => {
  const page = await get('/docs', {})
  const index = page.statusCode === 302 ? await get(String(page.headers.location), {}) : page
  expect(index.statusCode).toBe(200)
  expect(index.body).not.toMatch(/https?:\/\/(?!127)/)
  for (const [, asset] of index.body.matchAll(/(?:src|href)="\.?\/?([^"]+)"/g))
    expect((await get(`/docs/${String(asset).replace(/^docs\//, '')}`, {})).statusCode, asset).toBe(
      200,
    )
  expect((await get('/openapi.json', {})).json()).toMatchObject({ openapi: '3.1.0' })
})

test('the docs page works over plain http: no browser is sent to https for its assets', async () => {
  const policy = (await get('/docs/', {})).headers['content-security-policy']
  expect(policy).toMatch(/script-src 'self'/)
  expect(policy).not.toContain('upgrade-insecure-requests')
})

describe('a content-type without a body, as axios and others send it', () => {
  test.each(['application/json', 'application/x-www-form-urlencoded', 'text/plain'])(
    'DELETE with %s is accepted',
    async (type) => {
      for (const length of [{}, { 'content-length': '0' }]) {
        const headers = { 'content-type': type, ...length }
        const answer = await api.inject({ method: 'DELETE', url: '/test/bodyless', headers })
        expect([answer.statusCode, answer.json()]).toEqual([200, { done: true }])
      }
    },
  )

  test('a route that needs a body still says so', async () => {
    const headers = { 'content-type': 'application/json' }
    const answer = await api.inject({ method: 'POST', url: '/test/body', headers })
    expect([answer.statusCode, answer.json().error.code]).toEqual([400, 'invalid_request'])
  })
})
