import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRecordCounters, createRecordWriter } from '../../delivery/record-writer.ts'
import { CREDENTIAL_KINDS } from '../../evidence/credential-kind.ts'
import {
  ACCESS_LOG_KINDS,
  type AccessLogEvidence,
  type ClosingEvidence,
  type DeferredEvidence,
  type Evidence,
  type IntentEvidence,
  type ObservationEvidence,
  type PricingEvidence,
  type ReportEvidence,
} from '../../evidence/evidence.ts'
import { IDENTITY_BASES } from '../../evidence/identity-basis.ts'
import { foldRecord } from '../../evidence/record.ts'
import {
  jsonLines,
  sampleAccessLogRow,
  sampleClosing,
  sampleDeferred,
  sampleIntent,
  sampleObservation,
  samplePricing,
  sampleReport,
  sampleRunEnded,
  sampleSighting,
} from '../../evidence/sample-evidence.ts'
import { startTemporaryStore, type TemporaryStore } from '../embedded/temporary-store.ts'
import { createErasures } from '../evidence/erasures.ts'
import { insertJsonLines } from '../evidence/insert-evidence.ts'
import { CALL_COLUMNS, toCallRecord } from './call-row.ts'
import { createSettler } from './settle.ts'

let store: TemporaryStore
beforeAll(async () => {
  store = await startTemporaryStore()
  // Merges happen when the test says so: both states of the table are compared.
  await store.client.run({ tag: 'test', sql: 'SYSTEM STOP MERGES evidence' }).catch(() => {})
})
afterAll(() => store?.stop())

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null })
const maybeFlags = (...flags: string[]) => fc.constantFrom(...flags, null)
const count = fc.integer({ min: 0, max: 2 ** 40 })
const name = fc.constantFrom('a', 'b', '', "it's", '日本', 'x\\y', '\u0000')
const provider = fc.constantFrom('openai' as const, 'anthropic' as const, 'gemini' as const)
const status = fc.constantFrom(101, 200, 429, 502)
/** Whole 1e-12 dollars as the pricing module writes them: no trailing zeros, no exponent. */
const cost = fc.constantFrom('0', '0.00832', '0.000000000001', '123456789.123456789012', '12')
const latency = fc.constantFrom(0, 843, 7_190_000, 90_000_000)
const who = { provider, key_id: name, key_hint: maybe(name) }

const intent = fc.record<Partial<IntentEvidence>>({
  ...who,
  method: fc.constantFrom('GET', 'POST'),
  endpoint: name,
  error_code: fc.oneof(
    { weight: 5, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constant('missing_provider_key') },
  ),
  status: maybe(status),
  claimed_request_id: maybe(name),
  caller_request_id: maybe(name),
  session_id: maybe(name),
  credential: maybe(fc.constantFrom(...CREDENTIAL_KINDS)),
  workload: maybe(name),
  namespace: maybe(name),
  service_account: maybe(name),
  cluster: maybe(name),
  identity_basis: maybe(fc.constantFrom(...IDENTITY_BASES)),
  trace_id: maybe(name),
  user_agent: maybe(name),
  retry_count: maybe(count.map((n) => n % 10)),
  tags: fc.dictionary(fc.constantFrom('team', 'env', 'x y'), name),
})

const observation = fc.record<Partial<ObservationEvidence>>({
  ...who,
  final: fc.boolean(),
  method: maybe(fc.constant('POST')),
  endpoint: maybe(name),
  status: maybe(status),
  stream: maybe(fc.boolean()),
  model: maybe(name),
  request_model: maybe(name),
  provider_request_id: maybe(name),
  finish_reason: maybe(name),
  service_tier: maybe(name),
  stream_error: maybe(name),
  usage_source: fc.constantFrom('provider', 'estimated', 'partial', 'none'),
  input_tokens: maybe(count),
  output_tokens: maybe(count),
  total_tokens: maybe(count),
  cached_input_tokens: maybe(count),
  reasoning_tokens: maybe(count),
  cost_usd: maybe(cost),
  cost_status: maybe(fc.constantFrom('exact' as const, 'estimated' as const, 'unpriced' as const)),
  price_version: maybe(name),
  cost_reason: maybe(fc.constantFrom('unknown_model', 'untold_split', 'unreported_cache_rate')),
  billable: maybe(fc.boolean()),
  usage_raw: maybe(fc.constantFrom('{"input_tokens":1}', '{}')),
  response_id: maybe(name),
  turns: maybe(count.map((n) => n % 1_000)),
  prompt_preview: maybe(name),
  last_user_preview: maybe(name),
  request_bytes: fc.constantFrom(0, 10, 20),
  request_complete: fc.boolean(),
  response_complete: fc.boolean(),
  answer_end_bytes: maybe(fc.constantFrom(0, 10, 20)),
  gap: maybe(fc.constantFrom('stream_lost' as const, 'call_ended_early' as const)),
  latency_ms: maybe(latency),
  time_to_first_byte_ms: maybe(latency),
})

const closing = fc.record<Partial<ClosingEvidence>>({
  ...who,
  status: maybe(status),
  response_flags: maybeFlags('', '', '', 'DC', 'UT', 'UF,URX', 'UC', 'UC,DC', 'UT,UC', 'XX', 'SI'),
  response_code_details: maybe(
    fc.constantFrom(
      'via_upstream',
      'max_duration_timeout',
      'upstream_reset_before_response_started{x}',
      'upstream_reset_after_response_started{x}',
    ),
  ),
  // Null in what stands for a refused row.
  request_bytes: maybe(fc.constantFrom(0, 10, 20)),
  response_bytes: maybe(fc.constantFrom(0, 10, 20)),
  latency_ms: maybe(latency),
  time_to_first_byte_ms: maybe(latency),
})

const report = fc.record<Partial<ReportEvidence>>({
  model: maybe(fc.constantFrom('gpt-4o', 'claude')),
  final: fc.constant(true),
  status: maybe(status),
  latency_ms: maybe(latency),
  request_complete: fc.boolean(),
  tags: fc.dictionary(fc.constantFrom('team', 'env'), name),
})

const deferred = fc.record<Partial<DeferredEvidence>>({
  model: maybe(name),
  service_tier: maybe(name),
  usage_source: fc.constantFrom('provider', 'none'),
  input_tokens: maybe(count),
  output_tokens: maybe(count),
  cost_usd: maybe(cost),
  cost_reason: maybe(fc.constantFrom('unknown_model', 'untold_split', 'unreported_cache_rate')),
  finish_reason: maybe(name),
  usage_raw: maybe(fc.constant('{}')),
})

const pricing = fc.record<Partial<PricingEvidence>>({
  cost_usd: maybe(cost),
  cost_status: maybe(fc.constantFrom('exact' as const, 'estimated' as const, 'unpriced' as const)),
  price_version: maybe(name),
  cost_reason: maybe(fc.constantFrom('unknown_model', 'untold_split', 'unreported_cache_rate')),
})

const accessLogRow = fc.record<Partial<AccessLogEvidence>>({
  kind: fc.constantFrom(...ACCESS_LOG_KINDS),
  status: maybe(status),
  response_flags: fc.constantFrom('', 'DC', 'UT', 'UF,URX', 'UC'),
  response_code_details: maybe(
    fc.constantFrom('via_upstream', 'upstream_reset_after_response_started{x}'),
  ),
  latency_ms: maybe(latency),
})

/**
 * Seconds on either side of every age that the outcome asks for, and far enough from it to be the
 * same in both clocks.
 */
const age = fc.constantFrom(1, 7, 40, 7_000, 7_300, 100_000)

interface Scene {
  readonly ageSeconds: number
  readonly intents: readonly Partial<IntentEvidence>[]
  readonly observations: readonly Partial<ObservationEvidence>[]
  readonly closings: readonly Partial<ClosingEvidence>[]
  readonly reports: readonly Partial<ReportEvidence>[]
  readonly accessLogRows: readonly Partial<AccessLogEvidence>[]
  readonly pricings: readonly Partial<PricingEvidence>[]
  readonly deferreds: readonly Partial<DeferredEvidence>[]
  readonly runsEnded: number
  readonly sightings: number
  readonly order: number
}

const scene = fc.record<Scene>({
  ageSeconds: age,
  intents: fc.array(intent, { maxLength: 2 }),
  observations: fc.array(observation, { maxLength: 3 }),
  closings: fc.array(closing, { maxLength: 2 }),
  reports: fc.array(report, { maxLength: 2 }),
  accessLogRows: fc.array(accessLogRow, { maxLength: 2 }),
  pricings: fc.array(pricing, { maxLength: 2 }),
  deferreds: fc.array(deferred, { maxLength: 2 }),
  runsEnded: fc.nat({ max: 2 }),
  sightings: fc.nat({ max: 2 }),
  order: fc.nat(),
})

function rowsOf(
  {
    ageSeconds,
    intents,
    observations,
    closings,
    reports,
    accessLogRows,
    pricings,
    deferreds,
    runsEnded,
    sightings,
  }: Scene,
  id: number,
  nowMs: number,
): readonly Evidence[] {
  const call = { org: `org_${id % 3}`, createdAtMs: nowMs - ageSeconds * 1_000, id }
  const version = (n: number) => ({ version: nowMs * 1_000 + n })
  return [
    ...intents.map((fields, n) => sampleIntent(call, { ...fields, ...version(n) })),
    ...observations.map((fields, n) => sampleObservation(call, { ...fields, ...version(n) })),
    ...closings.map((fields, n) => sampleClosing(call, { ...fields, ...version(n) })),
    ...reports.map((fields, n) => sampleReport(call, { ...fields, ...version(n + 5) })),
    // Later than every closing, and still only second to them.
    ...accessLogRows.map((fields, n) =>
      sampleAccessLogRow(call, { ...fields, ...version(n + 10) }),
    ),
    // Between a first price and a second one.
    ...deferreds.map((fields, n) => sampleDeferred(call, { ...fields, ...version(n + 30) })),
    ...pricings.map((fields, n) => samplePricing(call, { ...fields, ...version(n * 20 + 20) })),
    ...Array.from({ length: runsEnded }, (_, n) => sampleRunEnded(call, version(n + 40))),
    ...Array.from({ length: sightings }, (_, n) => sampleSighting(call, version(n + 50))),
  ]
}

async function folded(): Promise<ReadonlyMap<string, unknown>> {
  const rows = await store.client.rows({
    tag: 'test',
    sql: `SELECT ${CALL_COLUMNS.join(', ')} FROM calls_folded`,
  })
  return new Map(
    rows.map((row) => [
      String(row.record_id),
      row.outcome === null ? null : withoutCursor(toCallRecord(row)),
    ]),
  )
}

function withoutCursor({ ingestedAt, ...record }: ReturnType<typeof toCallRecord>) {
  expect(ingestedAt).toMatch(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/)
  return record
}

test('the view and foldRecord make the same record of any evidence, in any order, duplicated, before and after a merge', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(scene, { minLength: 30, maxLength: 60 }), async (scenes) => {
      await store.empty('evidence')
      const nowMs = Date.now()
      const calls = scenes
        .map((each, id) => rowsOf(each, id, nowMs))
        .filter((rows) => rows.length > 0)
      const shuffled = calls.flat().sort((a, b) => mixed(a) - mixed(b))
      // Two deliveries overlap: every third row arrives twice, and later rows may arrive first.
      const half = Math.ceil(shuffled.length / 2)
      const batches = [
        shuffled.slice(0, half),
        [...shuffled.slice(half), ...shuffled.filter((_, index) => index % 3 === 0)],
      ]
      for (const [index, batch] of batches.entries()) {
        if (batch.length > 0)
          await insertJsonLines(store.client, {
            table: 'evidence',
            body: jsonLines(batch),
            token: `${nowMs}-${index}`,
          })
      }
      const expected = new Map(
        // Of a call that no one saw there is no record, whatever it is said to cost.
        calls
          .filter((rows) =>
            rows.some(({ kind }) => !['pricing', 'run_ended', 'sighting'].includes(kind)),
          )
          .map((rows) => [rows[0]?.record_id ?? '', foldRecord(rows, nowMs)]),
      )
      expect(await folded()).toEqual(expected)
      await store.onEveryServer('OPTIMIZE TABLE evidence FINAL')
      expect(await folded()).toEqual(expected)
    }),
    { numRuns: store.isCluster ? 4 : 15 },
  )
})

test('calls_settled holds the same records, however their rows came apart, came twice, or came late, and wherever delivery died', async () => {
  const plan = fc.record({
    scenes: fc.array(scene, { minLength: 20, maxLength: 40 }),
    /** Of each batch: whether delivery dies before its records are written, or after. */
    deaths: fc.array(fc.constantFrom('none', 'before', 'after', 'pass'), {
      minLength: 4,
      maxLength: 4,
    }),
    erased: fc.nat({ max: 19 }),
  })
  await fc.assert(
    fc.asyncProperty(plan, async ({ scenes, deaths, erased }) => {
      await store.empty('evidence', 'calls_settled', 'settlement')
      const nowMs = Date.now()
      const calls = scenes
        .map((each, id) => rowsOf(each, id, nowMs))
        .filter((rows) => rows.length > 0)
      const rows = calls.flat().sort((a, b) => mixed(a) - mixed(b))
      const settler = createSettler({ client: store.client })
      const start = () =>
        createRecordWriter({
          settler,
          counters: createRecordCounters(),
          isRetryable: () => true,
          onFault: (error) => {
            throw error
          },
        })
      let writer = start()
      const erasures = createErasures(store.client)
      const target = calls[erased]?.[0]
      let isGone = false
      for (const [index, death] of deaths.entries()) {
        // Each batch repeats the end of the one before.
        const [from, to] = [index, index + 1].map((n) => Math.ceil((rows.length * n) / 4))
        const batch = rows.slice(Math.max(0, (from ?? 0) - 5), to)
        if (batch.length === 0) continue
        const body = jsonLines(batch)
        await insertJsonLines(store.client, { table: 'evidence', body, token: `${nowMs}/${index}` })
        if (death !== 'before') await writer.stored(body)
        if (death === 'pass') await writer.close()
        if (death !== 'none') writer = start()
        if (index === 1) await settler.run()
        // Of which something is stored by then.
        if (index === 2 && target)
          isGone =
            (await erasures.erase(target.org, { requestId: target.record_id }, 'erasure-1', [])) > 0
      }
      await createSettler({ client: store.client }).run()
      const isErased = (id: string) => isGone && id === target?.record_id
      const expected = calls
        .map((each) => foldRecord(each, nowMs))
        .filter((record) => record !== null && !isErased(record.requestId))
      const settled = await store.client.rows({
        tag: 'test',
        sql: `SELECT ${CALL_COLUMNS.join(', ')} FROM calls_settled FINAL WHERE outcome != 'erased'`,
      })
      const byId = (records: ReadonlyArray<{ requestId: string } | null>) =>
        new Map(records.map((record) => [record?.requestId, record]))
      const found = byId(settled.map((row) => withoutCursor(toCallRecord(row))))
      // Two ends of one call, the later one in the future, would make an ended call open again: no
      // Envoy says that, and what was listed stays.
      const open = calls.filter((each) => foldRecord(each, nowMs) === null)
      for (const each of open) found.delete(each[0]?.record_id)
      expect(found).toEqual(byId(expected))
    }),
    { numRuns: store.isCluster ? 2 : 8, endOnFailure: true },
  )
})

/** An order that has nothing to do with kinds and versions. */
function mixed(row: Evidence): number {
  return [...`${row.record_id}${row.kind}${row.version}`].reduce(
    (hash, char) => (hash * 31 + char.charCodeAt(0)) % 1_000_003,
    7,
  )
}
