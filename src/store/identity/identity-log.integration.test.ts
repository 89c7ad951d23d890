import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { migrate, readMigrations, readViews } from '../client/migrate.ts'
import { startTemporaryStore, type TemporaryStore } from '../embedded/temporary-store.ts'
import type { IdentityEvent } from './identity-event.ts'
import { createIdentityLog } from './identity-log.ts'
import type { KeyRow } from './identity-rows.ts'

let store: TemporaryStore
beforeAll(async () => {
  store = await startTemporaryStore()
})
beforeEach(() => store.empty('identity_events'))
afterAll(() => store?.stop())

const event = (
  overrides: Partial<IdentityEvent> & Pick<IdentityEvent, 'subjectKind' | 'subject'>,
): IdentityEvent => ({
  org: 'org_1',
  actor: 'cli',
  action: 'key.created',
  reason: null,
  old: null,
  new: null,
  ...overrides,
})
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

test('organisations and keys are the newest state of each, and every change stays as an event', async () => {
  const log = createIdentityLog(store.client)
  const organisation = { id: 'org_1', name: "Ann's", createdAt: '2026-11-23T01:02:03.004Z' }
  await log.append([event({ subjectKind: 'organisation', subject: 'org_1', state: organisation })])
  await log.append([
    event({
      subjectKind: 'organisation',
      subject: 'org_1',
      state: { ...organisation, name: 'Ann & Co' },
      new: { name: 'Ann & Co' },
    }),
  ])
  expect(await log.listOrganisations()).toEqual([{ ...organisation, name: 'Ann & Co' }])

  const second = { ...key, id: 'key_2', scopes: [], expiresAt: '2027-01-01T00:00:00.000Z' }
  await log.append(
    [key, second].map((state) => event({ subjectKind: 'key', subject: state.id, state })),
  )
  await log.append([
    event({
      subjectKind: 'key',
      subject: 'key_1',
      state: { ...key, revokedAt: '2026-11-24T00:00:00.000Z' },
      reason: 'lost',
    }),
  ])
  expect(await log.listKeys()).toEqual([{ ...key, revokedAt: '2026-11-24T00:00:00.000Z' }, second])

  const events = await log.listEvents({ org: 'org_1', limit: 10 })
  expect(events).toHaveLength(5)
  expect(events[0]).toMatchObject({
    subject: 'key_1',
    reason: 'lost',
    actor: 'cli',
    at: expect.stringMatching(/^\d{4}-.*\.\d{6}Z$/),
  })
  expect(JSON.stringify(events)).not.toContain(key.keyHash)
})

test('events are paged newest first, without skipping or repeating one', async () => {
  const log = createIdentityLog(store.client)
  for (let batch = 0; batch < 4; batch++)
    await log.append(
      [0, 1, 2].map((number) =>
        event({ subjectKind: 'record', subject: `${batch}-${number}`, action: 'prompt.read' }),
      ),
    )
  await log.append([event({ subjectKind: 'record', subject: 'theirs', org: 'org_2' })])
  const seen: string[] = []
  let before: { at: string; id: string } | undefined
  for (;;) {
    const page = await log.listEvents({ org: 'org_1', limit: 5, before })
    seen.push(...page.map(({ subject }) => subject))
    const last = page.at(-1)
    if (page.length < 5 || last === undefined) break
    before = last
  }
  expect(seen).toHaveLength(12)
  expect(new Set(seen).size).toBe(12)
  expect(seen.map((subject) => Number(subject.split('-')[0]))).toEqual([
    3, 3, 3, 2, 2, 2, 1, 1, 1, 0, 0, 0,
  ])
  expect(await log.listEvents({ org: 'org_1', actions: ['key.created'], limit: 5 })).toEqual([])
  expect(await log.listEvents({ org: 'org_1', subject: '2-1', limit: 5 })).toHaveLength(1)
})

test('of two settings made of one revision the earlier is in force, whatever the order they are read in', async () => {
  const log = createIdentityLog(store.client)
  const change = (revision: number, retentionDays: number) =>
    event({
      subjectKind: 'settings',
      subject: 'org_1',
      action: 'settings.changed',
      state: { revision, retentionDays },
    })
  await log.append([change(1, 30)])
  await log.append([change(1, 40)])
  expect(await log.listSettings()).toEqual([
    expect.objectContaining({ org: 'org_1', state: { revision: 1, retentionDays: 30 } }),
  ])
  await log.append([change(2, 50)])
  expect((await log.listSettings()).map(({ state }) => state.retentionDays)).toEqual([50])
  expect(
    await store.client.rows({
      tag: 'test',
      sql: 'SELECT org, retention_days FROM settings_in_force',
    }),
  ).toEqual([{ org: 'org_1', retention_days: 50 }])
})

test('keys and organisations of an earlier version are still there after the upgrade', async () => {
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
  const before = readMigrations().filter(({ name }) => name < '007')
  await migrate({ client, migrations: before, views: [] })
  await client.run({
    tag: 'test',
    sql: `INSERT INTO api_keys SELECT 'org_1', 'key_1', 'ci', '${key.keyHash}', '...k3f2', ['proxy', 'read'],
      parseDateTime64BestEffort('2026-01-02T03:04:05.000Z', 3, 'UTC'), NULL, NULL, 1`,
  })
  await client.run({
    tag: 'test',
    sql: `INSERT INTO organisations SELECT 'org_1', 'first', parseDateTime64BestEffort('2026-01-02T03:04:05.000Z', 3, 'UTC'), 1`,
  })
  await migrate({ client })
  const log = createIdentityLog(client)
  expect(await log.listKeys()).toEqual([
    {
      ...key,
      name: 'ci',
      scopes: ['proxy', 'read'],
      createdAt: '2026-01-02T03:04:05.000Z',
      expiresAt: null,
      revokedAt: null,
    },
  ])
  expect(await log.listOrganisations()).toEqual([
    { id: 'org_1', name: 'first', createdAt: '2026-01-02T03:04:05.000Z' },
  ])
  expect(readViews().map(({ name }) => name)).toEqual([
    '00_call_versions',
    '00_holds_in_force',
    '00_settings_in_force',
    '01_calls_folded',
    '02_calls',
  ])
})
