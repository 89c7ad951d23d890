import { afterAll, beforeAll, expect, test } from 'vitest'
import { type S3Server, startS3Server } from '../../test/support/s3-server.ts'
import type { ContentStore } from '../content/content-store.ts'
import { createS3ContentStore } from '../content/s3-content-store.ts'
import { startTemporaryStore, type TemporaryStore } from '../store/embedded/temporary-store.ts'
import { createSettingsSeen } from '../store/identity/settings-seen.ts'
import { checkContentStore } from './check-content-store.ts'
import { checkStore } from './check-store.ts'

let store: TemporaryStore
let s3: S3Server
beforeAll(async () => {
  store = await startTemporaryStore()
  s3 = await startS3Server()
})
afterAll(async () => {
  await store.stop()
  await s3.stop()
})

const found = async (check: string) =>
  (await checkStore(store.client)).find((finding) => finding.check === check)

test('a ClickHouse that is as it should be', async () => {
  const findings = await checkStore(store.client)
  expect(findings.filter(({ verdict }) => verdict !== 'ok').map(({ check }) => check)).toEqual([
    'pepper',
  ])
  expect(findings.map(({ check }) => check)).toEqual([
    ...['clickhouse.reachable', 'clickhouse.version', 'clock', 'clickhouse.tables'],
    ...['clickhouse.durable', 'pepper'],
  ])
})

test('gates under different peppers are named', async () => {
  const seen = createSettingsSeen(store.client)
  await seen.note('gate-a', new Map(), '5f0c2a9b')
  expect((await found('pepper'))?.verdict).toBe('ok')
  await seen.note('gate-b', new Map(), '00112233')
  expect(await found('pepper')).toMatchObject({
    verdict: 'problem',
    found: 'gates run under different peppers: gate-a 5f0c2a9b, gate-b 00112233',
  })
})

test('a table that does not write durably is named', async () => {
  const alter = (value: number) =>
    store.client.run({
      tag: 'test',
      sql: `ALTER TABLE identity_events MODIFY SETTING fsync_after_insert = ${value}`,
    })
  await alter(0)
  expect(await found('clickhouse.durable')).toMatchObject({
    verdict: 'warning',
    found: expect.stringContaining('identity_events'),
  })
  await alter(1)
  expect(await found('clickhouse.durable')).toMatchObject({ verdict: 'ok' })
})

test('tables of a newer Flint are a problem', async () => {
  await store.client.run({
    tag: 'test',
    sql: `INSERT INTO schema_migrations (name, checksum) VALUES ('999_later', 'x')`,
  })
  expect(await found('clickhouse.tables')).toMatchObject({
    verdict: 'problem',
    found: expect.stringContaining('999_later'),
  })
})

test('a bucket in which all is allowed, and one that is not there', async () => {
  const content = (bucket: string): ContentStore => createS3ContentStore({ ...s3, bucket })
  const there = content(s3.bucket)
  expect(await checkContentStore(there, 'bucket')).toMatchObject({ verdict: 'ok' })
  const left: string[] = []
  for await (const key of there.list('doctor/')) left.push(key)
  expect(left).toEqual([])
  const absent = content('not-there')
  expect(await checkContentStore(absent, 'bucket')).toMatchObject({
    verdict: 'problem',
    found: 'bucket: put failed (NoSuchBucket)',
  })
  for (const each of [there, absent]) each.close()
})

test('a bucket that may not be read is named, and nothing is left in it', async () => {
  const content = createS3ContentStore(s3)
  const refused: ContentStore = {
    ...content,
    get: () => Promise.reject(Object.assign(new Error('no'), { name: 'AccessDenied' })),
  }
  expect(await checkContentStore(refused, 'bucket')).toMatchObject({
    verdict: 'problem',
    found: 'bucket: get failed (AccessDenied)',
  })
  const left: string[] = []
  for await (const key of content.list('doctor/')) left.push(key)
  expect(left).toEqual([])
  content.close()
})
