import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { FairSlots } from '../../fair/fair-slots.ts'
import { startTemporaryStore, type TemporaryStore } from '../embedded/temporary-store.ts'
import { Questions } from './questions.ts'

let store: TemporaryStore
beforeAll(async () => {
  store = await startTemporaryStore()
})
afterAll(() => store?.stop())

const SLOW = 'SELECT sum(sleepEachRow(0.1)) FROM numbers(200) SETTINGS max_block_size = 1'
const running = async () => {
  const [row] = await store.client.rows({
    tag: 'test',
    sql: "SELECT count() AS n FROM system.processes WHERE query LIKE 'SELECT sum(sleepEachRow%' AND query_id != queryID()",
  })
  return Number(row?.n)
}

test('a statement ends when its requester leaves, and its slot is free for the next', async () => {
  const questions = new Questions(
    store.client,
    new FairSlots({ max: 4, maxPerOrg: 1, maxWaitingPerOrg: 4 }),
  )
  const left = new AbortController()
  const asked = questions.within({ org: 'a', signal: left.signal }, () =>
    questions.client.rows({ tag: 'slow', sql: SLOW }),
  )
  await vi.waitFor(async () => expect(await running()).toBe(1), { timeout: 5_000, interval: 20 })
  const next = questions.within({ org: 'a', signal: new AbortController().signal }, () =>
    questions.client.rows({ tag: 'next', sql: 'SELECT 1 AS one' }),
  )
  left.abort(new Error('left'))
  await expect(asked).rejects.toThrow()
  expect(await next).toEqual([{ one: 1 }])
  await vi.waitFor(async () => expect(await running()).toBe(0), { timeout: 5_000, interval: 20 })
})

test('many questions of one organisation leave slots for another, and what no one asked waits for no one', async () => {
  const questions = new Questions(
    store.client,
    new FairSlots({ max: 4, maxPerOrg: 2, maxWaitingPerOrg: 20 }),
  )
  const left = new AbortController()
  const many = Array.from({ length: 10 }, () =>
    questions
      .within({ org: 'a', signal: left.signal }, () =>
        questions.client.rows({ tag: 'slow', sql: SLOW }),
      )
      .catch(() => 'ended'),
  )
  await vi.waitFor(async () => expect(await running()).toBe(2), { timeout: 5_000, interval: 20 })
  const other = { org: 'b', signal: new AbortController().signal }
  expect(
    await questions.within(other, () =>
      questions.client.rows({ tag: 'b', sql: 'SELECT 1 AS one' }),
    ),
  ).toEqual([{ one: 1 }])
  expect(await questions.client.rows({ tag: 'own', sql: 'SELECT 2 AS two' })).toEqual([{ two: 2 }])
  expect(await running()).toBe(2)
  left.abort(new Error('left'))
  expect(await Promise.all(many)).toEqual(many.map(() => 'ended'))
})
