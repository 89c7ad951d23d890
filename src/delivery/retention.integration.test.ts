import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiOnStore, startApiOnStore } from '../../test/support/api-on-store.ts'
import { contentKey } from '../content/content-key.ts'
import { DAY_MS } from '../evidence/day.ts'
import { sampleCall, sampleRecordId } from '../evidence/sample-evidence.ts'
import { createSettler } from '../store/calls/settle.ts'
import { createExpiredRows } from '../store/evidence/expired-rows.ts'
import { createHeldCalls } from '../store/evidence/held-calls.ts'
import { createRetention, createRetentionCounters, isDayOver } from './retention.ts'

let flint: ApiOnStore
beforeAll(async () => {
  flint = await startApiOnStore()
})
afterAll(() => flint?.stop())

const counters = createRetentionCounters()
const pass = (objects = flint.objects) =>
  createRetention({
    organisations: async () => [{ id: flint.ours.org }, { id: flint.theirs.org }],
    settingsOf: (org) => flint.settings.settingsOf(org),
    store: objects,
    rows: createExpiredRows(flint.store.client),
    holdsOf: async () => [],
    held: createHeldCalls(flint.store.client),
    onHeld: () => {},
    counters,
  }).pass()

/**
 * A call of so many days ago, with its content; of noon, so that no test depends on the hour it
 * runs at.
 */
async function call(daysAgo: number, id: number, org = flint.ours.org): Promise<string> {
  const createdAtMs = Math.floor(Date.now() / DAY_MS) * DAY_MS + DAY_MS / 2 - daysAgo * DAY_MS
  await flint.put(...sampleCall({ org, createdAtMs, id }))
  const requestId = sampleRecordId(createdAtMs, id)
  await flint.objects.put(contentKey(org, requestId), Buffer.from('content'))
  return requestId
}

const listed = async (key = flint.ours.key) =>
  (await flint.ask('GET', '/v1/audit?limit=500', { key })).body.records.map(
    ({ requestId }) => requestId,
  )
const inView = async (org: string) =>
  (
    await flint.store.client.rows({
      tag: 'test',
      sql: 'SELECT record_id FROM calls WHERE org = {org:String}',
      params: { org },
    })
  ).map(({ record_id }) => record_id)
const rowsOf = async (requestId: string) => {
  const sql = (table: string) =>
    `SELECT count() AS n FROM ${table} WHERE record_id = '${requestId}'`
  const [evidence, settled] = await Promise.all(
    ['evidence', 'calls_settled'].map((table) =>
      flint.store.client.rows({ tag: 'test', sql: sql(table) }),
    ),
  )
  return Number(evidence?.[0]?.n) + Number(settled?.[0]?.n)
}
const setTo = (retentionDays: number, contentRetentionDays = retentionDays, key = flint.ours.key) =>
  flint.ask('PATCH', '/v1/settings', { key, body: { retentionDays, contentRetentionDays } })

test('a shorter life is in force in every query at once, a longer one brings back what is still there; the disk follows', async () => {
  const [young, middle, old] = [await call(2, 1), await call(20, 2), await call(60, 3)]
  const theirs = await call(60, 4, flint.theirs.org)
  await createSettler({ client: flint.store.client }).run()
  expect(await listed()).toEqual([young, middle, old])

  await setTo(30)
  expect(await listed()).toEqual([young, middle])
  expect((await inView(flint.ours.org)).toSorted()).toEqual([young, middle].toSorted())
  expect((await flint.ask('GET', `/v1/audit/${old}`)).status).toBe(404)
  expect((await flint.ask('GET', `/v1/audit/prompt/${old}`)).body.error.reason).toBe('unknown')
  expect(await rowsOf(old)).toBeGreaterThan(0)

  await setTo(100)
  expect(await listed()).toEqual([young, middle, old])
  const [record] = (await flint.ask('GET', `/v1/audit?limit=1`)).body.records
  expect(record).toMatchObject({ requestId: young })

  await setTo(30)
  await pass()
  expect(await rowsOf(old)).toBe(0)
  expect(await flint.objects.get(contentKey(flint.ours.org, old))).toBeNull()
  expect(await rowsOf(middle)).toBeGreaterThan(0)
  expect(String(await flint.objects.get(contentKey(flint.ours.org, middle)))).toBe('content')
  // No one else's life was shortened.
  expect(await listed(flint.theirs.key)).toEqual([theirs])
  expect(await rowsOf(theirs)).toBeGreaterThan(0)
  // What is gone does not come back.
  await setTo(100)
  expect(await listed()).toEqual([young, middle])
  expect(counters.lastRunAtSeconds).toBeGreaterThan(0)
})

test('expiresAt says when: createdAt and the days that are set now', async () => {
  await setTo(40)
  const id = await call(1, 11)
  const { body } = await flint.ask('GET', `/v1/audit/${id}`)
  expect(body).toMatchObject({ requestId: id })
  const { createdAt = '', expiresAt = '' } = body
  expect(Date.parse(expiresAt) - Date.parse(createdAt)).toBe(40 * DAY_MS)
})

test('content goes before its record: by its own days, and rows wait for an object store that is away', async () => {
  await setTo(30, 7)
  const [fresh, stale] = [await call(5, 21), await call(9, 22)]
  await pass()
  expect(await flint.objects.get(contentKey(flint.ours.org, stale))).toBeNull()
  expect(await rowsOf(stale)).toBeGreaterThan(0)
  expect(await flint.objects.get(contentKey(flint.ours.org, fresh))).not.toBeNull()

  const gone = await call(35, 23)
  const away = { ...flint.objects, delete: () => Promise.reject(new Error('S3 is away')) }
  await expect(pass(away)).rejects.toThrow('away')
  expect(await rowsOf(gone)).toBeGreaterThan(0)
  expect(await listed()).not.toContain(gone)
  // As after a crash between the two: begun again, it ends.
  await flint.objects.delete([contentKey(flint.ours.org, gone)])
  await pass()
  expect(await rowsOf(gone)).toBe(0)
})

test('a day is over when its last moment is older than the days', () => {
  const noon = Date.UTC(2026, 0, 1, 12)
  const over = Date.UTC(2026, 0, 9)
  expect(isDayOver(noon, 7, over - 1)).toBe(false)
  expect(isDayOver(noon, 7, over)).toBe(true)
})
