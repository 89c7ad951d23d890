import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiOnStore, startApiOnStore } from '../../../test/support/api-on-store.ts'
import { sampleIntent, sampleObservation, sampleRecordId } from '../../evidence/sample-evidence.ts'
import { StoreError } from '../../store/client/store-error.ts'
import { stubApi } from '../stub-api.ts'

const NOW = Date.now()
let flint: ApiOnStore

beforeAll(async () => {
  flint = await startApiOnStore()
  const call = (id: number, org = flint.ours.org) => ({ org, createdAtMs: NOW - 60_000 + id, id })
  await flint.put(
    sampleIntent(call(1), { trace_id: 'trace', caller_request_id: 'caller-1' }),
    sampleObservation(call(1), { provider_request_id: 'req_a', response_id: 'resp_a' }),
    sampleIntent(call(2), { trace_id: 'trace', claimed_request_id: idOf(1) }),
    sampleObservation(call(2), { provider_request_id: 'req_b', response_id: 'resp_b' }),
    sampleIntent(call(3, flint.theirs.org), { trace_id: 'trace' }),
    sampleObservation(call(3, flint.theirs.org), { response_id: 'resp_theirs' }),
  )
})
afterAll(() => flint?.stop())

const idOf = (id: number) => sampleRecordId(NOW - 60_000 + id, id)
async function found(id: string) {
  const answer = await flint.api.inject({
    method: 'GET',
    url: `/v1/audit/find?${new URLSearchParams({ id })}`,
    headers: { authorization: `Bearer ${flint.ours.key}` },
  })
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json<{ requestIds: string[] }>().requestIds
}

test('any id of a record finds it: the caller’s, the provider’s, the response’s, the trace’s, its own', async () => {
  expect(await found('caller-1')).toEqual([idOf(1)])
  expect(await found('req_b')).toEqual([idOf(2)])
  expect(await found('resp_a')).toEqual([idOf(1)])
  expect(await found('trace')).toEqual([idOf(2), idOf(1)])
  expect(await found(idOf(2))).toEqual([idOf(2)])
  // Its own, and what another call claimed to belong to.
  expect(await found(idOf(1))).toEqual([idOf(1), idOf(2)])
})

test('what is nowhere, or only in another organisation, finds nothing', async () => {
  for (const id of ['none', 'resp', 'resp_theirs', idOf(3), idOf(9), "' OR 1 = 1 --"])
    expect(await found(id), id).toEqual([])
})

test('a search that takes too long is 503 too_wide', async () => {
  const over = new StoreError('time is over', { code: 159, retryable: true })
  const api = stubApi({
    access: {
      authenticator: { authenticate: () => ({ org: 'o', keyId: 'k', scopes: ['read'] }) },
      failures: { note() {} },
      used() {},
    },
    ids: { findById: () => Promise.reject(over) },
  })
  const headers = { authorization: 'Bearer flnt_live_one' }
  const answer = await api.inject({ method: 'GET', url: '/v1/audit/find?id=x', headers })
  expect(answer.statusCode).toBe(503)
  expect(answer.json()).toMatchObject({ error: { reason: 'too_wide' } })
  await api.close()
})
