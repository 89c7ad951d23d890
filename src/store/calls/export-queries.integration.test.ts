import { afterAll, beforeAll, expect, test } from 'vitest'
import { putSettledCalls } from '../../../test/support/settled-calls.ts'
import type { StoreClient } from '../client/client.ts'
import { StoreError } from '../client/store-error.ts'
import { startTemporaryStore, type TemporaryStore } from '../embedded/temporary-store.ts'
import { createExportQueries, type ExportPlan, type ExportQuery } from './export-queries.ts'

const COUNT = 50
const MINUTE_MS = 60_000
const FROM_MS = Date.now() - COUNT * MINUTE_MS
const QUERY: ExportQuery = { org: 'org_1', filter: {}, format: 'ndjson', withPrompts: false }
let store: TemporaryStore

beforeAll(async () => {
  store = await startTemporaryStore()
  const arrival = { fromMs: FROM_MS, ingestedEveryMs: MINUTE_MS }
  await putSettledCalls(store.client, { org: 'org_1', count: COUNT, ...arrival })
  await putSettledCalls(store.client, { org: 'org_2', count: COUNT, ...arrival })
})
afterAll(() => store?.stop())

/** Slices of at most ten rows, each read by one statement. */
const queriesOf = (client: Pick<StoreClient, 'stream'>) =>
  createExportQueries({ client, maxCountSeconds: 0, sliceRows: 10 })

async function textOf(
  queries: ReturnType<typeof queriesOf>,
  query: ExportQuery,
  plan: ExportPlan,
): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of queries.read(query, plan)) parts.push(part)
  return Buffer.concat(parts).toString()
}
const idsIn = (text: string) =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => Number.parseInt(String(JSON.parse(line).requestId).slice(-12), 16))
const numbers = (count: number) => Array.from({ length: count }, (_, number) => number)

test('an export of several slices has every row once, in order, and one header', async () => {
  const queries = queriesOf(store.client)
  const plan = await queries.plan(QUERY)
  expect(plan.rows).toBe(COUNT)
  expect(plan.slices.length).toBeGreaterThan(4)
  expect(idsIn(await textOf(queries, QUERY, plan))).toEqual(numbers(COUNT))
  const csv = await textOf(queries, { ...QUERY, format: 'csv' }, plan)
  expect(csv.split('\n').filter((line) => line.startsWith('"requestId"'))).toHaveLength(1)
  expect(csv.split('\n')).toHaveLength(COUNT + 2)
})

test('a record that arrives or changes after the count follows at the end', async () => {
  const queries = queriesOf(store.client)
  const query = { ...QUERY, org: 'org_2' }
  const plan = await queries.plan(query)
  // The record with the number 49 again, made before all others and ingested after them.
  await store.client.run({
    tag: 'test',
    sql: `INSERT INTO calls_settled (org, created_at, record_id, provider, outcome, source, usage_source, ingested_at, version)
      SELECT org, if(number = 0, created_at, subtractDays(created_at, 1)), if(number = 0, record_id, toUUID('01969bac-e328-7a51-9f0e-0000000000ff')), provider,
        outcome, source, usage_source, addHours(ingested_at, 2), version + 1
      FROM calls_settled ARRAY JOIN [0, 1] AS number WHERE org = 'org_2' ORDER BY calls_settled.created_at DESC LIMIT 2`,
  })
  expect(idsIn(await textOf(queries, query, plan))).toEqual([...numbers(COUNT), 255])
})

test('a statement that fails on its way ends the export with an error, after whole rows', async () => {
  const client: Pick<StoreClient, 'stream'> = {
    stream: (statement) =>
      store.client.stream({
        ...statement,
        sql: statement.sql.replace(
          'SELECT ',
          "SELECT throwIf(endsWith(toString(record_id), '0019')) AS fails, ",
        ),
      }),
  }
  const plan = await queriesOf(store.client).plan(QUERY)
  const parts: Buffer[] = []
  const read = async () => {
    for await (const part of queriesOf(client).read(QUERY, plan)) parts.push(part)
  }
  await expect(read()).rejects.toThrow(StoreError)
  const ids = idsIn(Buffer.concat(parts).toString())
  expect(ids.length).toBeGreaterThan(0)
  expect(ids).toEqual(numbers(ids.length))
  expect(ids).not.toContain(25)
})
