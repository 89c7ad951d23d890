import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createDeferredUsage } from './deferred-usage.ts'
import type { Evidence, ObservationEvidence } from './evidence/evidence.ts'
import { jsonLines, sampleClosing, sampleIntent, sampleObservation } from './evidence/sample-evidence.ts'
import { priceCall } from './pricing/cost.ts'
import { insertJsonLines } from './store/insert-evidence.ts'
import { startTemporaryStore, type TemporaryStore } from './store/temporary-store.ts'

let store: TemporaryStore
beforeAll(async () => {
  store = await startTemporaryStore()
})
afterAll(() => store?.stop())
beforeEach(() => store.client.run({ tag: 'test', sql: 'TRUNCATE TABLE evidence' }))

const atMs = Date.now() - 600_000
const NOTHING = {
  input_tokens: null,
  output_tokens: null,
  total_tokens: null,
  cached_input_tokens: null,
  usage_source: 'none',
  usage_raw: null,
} as const
const ORDERED = {
  ...NOTHING,
  cost_usd: null,
  cost_status: 'unpriced',
  cost_reason: 'no_usage',
  price_version: null,
  response_id: 'resp_1',
  finish_reason: 'queued',
} as const
const TOLD = {
  method: 'GET',
  billable: false,
  deferred: true,
  cost_usd: null,
  cost_status: null,
  response_id: 'resp_1',
  finish_reason: 'completed',
  usage_raw: '{"x":1}',
} as const

function call(id: number, observation: Partial<ObservationEvidence>, org = 'org_1'): readonly Evidence[] {
  const key = { org, createdAtMs: atMs + id * 1_000, id }
  return [sampleIntent(key, { method: observation.method ?? 'POST' }), sampleObservation(key, observation), sampleClosing(key)]
}

async function stored(...calls: readonly (readonly Evidence[])[]): Promise<void> {
  await insertJsonLines(store.client, { table: 'evidence', body: jsonLines(calls.flat()), token: `${Math.random()}` })
}

const attribute = createDeferredUsage({ store: { ...proxied() }, price: priceCall, witness: 'i/delivery' })
/** The store is there only when the tests run. */
function proxied() {
  return {
    database: 'flint',
    ensureDatabase: () => store.client.ensureDatabase(),
    rows: (statement: Parameters<TemporaryStore['client']['rows']>[0]) => store.client.rows(statement),
    run: (statement: Parameters<TemporaryStore['client']['run']>[0]) => store.client.run(statement),
    insert: (...args: Parameters<TemporaryStore['client']['insert']>) => store.client.insert(...args),
    ping: () => store.client.ping(),
    close: () => Promise.resolve(),
  }
}

async function bill(): Promise<readonly unknown[]> {
  const columns = 'source, method, usage_source, input_tokens, cost_usd, billable, finish_reason, parent_id IS NOT NULL AS has_parent'
  return store.client.rows({ tag: 'test', sql: `SELECT ${columns} FROM calls_folded ORDER BY created_at, source` })
}

it('goes to the call that ordered the work, once, however often it is polled', async () => {
  await stored(call(1, ORDERED), call(2, TOLD), call(3, TOLD))
  expect(await attribute()).toBe(1)
  expect(await attribute()).toBe(0)
  await stored(call(4, TOLD))
  expect(await attribute()).toBe(0)
  // gpt-4o: 512 x $2.5 and 128 x $10 a million.
  const order = {
    source: 'proxy',
    method: 'POST',
    usage_source: 'provider',
    input_tokens: 512,
    cost_usd: '0.00256',
    billable: true,
    finish_reason: 'completed',
    has_parent: 0,
  }
  const poll = { ...order, method: 'GET', cost_usd: null, billable: false }
  expect(await bill()).toEqual([order, poll, poll, poll])
})

it('waits until the work is over, and leaves alone an order that was told its usage', async () => {
  await stored(call(1, ORDERED), call(2, { ...TOLD, finish_reason: 'in_progress' }))
  await stored(call(3, { response_id: 'resp_2' }), call(4, { ...TOLD, response_id: 'resp_2' }))
  await stored(call(5, { ...ORDERED, response_id: 'resp_3' }, 'org_2'), call(6, { ...TOLD, response_id: 'resp_4' }, 'org_2').slice(0, 1))
  expect(await attribute()).toBe(0)
})

it('stands over what was counted of an order whose stream was cut', async () => {
  await stored(
    call(1, { ...ORDERED, usage_source: 'partial', input_tokens: 500, output_tokens: 20, cost_usd: '0.00145', cost_status: 'estimated' }),
    call(2, TOLD),
  )
  expect(await bill()).toMatchObject([{ usage_source: 'partial', input_tokens: 500, cost_usd: '0.00145' }, {}])
  expect(await attribute()).toBe(1)
  expect(await bill()).toMatchObject([
    { usage_source: 'provider', input_tokens: 512, cost_usd: '0.00256', billable: true },
    { method: 'GET', cost_usd: null, billable: false },
  ])
})

it('of work whose order is not known is a record of its own, and batches cost half', async () => {
  await stored(
    call(1, { ...TOLD, service_tier: 'batch', response_id: 'batch_1' }),
    call(2, { ...ORDERED, response_id: 'batch_1' }, 'org_2'),
  )
  expect(await attribute()).toBe(1)
  expect(await attribute()).toBe(0)
  const derived = {
    source: 'derived',
    method: 'GET',
    usage_source: 'provider',
    input_tokens: 512,
    cost_usd: '0.00128',
    billable: true,
    finish_reason: 'completed',
    has_parent: 1,
  }
  expect(await bill()).toContainEqual(derived)
  expect((await bill()).length).toBe(3)
})

it('does not take a poll for one without an order while the order may be on its way', async () => {
  const now = Date.now()
  const young = { org: 'org_1', createdAtMs: now - 5_000, id: 9 }
  await stored([sampleObservation(young, { ...TOLD, response_id: 'resp_9' })])
  expect(await attribute()).toBe(0)
})
