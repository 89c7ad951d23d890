/**
 * How long pages, searches and sums of the audit log take on a store of N records:
 * `node dist/bench/pages.js 1000000`.
 *
 * Records are made inside ClickHouse (three rows of evidence each, 30 days, one organisation with
 * 30 %), settled and summed up by the product, and read through the product's own queries, over
 * HTTP, by one caller. The engine's own floor stands beside them. Of more than 20 M, records are
 * made without evidence. `--store <folder>` keeps the store for the next run. `--against
 * <other>/dist/bench/pages.js` runs the same of another build first, and prints how much of its
 * time each line takes.
 */

import { execFileSync } from 'node:child_process'
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import { stubApi } from '../src/api/stub-api.ts'
import { bucketBegins } from '../src/api/summary/time-buckets.ts'
import { sampleRecordId } from '../src/evidence/sample-evidence.ts'
import { createCallQueries } from '../src/store/calls/call-queries.ts'
import { CALL_COLUMNS } from '../src/store/calls/call-row.ts'
import { createIdQueries } from '../src/store/calls/find-by-id.ts'
import { createSettler } from '../src/store/calls/settle.ts'
import { createSummaryQueries, type SummaryQuery } from '../src/store/calls/summary-queries.ts'
import { MEASURES } from '../src/store/calls/summary-totals.ts'
import { openPagesStore, type PagesStore, SPAN_MS } from './pages-store.ts'

const RUNS = 40
const DAY_MS = 86_400_000

const { values, positionals } = parseArgs({
  options: { against: { type: 'string' }, store: { type: 'string' } },
  allowPositionals: true,
})
const asked = Number(positionals[0] ?? 1_000_000)
/** p50 of the other build, by the name of the line. */
const before = values.against === undefined ? null : medians(values.against)
/** p50 of the floor's page. */
let floorMs = Number.NaN

async function measure({ client, filled: { records, startMs, stepMs } }: PagesStore) {
  const { listCalls, findCall } = createCallQueries({ retentionDaysOf: () => 3_650, client })
  const at = (share: number) => {
    const index = Math.floor((records * share) / 10) * 10
    const createdAtMs = Math.floor(startMs + index * stepMs)
    return { createdAtMs, recordId: sampleRecordId(createdAtMs, index) }
  }
  const big = { org: 'org_big', limit: 100 }
  console.log(
    `| ${records} records | p50 ms | p95 ms | of the floor's page |${before ? ' of before |' : ''}`,
  )
  console.log(`|---|---|---|---|${before ? '---|' : ''}`)
  await line('floor: SELECT 1', () => client.rows({ tag: 'bench', sql: 'SELECT 1' }))
  floorMs = await line('floor: page of 100 by the sorting key, no FINAL', () =>
    client.rows({ tag: 'bench', sql: FLOOR_PAGE }),
  )
  await line('newest page of 100, organisation with 30 %', () => listCalls(big))
  await line('newest page of 100, organisation with 0.7 %', () =>
    listCalls({ ...big, org: 'org_7' }),
  )
  await line('newest page of 100, organisation without a call', () =>
    listCalls({ ...big, org: 'org_none' }),
  )
  await line('filtered: one model of 1 %, newest', () => listCalls({ ...big, model: 'rare-model' }))
  await line('filtered: a model no one used, all 30 days read', () =>
    listCalls({ ...big, model: 'never-model' }),
  )
  await line('filtered: tag of 10 %, one day in mid-history', () =>
    listCalls({
      ...big,
      tag: 'team:team-3',
      fromMs: at(0.5).createdAtMs,
      toMs: at(0.5).createdAtMs + DAY_MS,
    }),
  )
  await line('keyset page in mid-history', (run) =>
    listCalls({ ...big, before: at(0.2 + run / 100) }),
  )
  await line('page of 500 in mid-history', (run) =>
    listCalls({ ...big, limit: 500, before: at(0.2 + run / 100) }),
  )
  await line('lookup by id', (run) =>
    findCall({ org: 'org_big', requestId: at(0.2 + run / 100).recordId }),
  )
  const { findById } = createIdQueries(client)
  await line("find by Flint's id", async (run) =>
    some(await findById({ org: 'org_big', id: at(0.2 + run / 100).recordId })),
  )
  const [{ id: providerId } = {}] = await client.rows({
    tag: 'bench',
    sql: PROVIDER_ID,
    params: { at: at(0.5).createdAtMs },
  })
  await line("find by the provider's id", async () =>
    some(await findById({ org: 'org_big', id: String(providerId) })),
  )
  await line('find by an id no one has', () => findById({ org: 'org_big', id: 'req_none' }))
  const summary = createSummaryQueries({ client, retentionDaysOf: () => 3_650 })
  const sums = (query: Partial<SummaryQuery>) => () =>
    summary.summary({ ...monthByDay(startMs), org: 'org_big', groupBy: ['model'], ...query })
  await line('30 days by model and day: cost', sums({ measures: ['cost'] }))
  await line('30 days by model and day: cost, tokens', sums({ measures: ['cost', 'tokens'] }))
  await line('30 days by model and day: all, with histograms', sums({}))
  await line('30 days by key and day: cost', sums({ groupBy: ['keyId'], measures: ['cost'] }))
  await throughApi(client)
  await line('settler with nothing to do', () => createSettler({ client }).run())
}

/** The same page, and the same sums, asked of the API over HTTP. */
async function throughApi(client: PagesStore['client']): Promise<void> {
  const retentionDaysOf = () => 3_650
  const api = stubApi({
    access: {
      authenticator: {
        authenticate: () => ({
          org: 'org_big',
          keyId: 'key_0',
          scopes: ['read'],
          expiresAtMs: null,
        }),
      },
      failures: { note() {} },
      used() {},
    },
    calls: createCallQueries({ client, retentionDaysOf }),
    summaries: createSummaryQueries({ client, retentionDaysOf }),
  })
  await api.listen({ host: '127.0.0.1', port: 0 })
  const { port } = api.server.address() as AddressInfo
  const get = (url: string) => async () => {
    const answer = await fetch(`http://127.0.0.1:${port}${url}`, {
      headers: { authorization: 'Bearer flnt_bench' },
    })
    if (!answer.ok) throw new Error(await answer.text())
    return answer.arrayBuffer()
  }
  try {
    await line('through the API: newest page of 100', get('/v1/audit?limit=100'))
    const days = `from=${new Date(Date.now() - SPAN_MS).toISOString().slice(0, 10)}`
    await line(
      'through the API: 30 days by model and day: cost',
      get(`/v1/audit/summary?${days}&groupBy=model&bucket=1d&measures=cost`),
    )
  } finally {
    await api.close()
  }
}

function monthByDay(startMs: number) {
  const fromMs = Math.floor(startMs / DAY_MS) * DAY_MS
  const toMs = fromMs + SPAN_MS + DAY_MS
  return {
    fromMs,
    toMs,
    filter: {},
    bucketsMs: bucketBegins({ fromMs, toMs }, '1d', 'UTC', 100) ?? [],
    measures: MEASURES,
    before: null,
    limit: 10,
  }
}

function some<T>(found: readonly T[]): readonly T[] | null {
  return found.length === 0 ? null : found
}

/** Resolves to p50. */
async function line(name: string, query: (run: number) => Promise<unknown>): Promise<number> {
  const took: number[] = []
  for (let run = -3; run < RUNS; run += 1) {
    const started = performance.now()
    const answer = await query(Math.max(run, 0))
    if (answer === null) throw new Error(`${name}: nothing found`)
    if (run >= 0) took.push(performance.now() - started)
  }
  took.sort((a, b) => a - b)
  const at = (share: number) =>
    took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? Number.NaN
  const ratio = (ofMs: number | undefined) =>
    ofMs === undefined || Number.isNaN(ofMs) ? '–' : `${(at(0.5) / ofMs).toFixed(2)} x`
  const columns = [
    name,
    at(0.5).toFixed(1),
    at(0.95).toFixed(1),
    ratio(floorMs),
    ...(before === null ? [] : [ratio(before.get(name))]),
  ]
  console.log(`| ${columns.join(' | ')} |`)
  return at(0.5)
}

function medians(program: string): ReadonlyMap<string, number> {
  const printed = execFileSync(process.execPath, [program, String(asked)], { encoding: 'utf8' })
  console.log(`The other build:\n${printed}`)
  const rows = [...printed.matchAll(/^\| (.+?) \| ([\d.]+) \| [\d.]+ \|/gm)]
  return new Map(rows.map(([, name = '', p50]) => [name, Number(p50)]))
}

const FLOOR_PAGE = `SELECT ${CALL_COLUMNS.join(', ')} FROM calls_settled WHERE org = 'org_big' ORDER BY org DESC, created_at DESC, record_id DESC LIMIT 100`

const PROVIDER_ID = `SELECT provider_request_id AS id FROM calls_settled WHERE org = 'org_big' AND created_at >= fromUnixTimestamp64Milli({at:Int64}) LIMIT 1`

const store = await openPagesStore(asked, values.store)
try {
  await measure(store)
} finally {
  await store.stop()
}
