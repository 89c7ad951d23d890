import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Evidence, ObservationEvidence } from '../evidence/evidence.ts'
import {
  jsonLines,
  sampleClosing,
  sampleIntent,
  sampleObservation,
} from '../evidence/sample-evidence.ts'
import { priceCall } from '../pricing/cost.ts'
import { startTemporaryStore, type TemporaryStore } from '../store/embedded/temporary-store.ts'
import { insertJsonLines } from '../store/evidence/insert-evidence.ts'
import { createDeferredUsage } from './deferred-usage.ts'

let store: TemporaryStore
beforeAll(async () => {
  store = await startTemporaryStore()
})
afterAll(() => store?.stop())
beforeEach(() => store.empty('evidence'))

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
const REPORTED = {
  method: 'GET',
  billable: false,
  deferred: true,
  cost_usd: null,
  cost_status: null,
  response_id: 'resp_1',
  finish_reason: 'completed',
  usage_raw: '{"x":1}',
} as const

function call(
  id: number,
  observation: Partial<ObservationEvidence>,
  org = 'org_1',
): readonly Evidence[] {
  const key = { org, createdAtMs: atMs + id * 1_000, id }
  return [
    sampleIntent(key, { method: observation.method ?? 'POST' }),
    sampleObservation(key, observation),
    sampleClosing(key),
  ]
}

async function stored(...calls: readonly (readonly Evidence[])[]): Promise<void> {
  await insertJsonLines(store.client, {
    table: 'evidence',
    body: jsonLines(calls.flat()),
    token: `${Math.random()}`,
  })
}

const attribute = createDeferredUsage({
  store: { ...proxied() },
  price: priceCall,
  writer: 'i/delivery',
})
/** The store is there only when the tests run. */
function proxied() {
  return {
    database: 'flint',
    shards: () => store.client.shards(),
    servers: () => store.client.servers(),
    ensureDatabase: () => store.client.ensureDatabase(),
    rows: (statement: Parameters<TemporaryStore['client']['rows']>[0]) =>
      store.client.rows(statement),
    stream: (statement: Parameters<TemporaryStore['client']['stream']>[0]) =>
      store.client.stream(statement),
    run: (statement: Parameters<TemporaryStore['client']['run']>[0]) => store.client.run(statement),
    insert: (...args: Parameters<TemporaryStore['client']['insert']>) =>
      store.client.insert(...args),
    ping: () => store.client.ping(),
    close: () => Promise.resolve(),
  }
}

/** What all calls on the bill add up to: 512 tokens of input where the work counts once. */
async function billed(): Promise<unknown> {
  const [sum] = await store.client.rows({
    tag: 'test',
    sql: 'SELECT sum(input_tokens) AS input, sum(cost_usd) AS cost FROM calls_folded WHERE billable',
  })
  return { input: Number(sum?.input), cost: Number(sum?.cost) }
}

async function bill(): Promise<readonly unknown[]> {
  const columns =
    'source, method, usage_source, input_tokens, cost_usd, billable, finish_reason, parent_id IS NOT NULL AS has_parent'
  return store.client.rows({
    tag: 'test',
    sql: `SELECT ${columns} FROM calls_folded ORDER BY created_at, source`,
  })
}

test('goes to the call that ordered the work, once, however often it is polled', async () => {
  await stored(call(1, ORDERED), call(2, REPORTED), call(3, REPORTED))
  expect(await attribute()).toBe(1)
  expect(await attribute()).toBe(0)
  await stored(call(4, REPORTED))
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

test('waits until the work is over, and leaves alone an order that got its usage', async () => {
  await stored(call(1, ORDERED), call(2, { ...REPORTED, finish_reason: 'in_progress' }))
  await stored(call(3, { response_id: 'resp_2' }), call(4, { ...REPORTED, response_id: 'resp_2' }))
  await stored(
    call(5, { ...ORDERED, response_id: 'resp_3' }, 'org_2'),
    call(6, { ...REPORTED, response_id: 'resp_4' }, 'org_2').slice(0, 1),
  )
  expect(await attribute()).toBe(0)
})

test('stands over what was counted of an order whose stream was cut', async () => {
  await stored(
    call(1, {
      ...ORDERED,
      usage_source: 'partial',
      input_tokens: 500,
      output_tokens: 20,
      cost_usd: '0.00145',
      cost_status: 'estimated',
    }),
    call(2, REPORTED),
  )
  expect(await bill()).toMatchObject([
    { usage_source: 'partial', input_tokens: 500, cost_usd: '0.00145' },
    {},
  ])
  expect(await attribute()).toBe(1)
  expect(await bill()).toMatchObject([
    { usage_source: 'provider', input_tokens: 512, cost_usd: '0.00256', billable: true },
    { method: 'GET', cost_usd: null, billable: false },
  ])
})

test('of work whose order is not known is a record of its own, and batches cost half', async () => {
  await stored(
    call(1, { ...REPORTED, service_tier: 'batch', response_id: 'batch_1' }),
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

describe('the result file of a batch', () => {
  const BATCH = { service_tier: 'batch', response_id: 'batch_1', endpoint: '/v1/batches/batch_1' }
  const order = () =>
    call(1, {
      ...ORDERED,
      ...BATCH,
      endpoint: '/v1/batches',
      service_tier: 'batch',
      billable: false,
    })
  const finished = (
    id: number,
    reported: Partial<ObservationEvidence> = { ...NOTHING, deferred: false },
  ) => call(id, { ...REPORTED, ...BATCH, result_id: 'file-1', ...reported })
  const read = (id: number, org?: string) =>
    call(
      id,
      {
        ...REPORTED,
        service_tier: 'batch',
        response_id: 'file-1',
        finish_reason: null,
        endpoint: '/v1/files/file-1/content',
      },
      org,
    )

  test('counts for the batch that names it, at the batch rate, once, where the batch reported no usage', async () => {
    await stored(order(), finished(2), read(3), read(4))
    expect(await attribute()).toBe(1)
    expect(await attribute()).toBe(0)
    await stored(read(5), finished(6))
    expect(await attribute()).toBe(0)
    expect(await billed()).toEqual({ input: 512, cost: 0.00128 })
    expect(await bill()).toContainEqual(
      expect.objectContaining({
        source: 'proxy',
        method: 'POST',
        input_tokens: 512,
        cost_usd: '0.00128',
      }),
    )
  })

  test('is found whichever was stored first, the file or the batch', async () => {
    await stored(read(3))
    expect(await attribute()).toBe(0)
    await stored(finished(4), order())
    expect(await attribute()).toBe(1)
    expect(await billed()).toEqual({ input: 512, cost: 0.00128 })
  })

  test('gives way to what the batch says of itself', async () => {
    await stored(order(), finished(2, { input_tokens: 500 }), read(3))
    expect(await attribute()).toBe(1)
    expect(await attribute()).toBe(0)
    expect(await billed()).toMatchObject({ input: 500 })
  })

  test('of a batch that no call named, or of another organisation, is on no bill', async () => {
    await stored(read(1), read(2, 'org_2'), finished(3))
    expect(await attribute()).toBe(1)
    await store.client.run({ tag: 'test', sql: "DELETE FROM evidence WHERE org = 'org_1'" })
    expect(await attribute()).toBe(0)
    expect(await billed()).toEqual({ input: 0, cost: 0 })
  })
})

describe('an order that comes after its work was given a record of its own', () => {
  const late = () => call(0, ORDERED)

  test('takes the work over: it counts once, and the derived record says where', async () => {
    await stored(call(2, REPORTED))
    expect(await attribute()).toBe(1)
    expect(await billed()).toEqual({ input: 512, cost: 0.00256 })
    await stored(late())
    expect(await attribute()).toBe(2)
    expect(await attribute()).toBe(0)
    await stored(call(3, REPORTED))
    expect(await attribute()).toBe(0)
    expect(await billed()).toEqual({ input: 512, cost: 0.00256 })
    const rows = await store.client.rows({
      tag: 'test',
      sql: 'SELECT record_id, source, method, billable, input_tokens, usage_source, cost_usd, parent_id FROM calls_folded ORDER BY created_at, source',
    })
    const [order, derived] = rows
    expect(order).toMatchObject({
      source: 'proxy',
      method: 'POST',
      billable: true,
      input_tokens: 512,
      cost_usd: '0.00256',
    })
    expect(derived).toMatchObject({
      source: 'derived',
      billable: false,
      input_tokens: null,
      usage_source: 'none',
      cost_usd: null,
    })
    expect(derived?.parent_id).toBe(order?.record_id)
  })

  test('is billed by its own usage, where it has any, and then the derived record only gives way', async () => {
    await stored(call(2, REPORTED))
    expect(await attribute()).toBe(1)
    await stored(call(0, { response_id: 'resp_1', input_tokens: 600 }))
    expect(await attribute()).toBe(1)
    expect(await attribute()).toBe(0)
    expect(await billed()).toMatchObject({ input: 600 })
  })

  test('gives way also with a price it was given later, and to a clock that is behind', async () => {
    await stored(call(2, REPORTED))
    const ahead = createDeferredUsage({
      store: proxied(),
      price: priceCall,
      writer: 'i/ahead',
      nowMs: () => Date.now(),
    })
    expect(await ahead()).toBe(1)
    await store.client.run({
      tag: 'test',
      sql: `INSERT INTO evidence (org, created_at, record_id, kind, version, provider, cost_usd, cost_status)
        SELECT org, created_at, record_id, 'pricing', version + 1, provider, 9, 'exact' FROM evidence WHERE kind = 'deferred'`,
    })
    expect(await billed()).toMatchObject({ cost: 9 })
    await store.client.run({
      tag: 'test',
      sql: `INSERT INTO evidence SELECT * REPLACE(version + 86400000000 AS version, now64(3) AS ingested_at) FROM evidence WHERE kind = 'deferred'`,
    })
    await stored(late())
    expect(await attribute()).toBe(2)
    expect(await billed()).toEqual({ input: 512, cost: 0.00256 })
  })

  test('is not one that only cancels the work, or hands in what its tools gave', async () => {
    await stored(
      call(0, { ...ORDERED, endpoint: '/v1/responses/resp_1/cancel', billable: false }),
      call(2, REPORTED),
    )
    expect(await attribute()).toBe(1)
    expect(await bill()).toContainEqual(
      expect.objectContaining({ source: 'derived', input_tokens: 512 }),
    )
    expect(await attribute()).toBe(0)
  })
})

test('does not take a poll for one without an order while the order may be on its way', async () => {
  const now = Date.now()
  const young = { org: 'org_1', createdAtMs: now - 5_000, id: 9 }
  await stored([sampleObservation(young, { ...REPORTED, response_id: 'resp_9' })])
  expect(await attribute()).toBe(0)
})
