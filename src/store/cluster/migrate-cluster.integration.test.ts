import { afterEach, describe, expect, test } from 'vitest'
import { jsonLines, sampleCall } from '../../evidence/sample-evidence.ts'
import { createStoreClient, type StoreClient } from '../client/client.ts'
import { migrate, readMigrations } from '../client/migrate.ts'
import { insertJsonLines } from '../evidence/insert-evidence.ts'
import { createClusterClient } from './cluster-client.ts'
import type { ClusterAddress } from './cluster-hosts.ts'
import { migrateCluster } from './migrate-cluster.ts'
import { type ClusterOfServers, startServers } from './temporary-cluster.ts'

let cluster: ClusterOfServers
afterEach(() => cluster?.stop())

const TABLES = `SELECT database, name, engine_full, toString(sipHash64(as_select)) AS query,
    (SELECT groupArray((name, type)) FROM system.columns WHERE database = t.database AND table = t.name) AS columns
  FROM system.tables AS t WHERE startsWith(database, 'flint') ORDER BY database, name`

async function onServer<T>(n: number, work: (client: StoreClient) => Promise<T>): Promise<T> {
  const endpoint = cluster.servers[n]
  if (endpoint === undefined) throw new Error('no such server')
  const client = createStoreClient({ ...endpoint, database: 'flint_shard' })
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}

const ask = (n: number, sql: string) => onServer(n, (client) => client.rows({ tag: 'test', sql }))

async function insert(address: ClusterAddress, token: string, ...createdAtMs: readonly number[]) {
  const client = createClusterClient(address)
  try {
    const rows = createdAtMs.flatMap((ms) => sampleCall({ org: 'org_1', createdAtMs: ms }))
    await insertJsonLines(client, { table: 'evidence', body: jsonLines(rows), token })
    return rows
  } finally {
    await client.close()
  }
}

test('migrators that start at once make the same tables on every server, and again change nothing', async () => {
  cluster = await startServers()
  const ran = await Promise.all([1, 2, 3].map(() => migrateCluster(cluster.address)))
  expect(ran.flat()).toEqual(expect.arrayContaining(readMigrations().map(({ name }) => name)))
  const [first, second] = [await ask(0, TABLES), await ask(1, TABLES)]
  expect(second).toEqual(first)
  expect(first.map(({ database, name }) => `${database}.${name}`)).toEqual(
    expect.arrayContaining([
      'flint.calls',
      'flint.evidence',
      'flint_first.identity_events',
      'flint_shard.evidence',
    ]),
  )
  expect(first.filter(({ database }) => String(database).includes('scratch'))).toEqual([])
  expect(await migrateCluster(cluster.address)).toEqual([])
  expect(await ask(0, TABLES)).toEqual(first)
})

test('tables of a cluster have the columns that those of one server have', async () => {
  cluster = await startServers()
  await migrateCluster(cluster.address)
  const columns = (database: string) =>
    `SELECT table, name, type, default_expression, position FROM system.columns
      WHERE database = '${database}' AND table NOT IN ('rolled_until', 'shard_counts', 'schema_migrations', 'quarters_rolled')
      ORDER BY table, position`
  const [endpoint] = cluster.servers
  if (endpoint === undefined) throw new Error('no server')
  const alone = createStoreClient({ ...endpoint, database: 'flint_alone' })
  try {
    await migrate({ client: alone })
  } finally {
    await alone.close()
  }
  expect(await ask(0, columns('flint'))).toEqual(await ask(0, columns('flint_alone')))
})

test('a new column is added on every server, and to what reads all of them', async () => {
  cluster = await startServers()
  await migrateCluster(cluster.address)
  const migrations = [
    ...readMigrations(),
    {
      name: '999_colour',
      sql: 'ALTER TABLE evidence ADD COLUMN IF NOT EXISTS colour Nullable(String); ALTER TABLE prices ADD COLUMN IF NOT EXISTS colour Nullable(String)',
    },
  ]
  expect(await migrateCluster({ ...cluster.address, migrations })).toEqual(['999_colour'])
  for (const server of [0, 1])
    expect(
      await ask(
        server,
        `SELECT concat(database, '.', table) AS of FROM system.columns WHERE name = 'colour' ORDER BY of`,
      ),
    ).toEqual(
      [
        'flint.evidence',
        'flint.prices',
        'flint_first.prices',
        'flint_shard.evidence',
        'flint_shard.prices',
      ].map((of) => ({ of })),
    )
})

test('a migrator that died is taken up where it was', async () => {
  cluster = await startServers()
  const migrations = readMigrations()
  const half = [...migrations.slice(0, 9), { name: '990_dies', sql: 'ALTER TABLE evidence BREAK' }]
  await expect(migrateCluster({ ...cluster.address, migrations: half })).rejects.toThrow(/990_dies/)
  await migrateCluster(cluster.address)
  expect(await ask(1, TABLES)).toEqual(await ask(0, TABLES))
})

describe('a shard that is added', () => {
  test('takes calls of the time after, and evidence of older calls stays together', async () => {
    cluster = await startServers({ shards: [1, 2, 3], parts: { two: 2 } })
    const two = { ...cluster.address, cluster: 'two', hosts: cluster.servers.slice(0, 2) }
    await migrateCluster(two)
    const nowMs = Date.now()
    const older = Array.from({ length: 30 }, (_, n) => nowMs - n)
    const rows = await insert(two, 'older', ...older)
    await migrateCluster(cluster.address)
    const later = rows.map((row) => ({ ...row, version: row.version + 1 }))
    const client = createClusterClient(cluster.address)
    await insertJsonLines(client, { table: 'evidence', body: jsonLines(later), token: 'later' })
    const shardOf = 'SELECT DISTINCT toString(record_id) AS id FROM evidence ORDER BY id'
    const on = await Promise.all([0, 1, 2].map((n) => ask(n, shardOf)))
    const idsOf = (found: Record<string, unknown>[]) => found.map(({ id }) => String(id))
    expect(on.map((found) => found.length)).toEqual([expect.any(Number), expect.any(Number), 0])
    expect(new Set(on.flatMap(idsOf)).size).toBe(on.flat().length)
    // The new shard counts from some minutes on, when every server knows of it.
    await insert(cluster.address, 'new', ...older.map((ms) => ms + 3_600_000))
    const young = await ask(2, 'SELECT DISTINCT record_id FROM evidence')
    expect(young.length).toBeGreaterThan(0)
    const all = await client.rows({
      tag: 'test',
      sql: 'SELECT uniqExact(record_id) AS calls FROM evidence',
    })
    expect(all).toEqual([{ calls: 60 }])
    await client.close()
  })

  test('cannot be left out again, nor change its place', async () => {
    cluster = await startServers({ shards: [1, 2], parts: { one: 1 } })
    await migrateCluster(cluster.address)
    const [first, second] = cluster.servers
    if (first === undefined || second === undefined) throw new Error('two servers')
    await expect(
      migrateCluster({ ...cluster.address, cluster: 'one', hosts: [first] }),
    ).rejects.toThrow(/cluster of 1 shards, but records lie on 2/)
    await expect(migrateCluster({ ...cluster.address, hosts: [second, first] })).rejects.toThrow(
      /was in shard 2 and is in shard 1 now/,
    )
  })
})

describe('no table is touched', () => {
  test('where the database has the records of a single server', async () => {
    cluster = await startServers()
    const [first] = cluster.servers
    if (first === undefined) throw new Error('no server')
    const alone = createStoreClient(first)
    await migrate({ client: alone })
    await expect(migrateCluster(cluster.address)).rejects.toThrow(/clickhouse\.database/)
    expect(
      await alone.rows({
        tag: 'test',
        sql: "SELECT engine FROM system.tables WHERE database = 'flint' AND name = 'evidence'",
      }),
    ).toEqual([{ engine: 'ReplacingMergeTree' }])
    await alone.close()
  })

  test('by a single server’s migrations, where it is a cluster’s', async () => {
    cluster = await startServers()
    await migrateCluster(cluster.address)
    const [first] = cluster.servers
    if (first === undefined) throw new Error('no server')
    const alone = createStoreClient(first)
    await expect(migrate({ client: alone })).rejects.toThrow(/clickhouse\.cluster/)
    await alone.close()
  })

  test('where the cluster, or one of its servers, is not what the settings say', async () => {
    cluster = await startServers()
    const { address, servers } = cluster
    await expect(migrateCluster({ ...address, cluster: 'nowhere' })).rejects.toThrow(
      /"nowhere": 127\.0\.0\.1:\d+ has no such cluster in remote_servers/,
    )
    await expect(migrateCluster({ ...address, hosts: servers.slice(1) })).rejects.toThrow(
      /clickhouse\.hosts \(FLINT_CLICKHOUSE_HOSTS\) has 1 servers, the cluster "flint" has 2/,
    )
    const [, second] = servers
    await second?.stop()
    await expect(migrateCluster(address)).rejects.toThrow(`on ${new URL(second?.url ?? '').host}`)
  })
})
