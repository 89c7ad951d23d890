import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DAY_MS } from '../../evidence/day.ts'
import { evidenceLine } from '../../evidence/evidence-line.ts'
import {
  sampleClosing,
  sampleIntent,
  sampleObservation,
  sampleRecordId,
} from '../../evidence/sample-evidence.ts'
import { addEvidence } from '../calls/add-evidence.ts'
import type { CallFilter } from '../calls/call-filter.ts'
import { startTemporaryStore, type TemporaryStore } from '../embedded/temporary-store.ts'
import { createErasures, type ErasureFilter } from './erasures.ts'
import { createExpiredRows } from './expired-rows.ts'
import type { HoldInForce } from './held-calls.ts'
import { insertJsonLines } from './insert-evidence.ts'

let store: TemporaryStore
let batch = 0
beforeAll(async () => {
  store = await startTemporaryStore()
})
afterAll(() => store?.stop())

const TODAY = Math.floor(Date.now() / DAY_MS) * DAY_MS
const MODELS = ['gpt-4o', 'gpt-4o-mini', 'claude-sonnet-4-5']

interface SomeCall {
  readonly org: string
  readonly daysAgo: number
  readonly model: string
  readonly team: string | null
  readonly key: string
  /** Only its intent has arrived: there is no record of it yet. */
  readonly isOpen: boolean
}

/** A filter, and what it means, said without the code that is tested. */
interface Meaning {
  readonly filter: CallFilter | null
  readonly meets: (call: SomeCall & { readonly createdAtMs: number }) => boolean
}

const someCall = fc.record<SomeCall>({
  org: fc.constantFrom('org_1', 'org_1', 'org_1', 'org_2'),
  daysAgo: fc.integer({ min: 0, max: 4 }),
  model: fc.constantFrom(...MODELS),
  team: fc.constantFrom('search', 'support', null),
  key: fc.constantFrom('key_1', 'key_2'),
  isOpen: fc.constantFrom(false, false, false, true),
})
const someHold = fc.oneof(
  fc.constant<Meaning>({ filter: null, meets: () => true }),
  fc.constantFrom(...MODELS).map<Meaning>((model) => ({
    filter: { model: [model] },
    meets: (call) => call.isOpen || call.model === model,
  })),
  fc.constantFrom('search', 'support').map<Meaning>((team) => ({
    filter: { tag: [`!team:${team}`] },
    meets: (call) => call.isOpen || call.team !== team,
  })),
  fc
    .record({ from: fc.integer({ min: 0, max: 4 }), key: fc.constantFrom('key_1', 'key_2') })
    .map<Meaning>(({ from, key }) => ({
      filter: { fromMs: TODAY - from * DAY_MS, keyId: [key] },
      meets: (call) =>
        call.createdAtMs >= TODAY - from * DAY_MS && (call.isOpen || call.key === key),
    })),
)
type Step =
  | { readonly do: 'place'; readonly hold: Meaning }
  | { readonly do: 'release' }
  | { readonly do: 'expire'; readonly days: number }
  | { readonly do: 'erase'; readonly key: string; readonly days: number }
const someStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('place' as const), hold: someHold }),
  fc.record({ do: fc.constant('release' as const) }),
  fc.record({ do: fc.constant('expire' as const), days: fc.integer({ min: 0, max: 4 }) }),
  fc.record({
    do: fc.constant('erase' as const),
    key: fc.constantFrom('key_1', 'key_2'),
    days: fc.integer({ min: 0, max: 4 }),
  }),
)

async function ids(sql: string): Promise<readonly string[]> {
  const rows = await store.client.rows({ tag: 'test', sql })
  return rows.map(({ id }) => String(id)).sort()
}
const inEvidence = () =>
  ids(`SELECT DISTINCT record_id AS id FROM evidence WHERE kind != 'erasure'`)
const inRecords = () => ids('SELECT DISTINCT record_id AS id FROM calls_settled')
const erased = () => ids(`SELECT DISTINCT record_id AS id FROM evidence WHERE kind = 'erasure'`)

async function put(calls: readonly SomeCall[]) {
  await store.empty('evidence', 'calls_settled', 'calls_quarter')
  const made = calls.map((call, number) => {
    const createdAtMs = TODAY - call.daysAgo * DAY_MS + 3_600_000 * (number % 3)
    return { ...call, createdAtMs, number, id: sampleRecordId(createdAtMs, number) }
  })
  const intentOf = ({ org, createdAtMs, number, team, key }: (typeof made)[number]) =>
    sampleIntent(
      { org, createdAtMs, id: number },
      { key_id: key, tags: team === null ? {} : { team } },
    )
  const whole = made
    .filter(({ isOpen }) => !isOpen)
    .flatMap((call) => {
      const { org, createdAtMs, number, model, key } = call
      const sample = { org, createdAtMs, id: number }
      return [
        intentOf(call),
        sampleObservation(sample, { model, request_model: model, key_id: key }),
        sampleClosing(sample, { key_id: key }),
      ]
    })
  batch += 1
  await addEvidence(store.client, whole, `whole-${batch}`)
  // Not settled: there is no record of them.
  const open = made.filter(({ isOpen }) => isOpen).map(intentOf)
  if (open.length > 0)
    await insertJsonLines(store.client, {
      table: 'evidence',
      body: Buffer.from(open.map(evidenceLine).join('')),
      token: `open-${batch}`,
    })
  return made
}

test('whatever is held, erased and expired, in whatever order: nothing that is held ever goes, and all else does when its time has come', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(someCall, { minLength: 1, maxLength: 14 }),
      fc.array(someStep, { minLength: 2, maxLength: 7 }),
      async (calls, steps) => {
        const made = await put(calls)
        const rows = createExpiredRows(store.client, { heldAtOnce: 2 })
        const erasures = createErasures(store.client)
        let placed: readonly (Meaning & { readonly id: string })[] = []
        const present = new Set(made.map(({ id }) => id))
        const tombs = new Set<string>()
        const isHeld = (call: (typeof made)[number]) =>
          !tombs.has(call.id) && placed.some(({ meets }) => meets(call))
        for (const [index, step] of steps.entries()) {
          const holds: readonly HoldInForce[] = placed
          const ours = made.filter(({ org, id }) => org === 'org_1' && present.has(id))
          if (step.do === 'place') placed = [...placed, { ...step.hold, id: `hold-${index}` }]
          if (step.do === 'release') placed = placed.slice(1)
          if (step.do === 'erase') {
            const filter: ErasureFilter = {
              keyId: step.key,
              toMs: TODAY - step.days * DAY_MS + DAY_MS,
            }
            const meant = ours.filter(
              ({ id, key, createdAtMs }) =>
                key === step.key && createdAtMs < (filter.toMs ?? 0) && !tombs.has(id),
            )
            const held = meant.filter(isHeld)
            const counted = await erasures.count('org_1', filter, holds)
            expect(counted).toEqual({
              matched: meant.length,
              held: held.length,
              holds: placed
                .filter(({ meets }) => held.some((call) => meets(call)))
                .map(({ id }) => id),
            })
            expect(await erasures.erase('org_1', filter, `erasure-${batch}-${index}`, holds)).toBe(
              meant.length - held.length,
            )
            for (const call of meant) if (!held.includes(call)) tombs.add(call.id)
          }
          if (step.do === 'expire') {
            const beforeMs = TODAY - step.days * DAY_MS
            await rows.remove('org_1', beforeMs, async () => holds)
            for (const call of ours)
              if (
                call.createdAtMs < beforeMs &&
                !isHeld(call) &&
                !(tombs.has(call.id) && placed.some(({ filter }) => filter === null))
              )
                present.delete(call.id)
          }
          expect(await inEvidence()).toEqual([...present].sort())
          const recorded = made.filter(
            ({ id, isOpen }) => present.has(id) && (!isOpen || tombs.has(id)),
          )
          expect(await inRecords()).toEqual(recorded.map(({ id }) => id).sort())
          expect(await erased()).toEqual([...tombs].filter((id) => present.has(id)).sort())
        }
      },
    ),
    { numRuns: store.isCluster ? 6 : 12 },
  )
}, 120_000)

test('a call of twelve years ago stays in the tables: only retention removes, which asks the holds', async () => {
  const createdAtMs = TODAY - 12 * 366 * DAY_MS
  const call = { org: 'org_1', createdAtMs, id: 1 }
  await addEvidence(
    store.client,
    [sampleIntent(call), sampleObservation(call), sampleClosing(call)],
    'old',
  )
  for (const table of ['evidence', 'calls_settled']) {
    await store.onEveryServer(`OPTIMIZE TABLE ${table} FINAL`)
    const rows = await store.client.rows({
      tag: 'test',
      sql: `SELECT count() AS n FROM ${table} WHERE record_id = {id:UUID}`,
      params: { id: sampleRecordId(createdAtMs, 1) },
    })
    expect(Number(rows[0]?.n), table).toBeGreaterThan(0)
  }
})

test('a hold placed while retention removes keeps what is still there', async () => {
  const calls = Array.from(
    { length: 6 },
    (): SomeCall => ({
      ...{ org: 'org_1', daysAgo: 3, model: 'gpt-4o', team: null, key: 'key_1', isOpen: false },
    }),
  )
  const made = await put(calls)
  const ofOthers: HoldInForce = { id: 'first', filter: { keyId: ['key_2'], model: ['!gpt-4o'] } }
  const first: HoldInForce = { id: 'one', filter: { minLatencyMs: 0 } }
  let asked = 0
  // Nothing of the first stretch may go after the second question.
  await createExpiredRows(store.client, { heldAtOnce: 2 }).remove('org_1', TODAY, async () => {
    asked += 1
    return asked === 1 ? [ofOthers] : [ofOthers, first]
  })
  expect(asked).toBeGreaterThan(1)
  expect(await inEvidence()).toEqual(made.map(({ id }) => id).sort())
})
