import { Readable } from 'node:stream'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CREDENTIAL_KINDS } from '../../evidence/credential-kind.ts'
import { IDENTITY_BASES } from '../../evidence/identity-basis.ts'
import { sampleRecordId } from '../../evidence/sample-evidence.ts'
import { startTemporaryStore, type TemporaryStore } from '../embedded/temporary-store.ts'
import { allOf, type CallFilter, filterCondition, pageCondition } from './call-filter.ts'
import { RANGE_FILTERS, VALUE_FILTERS } from './call-filters.ts'
import { CALL_COLUMNS, toCallRecord } from './call-row.ts'
import { COST_STATUSES, OUTCOMES, SOURCES, USAGE_SOURCES } from './call-values.ts'
import { matchesFilter } from './matches-filter.ts'

let store: TemporaryStore
beforeAll(async () => {
  store = await startTemporaryStore()
})
afterAll(() => store?.stop())

/** Few values, so that filters meet records; those that a parser, a pattern or a binding may break. */
const TEXTS = [
  ...['', 'a', 'ab', 'A', 'a*', 'a*b', '*', '!a', '\\', '\\!a', 'a\\*', '\\N', '%', '_'],
  ...["it's", 'x\ty\n', '\u0000', '日本', '日', 'é', 'e\u0301', '😀', '{filter_0:String}'],
]
const text = fc.constantFrom(...TEXTS)
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null, freq: 3 })
const NOW = Date.now()
const moment = fc.constantFrom(-86_400_000, -1_001, -1_000, -999, -1, 0).map((ms) => NOW + ms)
const COUNTS = [0, 1, 10, 999, 2 ** 40]
const count = fc.constantFrom(...COUNTS)
const COSTS = ['0', '0.000000000001', '0.1', '0.100000000001', '12', '123456789.123456789012']
const NAMES = ['team', 'env', 'a*', '日本']
const STATUSES = [101, 200, 299, 400, 429, 499, 500, 503]
const storeTime = (ms: number) => new Date(ms).toISOString().replace('T', ' ').slice(0, -1)

const row = fc.record({
  created: moment,
  ingested_at: moment.map(storeTime),
  completed_at: maybe(moment.map(storeTime)),
  provider: fc.constantFrom('openai', 'anthropic', 'gemini'),
  outcome: fc.constantFrom(...OUTCOMES),
  source: fc.constantFrom(...SOURCES),
  usage_source: fc.constantFrom(...USAGE_SOURCES),
  cost_status: maybe(fc.constantFrom(...COST_STATUSES)),
  credential: maybe(fc.constantFrom(...CREDENTIAL_KINDS)),
  identity_basis: maybe(fc.constantFrom(...IDENTITY_BASES)),
  status: maybe(fc.constantFrom(...STATUSES)),
  stream: maybe(fc.boolean()),
  billable: maybe(fc.boolean()),
  cost_usd: maybe(fc.constantFrom(...COSTS)),
  latency_ms: maybe(count),
  total_tokens: maybe(count),
  tags: fc.dictionary(fc.constantFrom(...NAMES), text),
  ...Object.fromEntries(
    VALUE_FILTERS.filter(({ kind, values, pattern }) => kind !== 'tag' && !values && !pattern)
      .filter(({ kind }) => kind === 'equal' || kind === 'prefix')
      .flatMap(({ columns }) => columns.map(({ column }) => [column, maybe(text)])),
  ),
})

/** One value of a filter as the API writes it, negated or not. */
function choiceOf({ kind, values, pattern }: (typeof VALUE_FILTERS)[number]) {
  if (values !== undefined) return fc.constantFrom(...values)
  if (pattern !== undefined) return fc.constantFrom('openai', 'anthropic')
  if (kind === 'status') return fc.constantFrom(...STATUSES.map(String), '1xx', '4xx', '5XX')
  if (kind === 'boolean') return fc.constantFrom('true', 'false')
  if (kind === 'tag')
    return fc.tuple(fc.constantFrom(...NAMES, 'TEAM'), text).map((parts) => parts.join(':'))
  return fc.tuple(text, fc.constantFrom('', '', '*', '\\*')).map((parts) => parts.join(''))
}

const ofValues = fc.constantFrom(...VALUE_FILTERS).chain((filter) =>
  fc
    .array(
      fc.tuple(fc.constantFrom('', '', '!'), choiceOf(filter)).map((parts) => parts.join('')),
      { minLength: 1, maxLength: 3 },
    )
    .map((values) => ({ [filter.name]: values })),
)
const BOUNDS = {
  time: fc.oneof(moment, fc.constantFrom(-1, 0, 253_402_300_799_000)),
  count,
  decimal: fc.constantFrom(...COSTS, '0.05', '0.10', '12.000000000000'),
}
const ofRanges = fc
  .constantFrom(...RANGE_FILTERS)
  .chain(({ property, of }) => BOUNDS[of].map((bound) => ({ [property]: bound })))
const filter: fc.Arbitrary<CallFilter> = fc
  .array(fc.oneof({ weight: 3, arbitrary: ofValues }, { weight: 2, arbitrary: ofRanges }), {
    minLength: 1,
    maxLength: 2,
  })
  .map((parts) => Object.assign({}, ...parts))

const select = `SELECT ${CALL_COLUMNS.join(', ')} FROM calls_settled`
async function put(rows: readonly object[]): Promise<void> {
  await store.empty('calls_settled')
  const body = Readable.from(rows.map((each) => `${JSON.stringify(each)}\n`))
  const sql = 'INSERT INTO calls_settled FORMAT JSONEachRow'
  await store.client.insert({ tag: 'test', sql }, body)
}

test('a filter finds in SQL exactly the records that meet it in memory', async () => {
  const hits = { some: 0, of: 0 }
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 5, maxLength: 30 }),
      fc.array(filter, { minLength: 20, maxLength: 20 }),
      async (rows, filters) => {
        await put(
          rows.map(({ created, ...columns }, id) => ({
            org: 'org_1',
            created_at: storeTime(created),
            record_id: sampleRecordId(created, id),
            version: 1,
            ...columns,
          })),
        )
        const all = (await store.client.rows({ tag: 'test', sql: select })).map(toCallRecord)
        expect(all).toHaveLength(rows.length)
        for (const each of filters) {
          const { sql, params } = allOf([
            filterCondition(each),
            pageCondition({
              fromMs: Math.max(each.fromMs ?? 0, 0),
              toMs: Math.min(each.toMs ?? Number.POSITIVE_INFINITY, 7_000_000_000_000),
            }),
          ])
          const found = await store.client.rows({
            tag: 'test',
            sql: `SELECT record_id FROM calls_settled WHERE ${sql}`,
            params,
          })
          const expected = all.filter((record) => matchesFilter(record, each))
          expect(
            found.map(({ record_id }) => record_id).toSorted(),
            `${JSON.stringify(each)} ${sql}`,
          ).toEqual(expected.map(({ requestId }) => requestId).toSorted())
          hits.of += 1
          if (expected.length > 0 && expected.length < all.length) hits.some += 1
        }
      },
    ),
    { numRuns: store.isCluster ? 6 : 20 },
  )
  // Filters that all or no records meet would prove little.
  expect(hits.some / hits.of).toBeGreaterThan(0.2)
})
