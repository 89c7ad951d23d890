import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import type { ConnectionRow } from '../evidence/connection.ts'
import { DAY_MS } from '../evidence/day.ts'
import { jsonLine } from '../evidence/json-line.ts'
import { sampleConnection } from '../evidence/sample-connection.ts'
import { SegmentSpool } from '../spool/segment-spool.ts'
import { StoreError } from '../store/client/store-error.ts'
import { startTemporaryStore, type TemporaryStore } from '../store/embedded/temporary-store.ts'
import { createExpiredRows } from '../store/evidence/expired-rows.ts'
import { insertJsonLines } from '../store/evidence/insert-evidence.ts'
import {
  createConnectionDelivery,
  createConnectionDeliveryCounters,
} from './connection-delivery.ts'

const NOW = Date.now()
let store: TemporaryStore
let spoolRoot: string
beforeAll(async () => {
  store = await startTemporaryStore()
})
beforeEach(async () => {
  spoolRoot = temporaryDirectory()
  await store.empty('connections')
})
afterAll(() => store?.stop())

function spooled(...rows: readonly object[]): void {
  const spool = new SegmentSpool<object>({
    directory: path.join(spoolRoot, 'one', 'observer'),
    toLine: jsonLine,
  })
  for (const row of rows) spool.append(row, (error) => expect(error).toBeNull())
  spool.close()
}

const segments = () =>
  fs
    .readdirSync(spoolRoot, { recursive: true, encoding: 'utf8' })
    .filter((name) => fs.statSync(path.join(spoolRoot, name)).isFile())

function delivery(insert = insertConnections) {
  const counters = createConnectionDeliveryCounters()
  const isRetryable = (error: unknown) => !(error instanceof StoreError) || error.retryable
  return { counters, ...createConnectionDelivery({ spoolRoot, insert, isRetryable, counters }) }
}
const insertConnections = (body: Buffer, token: string) =>
  insertJsonLines(store.client, { table: 'connections', body, token })

const stored = (of = 'connections FINAL') =>
  store.client.rows({ tag: 'test', sql: `SELECT * FROM ${of} ORDER BY opened_at, version` })

const connection = (id = 0, more: Partial<ConnectionRow> = {}) =>
  sampleConnection({ org: 'org_1', openedAtMs: NOW - 60_000, id }, more)

test('a connection is stored with all that is known of it, and leaves the disk', async () => {
  spooled(connection())
  await delivery().pass()
  expect(segments()).toEqual([])
  expect(await stored()).toEqual([{ ...connection(), opened_at: connection().opened_at }])
})

test('reported while it lasts and at its end, it is one, with what its end says', async () => {
  spooled(connection(1, { version: 10, duration_ms: 10, bytes_sent: 1 }), connection(1))
  spooled(connection(1))
  await delivery().pass()
  expect(await stored()).toMatchObject([{ duration_ms: 3_000, bytes_sent: 500 }])
})

test('while ClickHouse is away it waits on disk; afterwards it is stored', async () => {
  spooled(connection())
  const away = delivery(() =>
    Promise.reject(new StoreError('away', { code: null, retryable: true })),
  )
  await expect(away.pass()).rejects.toThrow('away')
  expect(segments()).toHaveLength(1)
  await delivery().pass()
  expect(await stored()).toHaveLength(1)
})

test('rows that ClickHouse will never take are given up and counted, and stop nothing', async () => {
  spooled({ ...connection(), opened_at: 'never' })
  spooled(connection())
  const { counters, pass } = delivery()
  await pass()
  expect(counters).toEqual({ stored: 1, refused: 1 })
  expect(await stored()).toHaveLength(1)
})

test('it goes when the organisation’s time for rows is over, and one that holds keep stays', async () => {
  const old = sampleConnection({ org: 'org_1', openedAtMs: NOW - 10 * DAY_MS })
  const theirs = sampleConnection({ org: 'org_2', openedAtMs: NOW - 10 * DAY_MS })
  spooled(old, theirs, connection(1))
  await delivery().pass()
  const rows = createExpiredRows(store.client)
  await rows.remove('org_1', NOW - 5 * DAY_MS, async () => [{ id: 'all', filter: null }])
  expect(await stored()).toHaveLength(3)
  await rows.remove('org_1', NOW - 5 * DAY_MS, async () => [])
  expect((await stored()).map(({ org }) => org).sort()).toEqual(['org_1', 'org_2'])
})
