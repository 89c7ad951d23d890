import { afterAll, beforeAll, expect, test } from 'vitest'
import { createIdentityTables, type KeyRow } from './identity-tables.ts'
import { startTemporaryStore, type TemporaryStore } from './temporary-store.ts'

let store: TemporaryStore
beforeAll(async () => {
  store = await startTemporaryStore()
})
afterAll(() => store?.stop())

test('organisations and keys come back as they were put, the newest state of each', async () => {
  const tables = createIdentityTables(store.client)
  await tables.insertOrganisation({ id: 'org_1', name: "Ann's", createdAt: '2026-11-23T01:02:03.004Z' })
  await tables.insertOrganisation({ id: 'org_1', name: 'Ann & Co', createdAt: '2026-11-23T01:02:03.004Z' })
  expect(await tables.listOrganisations()).toEqual([{ id: 'org_1', name: 'Ann & Co', createdAt: '2026-11-23T01:02:03.004Z' }])

  const key: KeyRow = {
    org: 'org_1',
    id: 'key_1',
    name: "it's",
    keyHash: 'ab'.repeat(32),
    hint: '...k3f2',
    scopes: ['proxy', "o'dd"],
    createdAt: '2026-11-23T01:02:03.004Z',
    expiresAt: null,
    revokedAt: null,
  }
  await tables.insertKey(key)
  await tables.insertKey({ ...key, id: 'key_2', scopes: [], expiresAt: '2027-01-01T00:00:00.000Z' })
  await tables.insertKey({ ...key, revokedAt: '2026-11-24T00:00:00.000Z' })
  expect(await tables.listKeys()).toEqual([
    { ...key, revokedAt: '2026-11-24T00:00:00.000Z' },
    { ...key, id: 'key_2', scopes: [], expiresAt: '2027-01-01T00:00:00.000Z' },
  ])
})
