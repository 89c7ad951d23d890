import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { BUCKETS, bucketBegins } from '../../api/summary/time-buckets.ts'
import { sampleRecordId } from '../../evidence/sample-evidence.ts'
import { startTemporaryStore, type TemporaryStore } from '../embedded/temporary-store.ts'
import { createExpiredRows } from '../evidence/expired-rows.ts'
import { createQuarterRollup, QUIET_MS } from './quarter-rollup.ts'
import type { GroupName } from './summary-keys.ts'
import { createSummaryQueries, type Summary, type SummaryQuery } from './summary-queries.ts'
import { MEASURES } from './summary-totals.ts'

/** A moment in the middle of a quarter; clocks of the test begin there. */
const START = Date.UTC(2026, 4, 4, 12, 7)
const QUARTER = 900_000
const LAST_VERSION = '18446744073709551615'
let store: TemporaryStore
let clockMs = START

beforeAll(async () => {
  store = await startTemporaryStore()
})
beforeEach(empty)
afterAll(() => store?.stop())

async function empty(): Promise<void> {
  clockMs = START
  await store.empty('calls_settled', 'calls_quarter', 'calls_hour', 'quarters_rolled')
}

/** What a record of these tests holds beside its key. */
interface Sample {
  readonly provider: string
  readonly model: string | null
  readonly outcome: string
  readonly status: number | null
  readonly billable: boolean | null
  readonly tokens: number | null
  /** Of 10^-12 dollars. */
  readonly cost: bigint | null
  readonly costStatus: 'exact' | 'estimated' | 'unpriced' | null
  readonly latencyMs: number | null
  /** Of the tag `team`; null: not carried. */
  readonly team: string | null
}

const SAMPLE: Sample = {
  provider: 'openai',
  model: 'gpt-4o',
  outcome: 'complete',
  status: 200,
  billable: true,
  tokens: 10,
  cost: 1_000_000_000n,
  costStatus: 'exact',
  latencyMs: 843,
  team: null,
}

interface Call {
  readonly org?: string
  readonly createdAtMs: number
  readonly id?: number
}

const at = (ms: number) => new Date(ms).toISOString().replace('T', ' ').slice(0, 23)
const usd = (pico: bigint) => {
  const digits = pico.toString().padStart(13, '0')
  return `${digits.slice(0, -12)}.${digits.slice(-12)}`
}
let versions = 0

/** A row as delivery writes it: at the time of the test's clock, newer than all before. */
async function put(
  { org = 'org_1', createdAtMs, id = 0 }: Call,
  sample: Partial<Sample> = {},
  version: string | null = null,
): Promise<void> {
  const call = { ...SAMPLE, ...sample }
  versions += 1
  await store.client.run({
    tag: 'test',
    sql: `INSERT INTO calls_settled (org, created_at, record_id, provider, model, outcome, source, status, billable, usage_source,
        input_tokens, cost_usd, cost_status, latency_ms, tags, ingested_at, version)
      SELECT {org:String}, {at:String}, {id:UUID}, {provider:String}, {model:Nullable(String)}, {outcome:String}, 'proxy', {status:Nullable(UInt16)},
        {billable:Nullable(Bool)}, 'provider', {tokens:Nullable(UInt64)}, {cost:Nullable(String)}::Nullable(Decimal(38, 12)), {cost_status:Nullable(String)},
        {latency:Nullable(UInt64)}, if({team:Nullable(String)} IS NULL, map(), map('env', 'dev', 'team', assumeNotNull({team:Nullable(String)}))), {now:String}, {version:UInt64}`,
    params: {
      org,
      at: at(createdAtMs),
      id: sampleRecordId(createdAtMs, id),
      provider: call.provider,
      model: call.model,
      outcome: call.outcome,
      status: call.status,
      billable: call.billable,
      tokens: call.tokens,
      cost: call.cost === null ? null : usd(call.cost),
      cost_status: call.costStatus,
      latency: call.latencyMs,
      team: call.team,
      now: at(clockMs),
      version: version ?? String(versions),
    },
  })
}
const erase = (call: Call) => put(call, { outcome: 'erased' }, LAST_VERSION)

const rollUp = () => createQuarterRollup({ client: store.client, clock: () => clockMs }).run()
/** Long enough for every quarter to be quiet. */
async function rollUpLater() {
  clockMs += QUIET_MS + 1
  return rollUp()
}

const ask = (query: Partial<SummaryQuery> = {}, maxRows?: number): Promise<Summary> => {
  const fromMs = query.fromMs ?? START - 86_400_000
  return createSummaryQueries({
    client: store.client,
    retentionDaysOf: () => 90,
    nowMs: () => clockMs,
    ...(maxRows === undefined ? {} : { maxRows }),
  }).summary({
    org: 'org_1',
    fromMs,
    toMs: START + 86_400_000,
    filter: {},
    groupBy: [],
    bucketsMs: [fromMs],
    measures: MEASURES,
    before: null,
    limit: 10,
    ...query,
  })
}
const calls = async (query?: Partial<SummaryQuery>) => (await ask(query)).totals.calls

describe('the rollup', () => {
  test('sums up a quarter once, when it has been quiet for two minutes', async () => {
    await put({ createdAtMs: START })
    expect((await rollUp()).quarters).toBe(0)
    expect((await rollUpLater()).quarters).toBe(1)
    expect((await rollUpLater()).quarters).toBe(0)
    expect(await calls()).toBe(1)
  })

  test('is what a summary is read from: records that are gone from the table are still in it', async () => {
    await put({ createdAtMs: START })
    await rollUpLater()
    await store.empty('calls_settled')
    expect(await calls()).toBe(1)
    // Not of a part of that quarter: records are asked for it.
    expect(await calls({ fromMs: START - 1_000, bucketsMs: [START - 1_000] })).toBe(0)
  })

  test('is of hours where whole hours are asked for by what they hold, else of quarters', async () => {
    await put({ createdAtMs: START })
    await rollUpLater()
    await store.empty('calls_settled', 'calls_quarter')
    expect(await calls({ groupBy: ['model', 'endpoint'], filter: { model: 'gpt-4o' } })).toBe(1)
    expect(await calls({ groupBy: ['keyId'] })).toBe(0)
    const quarterMs = Math.floor(START / QUARTER) * QUARTER
    expect(await calls({ bucketsMs: [START - 86_400_000, quarterMs + QUARTER] })).toBe(0)
  })

  test('sums up again what a later row changed, and forgets a group that is gone', async () => {
    const call = { createdAtMs: START }
    await put(call)
    await rollUpLater()
    await put(call, { model: 'gpt-5', cost: 5n })
    const groups = async () =>
      (await ask({ groupBy: ['model'] })).groups.map(({ key, totals }) => [
        key.model,
        totals.calls,
        totals.cost.exactUsd,
      ])
    const changed = [['gpt-5', 1, '0.000000000005']]
    expect(await groups()).toEqual(changed)
    expect((await rollUpLater()).quarters).toBe(1)
    expect(await groups()).toEqual(changed)
  })

  test('of a quarter whose only call was erased is empty', async () => {
    await put({ createdAtMs: START })
    await rollUpLater()
    await erase({ createdAtMs: START })
    expect(await calls()).toBe(0)
    expect((await rollUpLater()).quarters).toBe(1)
    expect(await calls()).toBe(0)
  })

  test('by two processes at once, and by one that died before it could note how far it came', async () => {
    await put({ createdAtMs: START })
    clockMs += QUIET_MS + 1
    await Promise.all([rollUp(), rollUp(), rollUp()])
    expect(await calls()).toBe(1)
    await store.empty('quarters_rolled')
    expect(await calls()).toBe(1)
    expect((await rollUp()).quarters).toBe(1)
    expect(await calls()).toBe(1)
  })

  test('leaves a quarter that is not quiet yet to its records while another is summed up', async () => {
    await put({ createdAtMs: START - QUARTER })
    clockMs += QUIET_MS
    await put({ createdAtMs: START })
    clockMs += 1_000
    expect((await rollUp()).quarters).toBe(1)
    expect(await calls()).toBe(2)
    expect((await rollUpLater()).quarters).toBe(1)
    expect(await calls()).toBe(2)
  })

  test('ends with the calls when their time is over', async () => {
    const midnight = Math.floor(START / 86_400_000) * 86_400_000
    await put({ createdAtMs: midnight - 1 })
    await put({ createdAtMs: midnight })
    await rollUpLater()
    await createExpiredRows(store.client).remove('org_1', midnight, async () => [])
    expect(await calls()).toBe(1)
    expect(await calls({ toMs: midnight })).toBe(0)
  })

  test('writes nothing while nothing comes', async () => {
    await put({ createdAtMs: START })
    await rollUpLater()
    const parts = () =>
      store.client.rows({
        tag: 'test',
        sql: `SELECT name FROM system.parts WHERE active AND database = currentDatabase() AND table IN ('calls_quarter', 'quarters_rolled') ORDER BY name`,
      })
    const before = await parts()
    for (let run = 0; run < 5; run += 1) await rollUp()
    expect(await parts()).toEqual(before)
  })
})

describe('a summary', () => {
  test('is of one organisation', async () => {
    await put({ createdAtMs: START })
    await put({ org: 'org_2', createdAtMs: START })
    expect(await calls()).toBe(1)
    await rollUpLater()
    expect(await calls()).toBe(1)
    expect(await calls({ org: 'org_3' })).toBe(0)
  })

  test('names the dearest groups, before included, and sums the others up', async () => {
    for (const [id, model] of ['a', 'b', 'b', 'c', null].entries())
      await put({ createdAtMs: START, id }, { model, cost: BigInt(id) * 1_000n })
    await put({ createdAtMs: START - 86_400_000 }, { model: 'z', cost: 1_000_000n })
    const { groups, other, totals, before } = await ask({
      groupBy: ['model'],
      fromMs: START - 3_600_000,
      bucketsMs: [START - 3_600_000],
      before: { fromMs: START - 172_800_000, toMs: START - 3_600_000 },
      limit: 3,
    })
    expect(
      groups.map(({ key, totals, before }) => [key.model, totals.calls, before?.calls]),
    ).toEqual([
      ['z', 0, 1],
      [null, 1, 0],
      ['b', 2, 0],
    ])
    expect([other?.totals.calls, totals.calls, before?.calls]).toEqual([2, 5, 1])
  })

  test('keeps exact, estimated and unpriced apart, and null is another group than the text "null"', async () => {
    await put({ createdAtMs: START, id: 1 }, { cost: 1n, costStatus: 'exact', model: null })
    await put({ createdAtMs: START, id: 2 }, { cost: 2n, costStatus: 'estimated', model: 'null' })
    await put({ createdAtMs: START, id: 3 }, { cost: null, costStatus: 'unpriced', model: '' })
    const { totals, groups } = await ask({ groupBy: ['model'] })
    expect(totals.cost).toEqual({
      exactCalls: 1,
      exactUsd: '0.000000000001',
      estimatedCalls: 1,
      estimatedUsd: '0.000000000002',
      unpricedCalls: 1,
    })
    expect(groups.map(({ key }) => key.model)).toEqual(['null', null, ''])
  })

  test('by a tag has a group for each of its values, and one of the calls without it, whether summed up before or not', async () => {
    for (const [id, team] of ['search', 'search', '', null].entries())
      await put({ createdAtMs: START, id }, { team, cost: BigInt(10 - id) })
    const groups = async (...groupBy: readonly GroupName[]) =>
      (await ask({ groupBy })).groups.map(({ key, totals }) => [key, totals.calls])
    const byTeam = [
      [{ 'tag:team': 'search' }, 2],
      [{ 'tag:team': '' }, 1],
      [{ 'tag:team': null }, 1],
    ]
    expect(await groups('tag:team')).toEqual(byTeam)
    await rollUpLater()
    expect(await groups('tag:team')).toEqual(byTeam)
    expect(await groups('tag:env', 'model', "tag:' OR 1 = 1")).toEqual([
      [{ 'tag:env': 'dev', model: 'gpt-4o', "tag:' OR 1 = 1": null }, 3],
      [{ 'tag:env': null, model: 'gpt-4o', "tag:' OR 1 = 1": null }, 1],
    ])
  })

  test('leaves out what is over its retention, to the millisecond', async () => {
    const border = START - 90 * 86_400_000
    for (const ms of [-1, 0, 1]) await put({ createdAtMs: border + ms, id: ms + 1 })
    await rollUp()
    const whole = { fromMs: 0, bucketsMs: [0] }
    expect(await calls(whole)).toBe(2)
    await rollUpLater()
    expect(await calls(whole)).toBe(0)
  })

  test('with a filter that the rollup does not hold reads the records', async () => {
    await put({ createdAtMs: START })
    await rollUpLater()
    expect(await calls({ filter: { provider: 'openai', model: 'gpt-*' } })).toBe(1)
    expect(await calls({ filter: { model: 'gpt-4' } })).toBe(0)
    expect(await calls({ filter: { sessionId: 's' } })).toBe(0)
    expect(await calls({ filter: { tag: 'team:a' } })).toBe(0)
  })

  test('counts as failed what the filter of failed calls finds, summed up or not', async () => {
    await put({ createdAtMs: START, id: 1 }, { status: 429 })
    await put({ createdAtMs: START, id: 2 }, { outcome: 'upstream_error', status: null })
    await put({ createdAtMs: START, id: 3 }, { outcome: 'rejected', status: 400 })
    await put({ createdAtMs: START, id: 4 })
    const counts = async () => [
      (await ask()).totals.failed,
      await calls({ filter: { failed: 'true' } }),
      await calls({ filter: { failed: 'false' } }),
    ]
    expect(await counts()).toEqual([2, 2, 2])
    await rollUpLater()
    await store.empty('calls_settled')
    expect(await counts()).toEqual([2, 2, 2])
  })

  test('says up to when what was written is in it', async () => {
    expect((await ask()).dataUntilMs).toBeNull()
    await put({ createdAtMs: START })
    expect((await ask()).dataUntilMs).toBe(clockMs)
    clockMs += 5_000
    await put({ createdAtMs: START, id: 1 })
    expect((await ask()).dataUntilMs).toBe(clockMs)
  })
})

type Step =
  | { readonly do: 'put'; readonly call: number; readonly sample: Sample }
  | { readonly do: 'erase'; readonly call: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'roll' }
  | { readonly do: 'merge' }

const SAMPLES: fc.Arbitrary<Sample> = fc.record({
  provider: fc.constantFrom('openai', 'anthropic'),
  model: fc.constantFrom('gpt-4o', 'gpt-5', '', null),
  outcome: fc.constantFrom('complete', 'client_aborted', 'upstream_error', 'rejected', 'unknown'),
  status: fc.constantFrom(200, 101, 429, null),
  billable: fc.constantFrom(true, false, null),
  tokens: fc.option(fc.nat(1_000_000)),
  cost: fc.option(fc.bigInt(0n, 10n ** 20n)),
  costStatus: fc.constantFrom('exact', 'estimated', 'unpriced', null),
  latencyMs: fc.option(fc.nat(8_000_000)),
  team: fc.constantFrom('a', 'b', '', null),
})
/** Calls of these tests: in and around some quarters, several in the same millisecond. */
const CALLS = [-20, -6, -5, -1, 0, 1, 3].flatMap((quarter) =>
  [0, 1, 449_999, 899_999].map(
    (ms) => Math.floor(START / QUARTER) * QUARTER + quarter * QUARTER + ms,
  ),
)
const STEPS: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      call: fc.nat(CALLS.length - 1),
      sample: SAMPLES,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('erase' as const), call: fc.nat(CALLS.length - 1) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 60_000, QUIET_MS, 400_000),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ do: 'roll' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'merge' as const }) },
)
const EDGES = fc.oneof(
  fc.integer({ min: (CALLS[0] ?? 0) - QUARTER, max: (CALLS.at(-1) ?? 0) + 2 * QUARTER }),
  fc.constantFrom(...CALLS),
)
const GROUPS: readonly GroupName[] = [
  'provider',
  'model',
  'outcome',
  'costStatus',
  'status',
  'billable',
  'tag:team',
]

interface Sums {
  readonly calls: number
  readonly tokens: number
  readonly exact: bigint
  readonly estimated: bigint
  readonly unpriced: number
  readonly failed: number
  readonly timed: number
}

function sumOf(records: readonly Sample[]): Sums {
  const total = (value: (record: Sample) => number) =>
    records.reduce((sum, record) => sum + value(record), 0)
  const cost = (status: string) =>
    records.reduce(
      (sum, record) => sum + (record.costStatus === status ? (record.cost ?? 0n) : 0n),
      0n,
    )
  return {
    calls: records.length,
    tokens: total(({ tokens, billable }) => (billable === false ? 0 : (tokens ?? 0))),
    exact: cost('exact'),
    estimated: cost('estimated'),
    unpriced: total(({ costStatus }) => (costStatus === 'unpriced' ? 1 : 0)),
    failed: total(({ outcome, status }) =>
      outcome !== 'rejected' && ((status ?? 0) >= 400 || outcome.startsWith('upstream_')) ? 1 : 0,
    ),
    timed: total(({ outcome, status, latencyMs }) =>
      outcome === 'complete' && status !== 101 && latencyMs !== null ? 1 : 0,
    ),
  }
}

function sumsOf(totals: Summary['totals']): Sums {
  const pico = (text: string) => {
    const [whole = '0', fraction = ''] = text.split('.')
    return BigInt(whole + fraction.padEnd(12, '0'))
  }
  return {
    calls: totals.calls,
    tokens: totals.tokens.input,
    exact: pico(totals.cost.exactUsd),
    estimated: pico(totals.cost.estimatedUsd),
    unpriced: totals.cost.unpricedCalls,
    failed: totals.failed,
    timed: [...totals.latency.values()].reduce((sum, n) => sum + n, 0),
  }
}

test('sums are those over the records, after any late evidence, price, erasure and run, in any zone', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(STEPS, { minLength: 1, maxLength: 25 }),
      fc
        .tuple(EDGES, EDGES)
        .map(([a, b]) => ({ fromMs: Math.min(a, b), toMs: Math.max(a, b) + 1 })),
      fc.constantFrom(
        'UTC',
        'Asia/Kathmandu',
        'America/St_Johns',
        'Pacific/Chatham',
        'Europe/Berlin',
      ),
      fc.constantFrom(...BUCKETS),
      fc.subarray([...GROUPS], { maxLength: 2 }),
      fc.integer({ min: 1, max: 3 }),
      // Groups are ranked here, or by the store.
      fc.constantFrom(1, 5_000),
      async (steps, { fromMs, toMs }, zone, bucket, groupBy, limit, maxRows) => {
        await empty()
        const records = new Map<number, Sample | null>()
        for (const step of steps) {
          if (step.do === 'wait') clockMs += step.ms
          else if (step.do === 'roll') await Promise.all([rollUp(), rollUp()])
          else if (step.do === 'merge')
            for (const table of ['calls_settled', 'calls_quarter', 'calls_hour'])
              await store.onEveryServer(`OPTIMIZE TABLE ${table} FINAL`)
          else {
            const call = { createdAtMs: CALLS[step.call] ?? 0, id: step.call }
            if (step.do === 'erase') {
              await erase(call)
              records.set(step.call, null)
            } else {
              await put(call, step.sample)
              if (records.get(step.call) !== null) records.set(step.call, step.sample)
            }
          }
        }
        const bucketsMs = bucketBegins({ fromMs, toMs }, bucket, zone, 1_000) ?? []
        const lengthMs = toMs - fromMs
        const query = {
          fromMs,
          toMs,
          groupBy,
          bucketsMs,
          limit,
          before: { fromMs: fromMs - lengthMs, toMs: fromMs },
        }
        const found = await ask(query, maxRows)
        const between = (lowMs: number, highMs: number) =>
          [...records].flatMap(([index, record]) => {
            const ms = CALLS[index] ?? 0
            return record !== null && ms >= lowMs && ms < highMs ? [record] : []
          })
        expect(sumsOf(found.totals)).toEqual(sumOf(between(fromMs, toMs)))
        expect(found.before && sumsOf(found.before)).toEqual(
          sumOf(between(fromMs - lengthMs, fromMs)),
        )
        expect(found.buckets.map(sumsOf)).toEqual(
          bucketsMs.map((begin, n) => sumOf(between(begin, bucketsMs[n + 1] ?? toMs))),
        )
        const keyOf = (record: Sample) =>
          JSON.stringify(
            groupBy.map((name) => record[name.replace('tag:', '') as keyof Sample] ?? null),
          )
        const named = found.groups.map(({ key }) =>
          JSON.stringify(groupBy.map((name) => key[name])),
        )
        expect(found.groups.map(({ totals }) => sumsOf(totals))).toEqual(
          named.map((key) =>
            sumOf(between(fromMs, toMs).filter((record) => keyOf(record) === key)),
          ),
        )
        const rest = between(fromMs, toMs).filter((record) => !named.includes(keyOf(record)))
        if (groupBy.length > 0)
          expect(found.other === null ? 0 : found.other.totals.calls).toBe(rest.length)
      },
    ),
    { numRuns: store.isCluster ? 6 : 30 },
  )
})
