/**
 * How long pages of the audit log take on a store of N records: `node dist/bench/pages.js 1000000`.
 *
 * Records are made inside ClickHouse (three statements per call, 30 days, one organisation with 30
 * %), settled by the product's own settler and read through the product's own queries, over HTTP,
 * by one caller.
 */

import { sampleRecordId } from '../src/evidence/sample-evidence.ts'
import { createCallQueries } from '../src/store/calls/call-queries.ts'
import { createSettler } from '../src/store/calls/settle.ts'
import { startTemporaryStore, type TemporaryStore } from '../src/store/embedded/temporary-store.ts'

const RUNS = 40
const DAY_MS = 86_400_000
const SPAN_MS = 30 * DAY_MS
const CHUNK = 250_000

const records = Number(process.argv[2] ?? 1_000_000)
async function measure({ client }: TemporaryStore): Promise<void> {
  const startMs = Date.now() - SPAN_MS
  const stepMs = SPAN_MS / records
  const filling = performance.now()
  for (let from = 0; from < records; from += CHUNK) {
    await client.run({
      tag: 'bench:fill',
      sql: FILL,
      params: { from, size: Math.min(CHUNK, records - from), start: startMs, step: stepMs },
    })
  }
  console.log(
    `| filling ${records} records (${records * 3} rows of evidence) | ${seconds(filling)} |`,
  )

  const settler = createSettler({ client })
  const settling = performance.now()
  await settler.run()
  console.log(`| settling | ${seconds(settling)} |`)

  const [disk] = await client.rows({ tag: 'bench', sql: DISK })
  console.log(
    `| bytes on disk per record: evidence / settled | ${disk?.evidence} / ${disk?.settled} |\n`,
  )

  const { listCalls, findCall } = createCallQueries({ retentionDaysOf: () => 3_650, client })
  const at = (share: number) => {
    const index = Math.floor((records * share) / 10) * 10
    const createdAtMs = Math.floor(startMs + index * stepMs)
    return { createdAtMs, recordId: sampleRecordId(createdAtMs, index) }
  }
  const big = { org: 'org_big', limit: 100 }
  console.log(`| ${records} records | p50 ms | p95 ms |\n|---|---|---|`)
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
      tag: { name: 'team', value: 'team-3' },
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
  await line('settler with nothing to do', () => settler.run())
}

async function line(name: string, query: (run: number) => Promise<unknown>): Promise<void> {
  const took: number[] = []
  for (let run = -3; run < RUNS; run += 1) {
    const started = performance.now()
    const answer = await query(Math.max(run, 0))
    if (answer === null) throw new Error(`${name}: nothing found`)
    if (run >= 0) took.push(performance.now() - started)
  }
  took.sort((a, b) => a - b)
  const at = (share: number) =>
    took[Math.min(took.length - 1, Math.floor(took.length * share))]?.toFixed(1)
  console.log(`| ${name} | ${at(0.5)} | ${at(0.95)} |`)
}

function seconds(startedMs: number): string {
  return `${((performance.now() - startedMs) / 1_000).toFixed(0)} s`
}

const FILL = `INSERT INTO evidence (org, created_at, record_id, kind, version, writer, provider, method, endpoint, key_id, key_hint, status,
  user_agent, retry_count, tags, \`final\`, stream, model, request_model, provider_request_id, finish_reason, usage_source, input_tokens,
  output_tokens, total_tokens, cached_input_tokens, parser_version, cost_usd, cost_status, price_version, request_bytes, response_bytes,
  request_complete, response_complete, latency_ms, time_to_first_byte_ms, response_flags, response_code_details, usage_raw)
SELECT if(i % 10 < 3, 'org_big', concat('org_', toString(i % 100))), fromUnixTimestamp64Milli(ms, 'UTC'),
  toUUID(concat(substring(hex_ms, 1, 8), '-', substring(hex_ms, 9, 4), '-7000-8000-', lower(leftPad(hex(i), 12, '0')))),
  kind, ms * 1000, 'bench/0', 'openai', 'POST', '/v1/chat/completions', concat('key_', toString(i % 50)), '...k3f2', if(r % 20 = 0, 429, 200),
  if(kind = 'intent', 'OpenAI/JS 6.49.0', NULL), if(kind = 'intent', 0, NULL), if(kind = 'intent', map('team', concat('team-', toString(r % 10))), map()),
  if(seen, true, NULL), if(seen, r % 2 = 0, NULL), if(seen, model, NULL), if(seen, model, NULL), if(seen, concat('req_', hex(r)), NULL),
  if(seen, 'stop', NULL), if(seen, 'provider', NULL), if(seen, input, NULL), if(seen, output, NULL), if(seen, input + output, NULL),
  if(seen, input % 100, NULL), if(seen, 'openai-1', NULL), if(seen, toDecimal128(input * 0.0000025, 12), NULL), if(seen, 'exact', NULL),
  if(seen, '2026-08-01', NULL), if(kind = 'intent', NULL, input * 4), if(kind = 'intent', NULL, output * 4), if(seen, true, NULL), if(seen, true, NULL),
  if(kind = 'intent', NULL, r % 5000), if(kind = 'intent', NULL, r % 900), if(kind = 'closing', '', NULL), if(kind = 'closing', 'via_upstream', NULL),
  if(seen, concat('{"prompt_tokens":', toString(input), ',"completion_tokens":', toString(output), '}'), NULL)
FROM (
  SELECT number + {from:UInt64} AS i, toInt64({start:Int64} + floor(i * {step:Float64})) AS ms, lower(leftPad(hex(ms), 12, '0')) AS hex_ms,
    cityHash64(i) AS r, 50 + r % 4000 AS input, 10 + r % 900 AS output,
    if(r % 100 = 7, 'rare-model', ['gpt-4o', 'gpt-4o-mini', 'gpt-5', 'o3'][r % 4 + 1]) AS model,
    arrayJoin(['intent', 'observation', 'closing']) AS kind, kind = 'observation' AS seen
  FROM numbers({size:UInt64})
)`

const DISK = `SELECT round(sumIf(bytes_on_disk, table = 'evidence') / (SELECT uniq(record_id) FROM evidence)) AS evidence,
  round(sumIf(bytes_on_disk, table = 'calls_settled') / (SELECT count() FROM calls_settled)) AS settled FROM system.parts WHERE active`

const store = await startTemporaryStore({ timeoutMs: 600_000, maxMemoryBytes: 4 * 1024 ** 3 })
try {
  await measure(store)
} finally {
  await store.stop()
}
