import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Evidence } from '../../evidence/evidence.ts'
import { jsonLines, sampleCall } from '../../evidence/sample-evidence.ts'
import { createCallQueries } from '../calls/call-queries.ts'
import { createQuarterRollup, QUIET_MS } from '../calls/quarter-rollup.ts'
import { createSettler } from '../calls/settle.ts'
import { createSummaryQueries } from '../calls/summary-queries.ts'
import type { StoreClient } from '../client/client.ts'
import { StoreError } from '../client/store-error.ts'
import { createErasures } from '../evidence/erasures.ts'
import { createExpiredRows } from '../evidence/expired-rows.ts'
import { insertJsonLines } from '../evidence/insert-evidence.ts'
import { createIdentityLog } from '../identity/identity-log.ts'
import { createClusterClient } from './cluster-client.ts'
import { startTemporaryCluster, type TemporaryCluster } from './temporary-cluster.ts'

const ORG = 'org_1'
const NOW = Date.now()
const CALLS = 24

let cluster: TemporaryCluster
let client: StoreClient
beforeAll(async () => {
  cluster = await startTemporaryCluster()
  client = cluster.client
})
beforeEach(() =>
  cluster.empty(
    'evidence',
    'calls_settled',
    'settlement',
    'calls_quarter',
    'calls_hour',
    'quarters_rolled',
  ),
)
afterAll(async () => {
  if (client !== cluster?.client) await client?.close()
  await cluster?.stop()
})

const evidence: readonly Evidence[] = Array.from({ length: CALLS }, (_, n) =>
  sampleCall({ org: ORG, createdAtMs: NOW - 3_600_000 + n, id: n }),
).flat()

const insert = (token: string) =>
  insertJsonLines(client, { table: 'evidence', body: jsonLines(evidence), token })

async function onShards(sql: string): Promise<readonly Record<string, unknown>[][]> {
  const rows: Record<string, unknown>[][] = []
  for (const shard of await client.shards()) rows.push(await shard.rows({ tag: 'test', sql }))
  return rows
}

async function rows(table = 'evidence'): Promise<number> {
  const [row] = await client.rows({ tag: 'test', sql: `SELECT count() AS n FROM ${table}` })
  return Number(row?.n)
}

const list = () =>
  createCallQueries({ client, retentionDaysOf: () => 90 }).listCalls({ org: ORG, limit: 100 })

const sum = async () => {
  const fromMs = NOW - 86_400_000
  const { totals } = await createSummaryQueries({ client, retentionDaysOf: () => 90 }).summary({
    org: ORG,
    fromMs,
    toMs: NOW,
    filter: {},
    groupBy: [],
    bucketsMs: [fromMs],
    measures: [],
    before: null,
    limit: 1,
  })
  return totals.calls
}

describe('on two shards', () => {
  test('all evidence of a call is on one, and so is its record; a batch that comes again is there once', async () => {
    await insert('batch')
    await insert('batch')
    expect(await rows()).toBe(evidence.length)
    await createSettler({ client }).run()
    expect(await list()).toHaveLength(CALLS)
    const [first = [], second = []] = await onShards(
      'SELECT DISTINCT toString(record_id) AS id FROM evidence ORDER BY id',
    )
    expect(first.length).toBeGreaterThan(0)
    expect(second.length).toBeGreaterThan(0)
    expect(first.length + second.length).toBe(CALLS)
    expect(
      await onShards('SELECT DISTINCT toString(record_id) AS id FROM calls_settled ORDER BY id'),
    ).toEqual([first, second])
  })

  test('a call is looked for by its id on its own shard alone', async () => {
    await insert('by id')
    const [{ record_id: id } = { record_id: '' }] = evidence
    const plan = await client.rows({
      tag: 'test',
      sql: `EXPLAIN SELECT * FROM evidence WHERE org = 'o' AND record_id = {id:UUID}`,
      params: { id },
    })
    const steps = plan.map(({ explain }) => String(explain)).join('\n')
    expect(steps.match(/ReadFromMergeTree|ReadFromRemote/g)).toHaveLength(1)
  })

  test('events and settings are on the first, and every shard expires calls by them', async () => {
    await insert('settings')
    await createSettler({ client }).run()
    await createIdentityLog(client).append([
      {
        subjectKind: 'settings',
        org: ORG,
        actor: 'key_1',
        action: 'settings.changed',
        subject: ORG,
        reason: null,
        old: null,
        new: null,
        state: { revision: 1, retentionDays: 7 },
      },
    ])
    const days = await client.rows({
      tag: 'test',
      sql: "SELECT DISTINCT dateDiff('day', created_at, expires_at) AS days FROM calls",
    })
    expect(days).toEqual([{ days: 7 }])
    expect(await client.rows({ tag: 'test', sql: 'SELECT org FROM settings_in_force' })).toEqual([
      { org: ORG },
    ])
    await cluster.empty('identity_events')
  })

  test('a summary is whole while one of them is not yet summed up', async () => {
    await insert('sums')
    await createSettler({ client }).run()
    expect(await sum()).toBe(CALLS)
    const clock = () => Date.now() + QUIET_MS + 1_000
    const [first] = await client.shards()
    if (first === undefined) throw new Error('no shard')
    await createQuarterRollup({ client: first, clock }).run()
    expect(await sum()).toBe(CALLS)
    await createQuarterRollup({ client, clock }).run()
    expect(await sum()).toBe(CALLS)
    // Of the sums: the records themselves are gone.
    await cluster.empty('calls_settled')
    expect(await sum()).toBe(CALLS)
  })

  test('what is erased, and what is over its time, is gone from both', async () => {
    await insert('erased')
    await createSettler({ client }).run()
    const erasures = createErasures(client)
    expect(await erasures.erase(ORG, { toMs: NOW - 3_600_000 + 12 }, 'erasure', [])).toBe(12)
    expect(await list()).toHaveLength(CALLS - 12)
    await erasures.removeRows(await erasures.unfinished(100))
    expect(
      await onShards(`SELECT uniqExact(record_id) AS calls FROM evidence WHERE kind != 'erasure'`),
    ).toEqual(
      await onShards(`SELECT count() AS calls FROM calls_settled FINAL WHERE outcome != 'erased'`),
    )
    expect(await rows()).toBe((evidence.length / CALLS) * (CALLS - 12) + 12)
    await createExpiredRows(client).remove(ORG, NOW, async () => [])
    expect(await onShards('SELECT count() AS n FROM evidence')).toEqual([[{ n: 0 }], [{ n: 0 }]])
  })
})

describe('while a shard is lost', () => {
  test('nothing is read in part, what is stored and erased is not called done, and all is made up for', async () => {
    await insert('before')
    await createSettler({ client }).run()
    const [, second] = cluster.servers
    const lost = new URL(second?.url ?? '').host
    const erasures = createErasures(client)
    await erasures.erase(ORG, { toMs: NOW }, 'all', [])
    const erased = await erasures.unfinished(100)
    expect(erased).toHaveLength(CALLS)
    await second?.stop()

    await expect(list()).rejects.toBeInstanceOf(StoreError)
    await expect(sum()).rejects.toBeInstanceOf(StoreError)
    await expect(rows('calls')).rejects.toBeInstanceOf(StoreError)
    await expect(erasures.unfinished(100)).rejects.toBeInstanceOf(StoreError)
    await expect(insert('meanwhile')).rejects.toMatchObject({ retryable: true })
    await expect(createSettler({ client }).run()).rejects.toThrow(`on ${lost}`)
    await expect(erasures.removeRows(erased)).rejects.toThrow(`on ${lost}`)
    await expect(createExpiredRows(client).remove('org_2', NOW, async () => [])).rejects.toThrow(
      `on ${lost}`,
    )

    await cluster.startAgain(1)
    client = createClusterClient(cluster.address)
    const later = createErasures(client)
    expect(await later.unfinished(100)).toHaveLength(CALLS)
    await later.removeRows(erased)
    await later.finish(erased, Date.now() + 60_000)
    expect(await later.unfinished(100)).toEqual([])
    // One shard may have its part of the batch already: it is not stored there twice.
    await insert('meanwhile')
    await insert('meanwhile')
    expect(await rows(`(SELECT * FROM evidence WHERE kind != 'erasure')`)).toBe(evidence.length)
    expect(await list()).toEqual([])
  })
})
