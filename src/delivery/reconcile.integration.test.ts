import fs from 'node:fs'
import path from 'node:path'
import zlib from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import type { Evidence } from '../evidence/evidence.ts'
import {
  sampleCall,
  sampleIntent,
  sampleObservation,
  sampleRecordId,
} from '../evidence/sample-evidence.ts'
import { addEvidence } from '../store/calls/add-evidence.ts'
import { startTemporaryStore, type TemporaryStore } from '../store/embedded/temporary-store.ts'
import { createKnownCalls } from '../store/evidence/known-calls.ts'
import { type Reconciliation, reconcile } from './reconcile.ts'

let store: TemporaryStore
let root: string
let batch = 0
const START = Date.now() - 600_000
const DURATION = 843

beforeAll(async () => {
  store = await startTemporaryStore()
})
beforeEach(async () => {
  root = temporaryDirectory()
  await store.empty('evidence', 'calls_settled')
})
afterAll(() => store?.stop())

async function put(rows: readonly Evidence[]): Promise<void> {
  batch += 1
  await addEvidence(store.client, rows, `batch-${batch}`)
}
/** Calls a second and a half apart, so that the ends of a log are outside of the clocks' slack. */
const createdAtMs = (number: number) => START + number * 1_500
const call = (number: number) => ({ org: 'org_1', createdAtMs: createdAtMs(number), id: number })
const id = (number: number) => sampleRecordId(createdAtMs(number), number)
const line = (number: number, overrides: Record<string, unknown> = {}) =>
  `${JSON.stringify({
    start_time: new Date(createdAtMs(number)).toISOString(),
    record_id: id(number),
    org: 'org_1',
    mac: 'sealed',
    line_id: `line-${number}`,
    route: 'openai',
    status: 200,
    upstream: '203.0.113.9:443',
    flags: '-',
    details: 'via_upstream',
    request_bytes: 310,
    response_bytes: 910,
    duration_ms: DURATION,
    ...overrides,
  })}\n`
const file = (name: string, content: string | Buffer) => {
  fs.writeFileSync(path.join(root, name), content)
  return path.join(root, name)
}
const isSealedByGate = (fields: ReadonlyMap<string, string>) => fields.get('mac') === 'sealed'
const run = (...files: readonly string[]) =>
  reconcile({
    files,
    known: createKnownCalls(store.client),
    isSealedByGate,
    insert: put,
    writer: 'test/reconcile',
  })
const counts = ({ named: _, refused, ...found }: Reconciliation) => {
  const counted: Record<string, number> = {}
  for (const [name, count] of Object.entries(found)) if (count !== 0) counted[name] = count
  return { ...counted, ...Object.fromEntries(refused) }
}
const stored = async (what: string, where = 'true') => {
  const [row] = await store.client.rows({
    tag: 'test',
    sql: `SELECT ${what} AS n FROM evidence FINAL WHERE ${where}`,
  })
  return row?.n
}

describe('a call', () => {
  test('that both know is matched and nothing is written', async () => {
    await put(sampleCall(call(1)))
    expect(counts(await run(file('a', line(1))))).toEqual({ lines: 1, matched: 1 })
    expect(await stored('count()')).toBe(3)
  })

  test('that only Envoy knows becomes evidence, once, however often its log is read', async () => {
    const log = file('a', line(1) + line(2))
    const first = await run(log)
    expect(counts(first)).toEqual({ lines: 2, onlyInLog: 2 })
    expect(first.named.onlyInLog).toEqual(
      [1, 2].map((number) => ({ org: 'org_1', requestId: id(number) })),
    )
    expect(counts(await run(log))).toEqual({ lines: 2, matched: 2 })
    expect(await stored('count()', "kind = 'access_log'")).toBe(2)
    expect(
      (
        await store.client.rows({
          tag: 'test',
          sql: 'SELECT outcome, status, latency_ms FROM calls',
        })
      )[0],
    ).toEqual({
      outcome: 'capture_lost',
      status: 200,
      latency_ms: DURATION,
    })
  })

  test('whose end only Envoy knows gets it', async () => {
    await put([sampleIntent(call(1)), sampleObservation(call(1))])
    expect(counts(await run(file('a', line(1))))).toEqual({ lines: 1, endOnlyInLog: 1 })
    expect(await stored('any(response_bytes)', "kind = 'access_log'")).toBe(910)
  })

  test.each([
    ['status', { status: 502 }],
    ['bytes', { response_bytes: 911 }],
  ])('whose %s differs between the two is shown, with both values', async (_, differing) => {
    await put(sampleCall(call(1)))
    const log = file('a', line(1, differing))
    const found = await run(log)
    expect(counts(found)).toEqual({ lines: 1, differing: 1 })
    expect(found.named.differing).toEqual([
      {
        org: 'org_1',
        requestId: id(1),
        flint: { status: 200, requestBytes: 310, responseBytes: 910 },
        envoy: {
          status: 200,
          requestBytes: 310,
          responseBytes: 910,
          ...('status' in differing ? { status: 502 } : { responseBytes: 911 }),
        },
      },
    ])
    expect(await stored('count()', "kind = 'access_log'")).toBe(1)
    const [{ version } = { version: 0 }] = await store.client.rows({
      tag: 'test',
      sql: "SELECT version FROM evidence WHERE kind = 'access_log'",
    })
    expect(counts(await run(log))).toEqual({ lines: 1, differing: 1 })
    expect(await stored('any(version)', "kind = 'access_log'")).toBe(version)
    // The access log stream's values stay the record's.
    expect(
      (
        await store.client.rows({ tag: 'test', sql: 'SELECT status, response_bytes FROM calls' })
      )[0],
    ).toEqual({
      status: 200,
      response_bytes: 910,
    })
  })

  test('that ended while these logs were written and is not in them is only in Flint', async () => {
    await put([0, 1, 2, 3, 4].flatMap((number) => sampleCall(call(number))))
    // Refused by the gate, or still open: Envoy has nothing to tell of them under an id.
    await put([
      sampleIntent({ ...call(2), id: 50 }, { error_code: 'forbidden' }),
      sampleIntent({ ...call(2), id: 51 }),
    ])
    // Ended before and after what these logs cover.
    await put([...sampleCall({ ...call(-3), id: 52 }), ...sampleCall(call(9))])
    const found = await run(file('a', line(0) + line(1) + line(3) + line(4)))
    expect(counts(found)).toEqual({ lines: 4, matched: 4, onlyInFlint: 1 })
    expect(found.named.onlyInFlint).toEqual([{ org: 'org_1', requestId: id(2) }])
  })

  test('that no gate let through is evidence of no one’s organisation; one that was not forwarded is counted by why', async () => {
    const bypass = { record_id: null, org: null, mac: null }
    const log = file(
      'a',
      line(1, bypass) +
        line(2, { ...bypass, upstream: null, status: 401, details: 'flint_invalid_api_key' }) +
        line(3, {
          ...bypass,
          upstream: null,
          status: 503,
          details: 'ext_proc_error_gRPC_error_14{upstream_connect_error}',
        }) +
        line(4, { route: 'api' }),
    )
    expect(counts(await run(log))).toEqual({
      lines: 4,
      onlyInLog: 1,
      withoutRecord: 1,
      flint_invalid_api_key: 1,
      ext_proc_error_gRPC_error_14: 1,
    })
    expect(counts(await run(log))).toMatchObject({ matched: 1 })
    expect(await stored('groupArray(org)')).toEqual(['unattributed'])
  })
})

describe('logs', () => {
  test('of several Envoys, rotated, compressed and overlapping are one account', async () => {
    const rotated = file('envoy-1.log.1.gz', zlib.gzipSync(line(1) + line(2)))
    const current = file('envoy-1.log', line(2) + line(3))
    const other = file('envoy-2.log', line(4))
    expect(counts(await run(current, other, rotated))).toEqual({
      lines: 5,
      onlyInLog: 4,
      repeatedLines: 1,
    })
    expect(await stored('uniqExact(record_id)')).toBe(4)
  })

  test('that break off in a line, or hold garbage, are read as far as they can be', async () => {
    const whole = line(2)
    const log = file('a', `${line(1)}garbage\n${whole.slice(0, 60)}`)
    expect(counts(await run(log))).toEqual({
      lines: 3,
      onlyInLog: 1,
      unreadableLines: 1,
      truncatedLines: 1,
    })
    fs.appendFileSync(log, whole.slice(60))
    expect(counts(await run(log))).toEqual({
      lines: 3,
      matched: 1,
      onlyInLog: 1,
      unreadableLines: 1,
    })
  })

  test('whose last line lacks only its newline is whole', async () => {
    expect(counts(await run(file('a', line(1).trimEnd())))).toEqual({ lines: 1, onlyInLog: 1 })
  })

  test('that are damaged archives are an error, not an end', async () => {
    await expect(
      run(file('a.gz', zlib.gzipSync(line(1).repeat(1_000)).subarray(0, 100))),
    ).rejects.toThrow()
  })

  test('of many calls are compared in pieces', async () => {
    const many = Array.from({ length: 5_000 }, (_, number) =>
      line(number, { start_time: new Date(START).toISOString() }),
    )
    expect(counts(await run(file('a', many.join(''))))).toEqual({ lines: 5_000, onlyInLog: 5_000 })
    expect(counts(await run(file('a', many.join(''))))).toEqual({ lines: 5_000, matched: 5_000 })
  })
})
