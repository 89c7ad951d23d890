import fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import type { Evidence } from '../evidence/evidence.ts'
import {
  type AccessLogCounters,
  type CallInLog,
  createAccessLogCounters,
  createAccessLogTail,
} from './access-log-tail.ts'

let root: string
let logFile: string
let rows: Evidence[]
let closed: Set<string>
let counters: AccessLogCounters
let nowMs: number
let tails: Array<ReturnType<typeof createAccessLogTail>>

beforeEach(() => {
  root = temporaryDirectory()
  logFile = path.join(root, 'envoy-access.ndjson')
  rows = []
  closed = new Set()
  counters = createAccessLogCounters()
  nowMs = Date.UTC(2026, 0, 1)
  tails = []
})
afterEach(() => {
  for (const tail of tails) tail.close()
})

const id = (number: number) => `0199c0de-0000-7000-8000-${String(number).padStart(12, '0')}`
const line = (number: number, overrides: Record<string, unknown> = {}) =>
  `${JSON.stringify({
    start_time: '2026-01-01T00:00:00.000Z',
    record_id: id(number),
    org: 'org_1',
    mac: 'sealed',
    route: 'openai',
    method: 'POST',
    path: '/v1/proxy/openai/chat/completions',
    status: 200,
    flags: '-',
    details: 'via_upstream',
    request_bytes: 10,
    response_bytes: 20,
    duration_ms: 30,
    ...overrides,
  })}\n`
const log = (text: string) => fs.appendFileSync(logFile, text)
const written = () => rows.map(({ record_id }) => Number(record_id.slice(-12)))

/** A tail as a start of the delivery role makes it. */
function startTail(
  withoutClosing = async (calls: readonly CallInLog[]) =>
    new Set(calls.map(({ recordId }) => recordId).filter((recordId) => !closed.has(recordId))),
) {
  const tail = createAccessLogTail({
    logFile,
    offsetFile: path.join(root, 'offset.json'),
    spool: {
      append(row, done) {
        rows.push(row)
        done(null)
      },
    },
    writer: 'i/delivery',
    isSealedByGate: (fields) => fields.get('mac') === 'sealed',
    withoutClosing,
    counters,
    nowMs: () => nowMs,
  })
  tails.push(tail)
  /** Reads what is there, lets the grace pass, settles. */
  const settle = async () => {
    await tail.pass()
    nowMs += 5_000
    await tail.pass()
  }
  return { ...tail, settle }
}

describe('the JSON log speaks', () => {
  test('only where no other row has the end of the call, and only after the others had their time', async () => {
    log(line(1) + line(2) + line(3))
    closed.add(id(2))
    const tail = startTail()
    await tail.pass()
    expect(rows).toEqual([])
    nowMs += 5_000
    await tail.pass()
    expect(written()).toEqual([1, 3])
    expect(counters).toMatchObject({ lines: 3, onlyInLog: 2, unreadableLines: 0 })
    await tail.settle()
    expect(written()).toEqual([1, 3])
  })

  test('what Envoy logged, without inventing numbers', async () => {
    log(
      line(1, { status: 0, flags: 'DC', details: null, duration_ms: null }) +
        line(2, { status: 502, flags: 'UF,URX' }),
    )
    await startTail().settle()
    expect(rows).toMatchObject([
      {
        kind: 'access_log',
        org: 'org_1',
        provider: 'openai',
        writer: 'i/delivery',
        status: null,
        response_flags: 'DC',
        response_code_details: null,
        latency_ms: null,
        request_bytes: 10,
      },
      {
        status: 502,
        response_flags: 'UF,URX',
        response_code_details: 'via_upstream',
        latency_ms: 30,
      },
    ])
    expect(rows[0]?.created_at).toBe(
      new Date(0x0199c0de0000).toISOString().replace('T', ' ').slice(0, 23),
    )
  })

  test('of no call that is not audited: the API’s own, refusals, ids that are none', async () => {
    log(
      line(1, { route: 'api' }) +
        line(2, { record_id: null, org: null, mac: null, details: 'flint_invalid_api_key' }) +
        line(3, {
          record_id: '-',
          org: '-',
          mac: '-',
          upstream: '-',
          details: 'ext_proc_error_gRPC_error_14{delayed_connect}',
        }) +
        line(4, { record_id: '-'.repeat(36), details: null, flags: 'DC' }) +
        line(5),
    )
    await startTail().settle()
    expect(written()).toEqual([5])
    expect(counters).toMatchObject({ refusedWithoutRecord: 3, withoutRecord: 0 })
  })

  test('of no call whose other proxy logs it, which is neither forged nor without a record', async () => {
    log(line(1, { capture: 'second' }) + line(2))
    await startTail().settle()
    expect(written()).toEqual([2])
    expect(counters).toMatchObject({ refusedWithoutRecord: 0, withoutRecord: 0, forged: 0 })
  })

  test('of a call on a route of another name, whose provider the gate names', async () => {
    log(
      line(1, { route: 'to-the-model', provider: 'anthropic' }) +
        line(3, { route: 'openai', provider: '-' }),
    )
    await startTail().settle()
    expect(rows.map(({ provider }) => provider)).toEqual(['anthropic', 'openai'])
  })

  test.each(['garbage', '{"half":', 'null', '7', '"text"', '\u0000\u0000'])(
    'past a garbage line (%j), which is counted',
    async (garbage) => {
      log(`${line(1)}${garbage}\n${line(2)}`)
      await startTail().settle()
      expect(written()).toEqual([1, 2])
      expect(counters).toMatchObject({ lines: 3, unreadableLines: 1 })
    },
  )
})

describe('a call that reached a provider without a gate', () => {
  const bypassed = (lineId: string) =>
    line(1, { record_id: null, org: null, mac: null, line_id: lineId, upstream: '203.0.113.9:443' })

  test('is evidence of no one’s organisation, under an id that the line itself gives', async () => {
    log(bypassed('a') + bypassed('b'))
    await startTail().settle()
    expect(rows.map(({ org }) => org)).toEqual(['unattributed', 'unattributed'])
    expect(new Set(rows.map(({ record_id }) => record_id)).size).toBe(2)
    for (const { record_id, created_at } of rows) {
      expect(record_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
      expect(created_at).toBe('2026-01-01 00:00:00.000')
    }
    expect(counters).toMatchObject({ withoutRecord: 2, refusedWithoutRecord: 0 })
    const first = rows.map(({ record_id }) => record_id)
    fs.rmSync(path.join(root, 'offset.json'))
    await startTail().settle()
    expect(rows.slice(2).map(({ record_id }) => record_id)).toEqual(first)
  })
})

test('a record that no gate made is no one’s: it is counted, and never evidence of the organisation it names', async () => {
  log(
    line(1, { mac: 'forged', org: 'org_victim' }) +
      line(2, { mac: null }) +
      line(3, { mac: 'forged', details: 'ext_proc_error' }),
  )
  await startTail().settle()
  expect(rows.map(({ org }) => org)).toEqual(['unattributed', 'unattributed'])
  expect(written()).not.toContain(1)
  expect(counters).toMatchObject({ forged: 2, withoutRecord: 2, refusedWithoutRecord: 1 })
})

describe('a line that is still being written', () => {
  test.each([1, 40, 200])('is read once it is whole (cut after %i bytes)', async (cut) => {
    const text = line(2)
    log(line(1) + text.slice(0, cut))
    const tail = startTail()
    await tail.settle()
    expect(written()).toEqual([1])
    log(text.slice(cut) + line(3))
    await tail.settle()
    expect(written()).toEqual([1, 2, 3])
    expect(counters.unreadableLines).toBe(0)
  })

  test('is read once it is whole also over a restart', async () => {
    const text = line(2)
    log(line(1) + text.slice(0, 50))
    await startTail().settle()
    log(text.slice(50))
    await startTail().settle()
    expect(written()).toEqual([1, 2])
  })
})

describe('after a restart', () => {
  test('the log goes on where it was left, nothing twice', async () => {
    log(line(1) + line(2))
    await startTail().settle()
    log(line(3))
    await startTail().settle()
    expect(written()).toEqual([1, 2, 3])
    expect(counters.lines).toBe(3)
  })

  test('lines that were read but not settled are read again', async () => {
    log(line(1))
    await startTail().pass()
    await startTail().settle()
    expect(written()).toEqual([1])
  })

  test('a damaged offset means the log’s beginning', async () => {
    log(line(1))
    await startTail().settle()
    fs.writeFileSync(path.join(root, 'offset.json'), '{"inode":')
    closed.add(id(1))
    log(line(2))
    await startTail().settle()
    expect(written()).toEqual([1, 2])
  })

  test('a log that was rotated meanwhile is worked off before the new one', async () => {
    log(line(1))
    await startTail().settle()
    log(line(2))
    fs.renameSync(logFile, `${logFile}.1`)
    log(line(3))
    const tail = startTail()
    await tail.settle()
    await tail.settle()
    expect(written()).toEqual([1, 2, 3])
    log(line(4))
    await startTail().settle()
    expect(written()).toEqual([1, 2, 3, 4])
  })
})

describe('a rotated log', () => {
  test('is worked off to its end, also what Envoy writes until it opens the new one', async () => {
    log(line(1))
    const tail = startTail()
    await tail.settle()
    log(line(2))
    fs.renameSync(logFile, `${logFile}.1`)
    await tail.settle()
    fs.appendFileSync(`${logFile}.1`, line(3))
    await tail.settle()
    log(line(4))
    await tail.settle()
    await tail.settle()
    expect(written()).toEqual([1, 2, 3, 4])
    await startTail().settle()
    expect(written()).toEqual([1, 2, 3, 4])
  })

  test('by emptying it in place is read from its new beginning', async () => {
    log(line(1) + line(2))
    const tail = startTail()
    await tail.settle()
    fs.truncateSync(logFile)
    log(line(3))
    await tail.settle()
    expect(written()).toEqual([1, 2, 3])
  })
})

describe('while ClickHouse is away', () => {
  test('nothing is written and nothing forgotten', async () => {
    let away = true
    const tail = startTail(async (calls) => {
      if (away) throw new Error('away')
      return new Set(calls.map(({ recordId }) => recordId))
    })
    log(line(1))
    await expect(tail.settle()).rejects.toThrow('away')
    expect(rows).toEqual([])
    away = false
    log(line(2))
    await tail.settle()
    expect(written()).toEqual([1, 2])
  })

  test('lines wait in the log, not in memory', async () => {
    const lines = 12_000
    log(Array.from({ length: lines }, (_, number) => line(number)).join(''))
    const tail = startTail()
    await tail.pass()
    expect(counters.lines).toBeLessThan(8_000)
    for (let round = 0; round < 10; round++) await tail.settle()
    expect(written()).toEqual([...Array(lines).keys()])
  })
})
