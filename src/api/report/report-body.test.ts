import { afterAll, expect, test } from 'vitest'
import { SCOPES } from '../../identity/principal.ts'
import { stubApi } from '../stub-api.ts'
import type { ReportBody } from './report-body.ts'

const REPORT = { provider: 'openai', endpoint: '/v1/chat/completions', response: {} }

const taken: ReportBody[] = []
const api = stubApi({
  access: {
    authenticator: { authenticate: () => ({ org: 'org_1', keyId: 'key_1', scopes: SCOPES }) },
    failures: { note() {} },
    used() {},
  },
  reporter: {
    report: async (_principal, body) => {
      taken.push(body)
      return { requestId: 'id', createdAt: '2026-01-01T00:00:00.000Z' }
    },
  },
})
afterAll(() => api.close())

const report = (body: object) =>
  api.inject({
    method: 'POST',
    url: '/v1/audit/report',
    payload: body,
    headers: { authorization: 'Bearer flnt_live_good' },
  })

test('null in an optional member of a report is taken as null, never as zero or an empty text', async () => {
  const unknown = { latencyMs: null, status: null, startedAt: null, messages: null, system: null }
  expect((await report({ ...REPORT, ...unknown })).statusCode).toBe(202)
  expect(taken).toEqual([{ ...REPORT, ...unknown }])
})

test.each([
  ['latencyMs', '12', 'a number or null'],
  ['latencyMs', '', 'a number or null'],
  ['latencyMs', true, 'a number or null'],
  ['status', '200', 'an integer or null'],
  ['status', 200.5, 'an integer or null'],
  ['startedAt', 1_760_000_000_000, 'a string or null'],
  ['endpoint', null, 'a string'],
])('%s of another type (%j) is refused by its name', async (name, value, types) => {
  const answer = await report({ ...REPORT, [name]: value })
  expect([answer.statusCode, answer.json().error.message]).toEqual([
    400,
    `The field "${name}" must be ${types}.`,
  ])
})

test.each([
  ['latencyMs', -1],
  ['status', 42],
])('%s out of its range (%j) is refused by its name', async (name, value) => {
  const answer = await report({ ...REPORT, [name]: value })
  expect([answer.statusCode, answer.json().error.message]).toEqual([
    400,
    expect.stringContaining(`The field "${name}" must be `),
  ])
})
