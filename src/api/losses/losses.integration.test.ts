import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  jsonLines,
  sampleClosing,
  sampleIntent,
  sampleRecordId,
} from '../../evidence/sample-evidence.ts'
import type { KeyPrincipal } from '../../identity/principal.ts'
import { createLossQueries } from '../../store/calls/loss-queries.ts'
import { startTemporaryStore, type TemporaryStore } from '../../store/embedded/temporary-store.ts'
import { insertJsonLines } from '../../store/evidence/insert-evidence.ts'
import { stubApi } from '../stub-api.ts'

const NOW = Date.now()
const KEYS: Readonly<Record<string, KeyPrincipal>> = {
  flnt_live_reader: { org: 'org_1', keyId: 'key_1', scopes: ['read'] },
  flnt_live_admin: { org: 'org_1', keyId: 'key_2', scopes: ['admin'] },
  flnt_live_other: { org: 'org_2', keyId: 'key_3', scopes: ['read'] },
  flnt_live_proxy: { org: 'org_1', keyId: 'key_4', scopes: ['proxy', 'report', 'prompts'] },
}
let store: TemporaryStore
let api: FastifyInstance

beforeAll(async () => {
  store = await startTemporaryStore()
  api = stubApi({
    access: {
      authenticator: {
        authenticate: (key) => KEYS[key] ?? { refused: 'unknown', principal: null },
      },
      failures: { note() {} },
      used() {},
    },
    losses: createLossQueries(store.client),
  })
  await api.ready()
  const lost = [0, 1, 2].map((id) => ({ org: 'org_1', createdAtMs: NOW - 60_000, id }))
  const rows = [...lost, { org: 'org_2', createdAtMs: NOW - 60_000, id: 9 }].flatMap((call) => [
    sampleIntent(call),
    sampleClosing(call),
  ])
  await insertJsonLines(store.client, { table: 'evidence', body: jsonLines(rows), token: 'losses' })
})
afterAll(async () => {
  await api?.close()
  await store?.stop()
})

const get = (query = '', key = 'flnt_live_reader') =>
  api.inject({
    method: 'GET',
    url: `/v1/audit/losses${query}`,
    headers: { authorization: `Bearer ${key}` },
  })

describe('GET /v1/audit/losses', () => {
  test.each(['flnt_live_reader', 'flnt_live_admin'])(
    'names what was not seen in the last day (%s)',
    async (key) => {
      const answer = await get('', key)
      expect(answer.statusCode, answer.body).toBe(200)
      expect(answer.json()).toMatchObject({
        calls: 3,
        lost: 3,
        open: 0,
        coverage: 0,
        envoyOnly: 0,
        differing: 0,
        losses: [2, 1, 0].map((id) => ({
          requestId: sampleRecordId(NOW - 60_000, id),
          createdAt: new Date(NOW - 60_000).toISOString(),
          reason: 'not_observed',
        })),
      })
      expect(answer.json().windows[0].reasons).toEqual({
        end_unknown: 0,
        not_observed: 3,
        observation_unfinished: 0,
        stream_lost: 0,
        observer_overloaded: 0,
        row_refused: 0,
      })
    },
  )

  test('reaches over any range', async () => {
    expect((await get('?from=2000-01-01')).json()).toMatchObject({ calls: 3, coverage: 0 })
    expect((await get('?from=2000-01-01&to=2001-01-01')).json()).toMatchObject({
      calls: 0,
      coverage: null,
    })
  })

  test('counts all and names as many as asked for', async () => {
    const answer = (await get('?limit=1')).json()
    expect([answer.lost, answer.losses.length]).toEqual([3, 1])
  })

  test('is of one organisation', async () => {
    expect((await get('', 'flnt_live_other')).json()).toMatchObject({
      lost: 1,
      losses: [{ requestId: sampleRecordId(NOW - 60_000, 9) }],
    })
  })

  test.each([
    ['?from=yesterday', 'from'],
    ['?to=2025-02-30', 'to'],
    ['?from=2025-05-02&to=2025-05-01T00:00', 'from'],
    ['?limit=0', 'limit'],
    ['?limit=1001', 'limit'],
    ['?form=2025-05-01', 'form'],
  ])('%s is refused, naming the parameter', async (query, name) => {
    const answer = await get(query)
    expect(answer.statusCode).toBe(400)
    expect(answer.json().error).toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining(name),
    })
  })

  test('needs scope read, events or admin', async () => {
    const answer = await get('', 'flnt_live_proxy')
    expect(answer.statusCode).toBe(403)
    expect(answer.json().error.message).toContain('"read" or "events" or "admin"')
    expect((await get('', 'flnt_live_unknown')).statusCode).toBe(401)
  })
})
