import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createQuarterRollup } from '../src/store/calls/quarter-rollup.ts'
import { createSettler } from '../src/store/calls/settle.ts'
import { createStoreClient, type StoreClient } from '../src/store/client/client.ts'
import { migrate } from '../src/store/client/migrate.ts'
import { startEmbeddedClickHouse } from '../src/store/embedded/clickhouse.ts'

const DAY_MS = 86_400_000
export const SPAN_MS = 30 * DAY_MS
const CHUNK = 250_000
/** More records than this are written as records, without their evidence: readers read no other. */
const MOST_WITH_EVIDENCE = 20_000_000

/** Made-up records: one every `stepMs`, three of ten of `org_big`. */
export interface Filled {
  readonly records: number
  readonly startMs: number
  readonly stepMs: number
}

export interface PagesStore {
  readonly client: StoreClient
  readonly filled: Filled
  stop(): Promise<void>
}

/**
 * A store of N records over 30 days: made inside ClickHouse, settled and summed up by the product.
 * A folder that was filled before is taken as it is.
 */
export async function openPagesStore(
  records: number,
  folder: string | undefined,
): Promise<PagesStore> {
  const dir = folder ?? fs.mkdtempSync(path.join(os.tmpdir(), 'flint-pages-'))
  const note = path.join(dir, 'filled.json')
  fs.mkdirSync(dir, { recursive: true })
  const server = await startEmbeddedClickHouse({ dir, maxMemoryBytes: 4 * 1024 ** 3 })
  const client = createStoreClient({ ...server, timeoutMs: 600_000 })
  const stop = async () => {
    await client.close()
    await server.stop()
    if (folder === undefined) fs.rmSync(dir, { recursive: true, force: true })
  }
  try {
    await migrate({ client })
    const filled = fs.existsSync(note)
      ? (JSON.parse(fs.readFileSync(note, 'utf8')) as Filled)
      : await fill(client, records)
    fs.writeFileSync(note, JSON.stringify(filled))
    return { client, filled, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function fill(client: StoreClient, records: number): Promise<Filled> {
  const startMs = Date.now() - SPAN_MS
  const stepMs = SPAN_MS / records
  const withEvidence = records <= MOST_WITH_EVIDENCE
  await timed(
    `filling ${records} records${withEvidence ? ' (3 rows of evidence each)' : ''}`,
    async () => {
      for (let from = 0; from < records; from += CHUNK) {
        await client.run({
          tag: 'bench:fill',
          sql: withEvidence ? FILL_EVIDENCE : FILL_RECORDS,
          params: { from, size: Math.min(CHUNK, records - from), start: startMs, step: stepMs },
        })
      }
    },
  )
  if (withEvidence) await timed('settling', () => createSettler({ client }).run())
  // A quarter is summed up once it has been quiet; the store's clock cannot be put forward here.
  const later = Date.now() + DAY_MS
  await timed('sums of quarters and hours', () =>
    createQuarterRollup({ client, clock: () => later }).run(),
  )
  const [disk] = await client.rows({ tag: 'bench', sql: DISK })
  console.log(
    `| bytes on disk per record: evidence / record / sums | ${disk?.evidence} / ${disk?.settled} / ${disk?.sums} |\n`,
  )
  return { records, startMs, stepMs }
}

async function timed(name: string, work: () => Promise<unknown>): Promise<void> {
  const startedMs = performance.now()
  await work()
  console.log(`| ${name} | ${((performance.now() - startedMs) / 1_000).toFixed(0)} s |`)
}

/** Of the i-th record: its id, and what differs between records, from a hash of i. */
const NUMBERS = `number + {from:UInt64} AS i, toInt64({start:Int64} + floor(i * {step:Float64})) AS ms, lower(leftPad(hex(ms), 12, '0')) AS hex_ms,
    cityHash64(i) AS r, 50 + r % 4000 AS input, 10 + r % 900 AS output,
    if(r % 100 = 7, 'rare-model', ['gpt-4o', 'gpt-4o-mini', 'gpt-5', 'o3'][r % 4 + 1]) AS model`

const KEY = `if(i % 10 < 3, 'org_big', concat('org_', toString(i % 100))), fromUnixTimestamp64Milli(ms, 'UTC'),
  toUUID(concat(substring(hex_ms, 1, 8), '-', substring(hex_ms, 9, 4), '-7000-8000-', lower(leftPad(hex(i), 12, '0'))))`

const FILL_EVIDENCE = `INSERT INTO evidence (org, created_at, record_id, kind, version, writer, provider, method, endpoint, key_id, key_hint, status,
  user_agent, retry_count, tags, \`final\`, stream, model, request_model, provider_request_id, finish_reason, usage_source, input_tokens,
  output_tokens, total_tokens, cached_input_tokens, parser_version, cost_usd, cost_status, price_version, request_bytes, response_bytes,
  request_complete, response_complete, latency_ms, time_to_first_byte_ms, response_flags, response_code_details, usage_raw)
SELECT ${KEY},
  kind, ms * 1000, 'bench/0', 'openai', 'POST', '/v1/chat/completions', concat('key_', toString(i % 50)), '...k3f2', if(r % 20 = 0, 429, 200),
  if(kind = 'intent', 'OpenAI/JS 6.49.0', NULL), if(kind = 'intent', 0, NULL), if(kind = 'intent', map('team', concat('team-', toString(r % 10))), map()),
  if(seen, true, NULL), if(seen, r % 2 = 0, NULL), if(seen, model, NULL), if(seen, model, NULL), if(seen, concat('req_', hex(r)), NULL),
  if(seen, 'stop', NULL), if(seen, 'provider', NULL), if(seen, input, NULL), if(seen, output, NULL), if(seen, input + output, NULL),
  if(seen, input % 100, NULL), if(seen, 'openai-1', NULL), if(seen, toDecimal128(input * 0.0000025, 12), NULL), if(seen, 'exact', NULL),
  if(seen, '2026-08-01', NULL), if(kind = 'intent', NULL, input * 4), if(kind = 'intent', NULL, output * 4), if(seen, true, NULL), if(seen, true, NULL),
  if(kind = 'intent', NULL, r % 5000), if(kind = 'intent', NULL, r % 900), if(kind = 'closing', '', NULL), if(kind = 'closing', 'via_upstream', NULL),
  if(seen, concat('{"prompt_tokens":', toString(input), ',"completion_tokens":', toString(output), '}'), NULL)
FROM (
  SELECT ${NUMBERS},
    arrayJoin(['intent', 'observation', 'closing']) AS kind, kind = 'observation' AS seen
  FROM numbers({size:UInt64})
)`

const FILL_RECORDS = `INSERT INTO calls_settled (org, created_at, record_id, version, outcome, source, provider, method, endpoint, key_id, key_hint, status,
  user_agent, retry_count, tags, stream, model, request_model, provider_request_id, finish_reason, usage_source, input_tokens,
  output_tokens, total_tokens, cached_input_tokens, parser_version, cost_usd, cost_status, price_version, request_bytes, response_bytes,
  latency_ms, time_to_first_byte_ms, usage_raw)
SELECT ${KEY}, 1, 'complete', 'proxy', 'openai', 'POST', '/v1/chat/completions', concat('key_', toString(i % 50)), '...k3f2', if(r % 20 = 0, 429, 200),
  'OpenAI/JS 6.49.0', 0, map('team', concat('team-', toString(r % 10))), r % 2 = 0, model, model, concat('req_', hex(r)), 'stop', 'provider', input,
  output, input + output, input % 100, 'openai-1', toDecimal128(input * 0.0000025, 12), 'exact', '2026-08-01', input * 4, output * 4,
  r % 5000, r % 900, concat('{"prompt_tokens":', toString(input), ',"completion_tokens":', toString(output), '}')
FROM (SELECT ${NUMBERS} FROM numbers({size:UInt64}))`

const DISK = `SELECT round(sumIf(bytes_on_disk, table = 'evidence') / (SELECT count() FROM calls_settled)) AS evidence,
  round(sumIf(bytes_on_disk, table = 'calls_settled') / (SELECT count() FROM calls_settled)) AS settled,
  round(sumIf(bytes_on_disk, table IN ('calls_quarter', 'calls_hour')) / (SELECT count() FROM calls_settled), 1) AS sums
  FROM system.parts WHERE active`
