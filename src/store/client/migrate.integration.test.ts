import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTemporaryStore, type TemporaryStore } from '../embedded/temporary-store.ts'
import { MigrationError } from './applied-migrations.ts'
import { createStoreClient, type StoreClient } from './client.ts'
import { migrate, readMigrations, readViews } from './migrate.ts'

let store: TemporaryStore
beforeAll(async () => {
  store = await startTemporaryStore()
})
afterAll(() => store?.stop())

/** The user's grants are for `flint` only, so a fresh database is the same one, emptied. */
async function emptied(): Promise<StoreClient> {
  const { client } = store
  const tables = await client.rows({
    tag: 'test',
    sql: "SELECT name, engine FROM system.tables WHERE database = 'flint'",
  })
  for (const { name, engine } of tables)
    await client.run({
      tag: 'test',
      sql: `DROP ${engine === 'View' ? 'VIEW' : 'TABLE'} ${String(name)} SYNC`,
    })
  return client
}

test('a second run changes nothing', async () => {
  const client = await emptied()
  expect(await migrate({ client })).toEqual(
    [...readMigrations(), ...readViews()].map(({ name }) => name),
  )
  expect(await migrate({ client })).toEqual([])
})

test('processes that start at once all succeed', async () => {
  await emptied()
  const clients = Array.from({ length: 4 }, () => createStoreClient(store.server))
  await Promise.all(clients.map((client) => migrate({ client })))
  expect(await migrate({ client: store.client })).toEqual([])
  await Promise.all(clients.map((client) => client.close()))
})

test('a process that died in the middle is made up for by the next', async () => {
  const client = await emptied()
  const [first] = readMigrations()
  await client.run({ tag: 'test', sql: first?.sql ?? '' })
  await migrate({ client })
  expect(await client.rows({ tag: 'test', sql: 'SELECT count() AS n FROM calls' })).toEqual([
    { n: 0 },
  ])
})

test('a migration that was edited after it ran is refused by name, and nothing is changed', async () => {
  const client = await emptied()
  const [first, ...rest] = readMigrations()
  if (first === undefined) throw new Error('no migrations')
  await migrate({ client, migrations: [first], views: [] })
  const edited = { ...first, sql: `${first.sql}\n-- edited` }
  await expect(migrate({ client, migrations: [edited, ...rest] })).rejects.toThrow(MigrationError)
  await expect(migrate({ client, migrations: [edited, ...rest] })).rejects.toThrow(
    '001_evidence was changed',
  )
  expect(await migrate({ client })).toEqual([...rest, ...readViews()].map(({ name }) => name))
})

test('a migration that fails is named and tried again by the next run', async () => {
  const client = await emptied()
  const broken = {
    name: '001_broken',
    sql: 'CREATE TABLE IF NOT EXISTS broken (a Nope) ENGINE = Memory',
  }
  await expect(migrate({ client, migrations: [broken], views: [] })).rejects.toThrow(
    '001_broken failed',
  )
  const mended = { ...broken, sql: 'CREATE TABLE IF NOT EXISTS broken (a Int8) ENGINE = Memory' }
  expect(await migrate({ client, migrations: [mended], views: [] })).toEqual(['001_broken'])
})

test('a view whose definition changed is replaced, and its columns with it', async () => {
  const client = await emptied()
  await migrate({ client })
  const changed = {
    name: '01_calls_folded',
    sql: 'CREATE OR REPLACE VIEW calls_folded AS SELECT 1 AS one',
  }
  expect(await migrate({ client, views: [changed] })).toEqual([changed.name])
  expect(await client.rows({ tag: 'test', sql: 'SELECT * FROM calls_folded' })).toEqual([
    { one: 1 },
  ])
  expect(await migrate({ client })).toEqual([changed.name])
  expect(await client.rows({ tag: 'test', sql: 'SELECT * FROM calls_folded' })).toEqual([])
})
