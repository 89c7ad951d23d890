import { expect, test } from 'vitest'
import type { Evidence } from '../evidence/evidence.ts'
import {
  jsonLines,
  sampleAccessLogRow,
  sampleClosing,
  sampleIntent,
  sampleObservation,
  sampleRecordId,
  sampleReport,
} from '../evidence/sample-evidence.ts'
import { createRecordCounters, createRecordWriter } from './record-writer.ts'

const CREATED_AT_MS = Date.UTC(2026, 7, 1)
const call = (id: number) => ({ org: 'org_1', createdAtMs: CREATED_AT_MS, id })
const idOf = (id: number) => sampleRecordId(CREATED_AT_MS, id)

function open(fault: { now: Error | null } = { now: null }) {
  const clock = { nowMs: CREATED_AT_MS + 1_000 }
  const written: Array<Record<string, unknown>> = []
  const settled: string[] = []
  const faults: unknown[] = []
  const counters = createRecordCounters()
  const fail = () => {
    if (fault.now) throw fault.now
  }
  const writer = createRecordWriter({
    settler: {
      async write(lines) {
        fail()
        for (const line of lines.toString().trim().split('\n')) written.push(JSON.parse(line))
      },
      async settle(calls) {
        fail()
        settled.push(...calls.map(({ recordId }) => recordId))
      },
    },
    counters,
    isRetryable: (error) => (error as Error).message === 'away',
    onFault: (error) => faults.push(error),
    nowMs: () => clock.nowMs,
  })
  const stored = (...rows: readonly Evidence[]) => writer.stored(jsonLines(rows))
  return { clock, written, settled, faults, counters, writer, stored }
}

test('rows that come together are a record at once, and no one asks the store', async () => {
  const { stored, written, settled, writer, clock } = open()
  await stored(
    ...[sampleIntent(call(1)), sampleObservation(call(1)), sampleClosing(call(1))],
    ...[sampleReport(call(2)), sampleIntent(call(3), { error_code: 'invalid_key', status: 401 })],
  )
  clock.nowMs += 60_000
  await writer.pass()
  expect(written).toMatchObject([
    { record_id: idOf(1), outcome: 'complete', input_tokens: 512 },
    { record_id: idOf(2), source: 'client' },
    { record_id: idOf(3), outcome: 'rejected' },
  ])
  expect(settled).toEqual([])
})

test('a rest that comes in the next batch is waited for', async () => {
  const { stored, written, settled, writer, clock } = open()
  await stored(sampleIntent(call(1)), sampleObservation(call(1), { final: false }))
  clock.nowMs += 900
  await writer.pass()
  await stored(sampleObservation(call(1), { version: 9e15 }), sampleClosing(call(1)))
  expect(written).toMatchObject([{ record_id: idOf(1), outcome: 'complete' }])
  expect(settled).toEqual([])
})

test('a rest that does not come within a second is asked of the store, and once more when no observation can come', async () => {
  const { stored, settled, writer, clock } = open()
  await stored(sampleIntent(call(1)), sampleClosing(call(1)), sampleIntent(call(2)))
  clock.nowMs += 1_000
  await writer.pass()
  expect(settled).toEqual([idOf(1), idOf(2)])
  clock.nowMs += 15_000
  await writer.pass()
  expect(settled).toHaveLength(2)
  clock.nowMs += 1_000
  await writer.pass()
  expect(settled.slice(2)).toEqual([idOf(1)])
})

test('an end that only Envoy’s JSON log knows is looked at again as well', async () => {
  const { stored, settled, writer, clock } = open()
  await stored(sampleAccessLogRow(call(1)))
  clock.nowMs += 1_000
  await writer.pass()
  clock.nowMs += 16_000
  await writer.pass()
  expect(settled).toEqual([idOf(1), idOf(1)])
})

test('while the store is away nothing is forgotten', async () => {
  const fault = { now: new Error('away') as Error | null }
  const { stored, written, settled, writer, clock } = open(fault)
  const rows = [sampleIntent(call(1)), sampleObservation(call(1)), sampleClosing(call(1))]
  await expect(stored(...rows)).rejects.toThrow('away')
  await expect(stored(sampleIntent(call(2)))).resolves.toBeUndefined()
  clock.nowMs += 1_000
  await expect(writer.pass()).rejects.toThrow('away')
  fault.now = null
  await stored(...rows)
  await writer.pass()
  expect(written).toMatchObject([{ record_id: idOf(1) }])
  expect(settled).toEqual([idOf(2)])
})

test('what the store refuses is left to the settler, and no batch fails for it', async () => {
  const { stored, counters, faults } = open({ now: new Error('refused') })
  await stored(sampleReport(call(1)), sampleReport(call(2)))
  expect(counters).toMatchObject({ folded: 0, left: 2 })
  expect(faults).toHaveLength(1)
})

test('lines that are no row here, and rows that stand for refused ones, keep no other call from its record', async () => {
  const { writer, written, stored } = open()
  await writer.stored(Buffer.from('{"org":"org_1","latency_ms":nan}\n[1]\n{"org":"org_1"}\n'))
  const { response_flags: _, ...bare } = sampleClosing(call(1))
  await stored(
    ...[sampleIntent(call(1)), sampleObservation(call(1)), bare as Evidence],
    sampleReport(call(2)),
  )
  expect(written.map(({ record_id }) => record_id)).toEqual([idOf(1), idOf(2)])
})

test('at a stop all that is held is settled', async () => {
  const { stored, settled, writer } = open()
  await stored(sampleIntent(call(1)), sampleObservation(call(2)))
  await writer.close()
  expect(settled).toEqual([idOf(1), idOf(2)])
})

test('what it holds is bounded', async () => {
  const { stored, counters, settled, writer } = open()
  await stored(...Array.from({ length: 10_500 }, (_, id) => sampleIntent(call(id))))
  await writer.close()
  expect(settled).toHaveLength(10_000)
  expect(counters.left).toBe(500)
})
