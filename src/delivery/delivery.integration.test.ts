import fs from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '../../test/support/eventually.ts'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { createDiskContentStore } from '../content/disk-content-store.ts'
import type { Evidence } from '../evidence/evidence.ts'
import {
  sampleCall,
  sampleClosing,
  sampleIntent,
  sampleObservation,
  sampleRecordId,
  sampleReport,
} from '../evidence/sample-evidence.ts'
import { SegmentSpool } from '../spool/segment-spool.ts'
import { createCallsWithoutClosing } from '../store/calls/calls-without-closing.ts'
import { createLossQueries } from '../store/calls/loss-queries.ts'
import { createSettler } from '../store/calls/settle.ts'
import { createStoreClient, type StoreClient } from '../store/client/client.ts'
import { StoreError } from '../store/client/store-error.ts'
import { startTemporaryStore, type TemporaryStore } from '../store/embedded/temporary-store.ts'
import { createErasures } from '../store/evidence/erasures.ts'
import { insertJsonLines } from '../store/evidence/insert-evidence.ts'
import { createDeadLetters } from './dead-letters.ts'
import {
  createDelivery,
  createDeliveryCounters,
  type Delivery,
  type DeliveryOptions,
} from './delivery.ts'
import { createErasing } from './erasing.ts'
import { putLettersBack } from './put-letters-back.ts'
import { createQuarantine, createQuarantineCounters, type QuarantineOptions } from './quarantine.ts'
import { createRecordCounters, createRecordWriter } from './record-writer.ts'

let store: TemporaryStore
let root: string
let runs: Array<{ readonly delivery: Delivery; readonly running: Promise<void> }>
const createdAtMs = Date.now() - 60_000

beforeAll(async () => {
  store = await startTemporaryStore()
})
afterAll(() => store?.stop())
beforeEach(async () => {
  root = temporaryDirectory()
  runs = []
  for (const table of ['evidence', 'calls_settled'])
    await store.client.run({ tag: 'test', sql: `TRUNCATE TABLE ${table}` })
})
afterEach(async () => {
  for (const { delivery, running } of runs) {
    delivery.stop()
    await running
  }
})

const segments = () =>
  fs
    .readdirSync(path.join(root, 'spool'), { recursive: true })
    .filter((name) => String(name).endsWith('.ndjson'))
const isRetryable = (error: unknown) => !(error instanceof StoreError) || error.retryable
/** As the role delivery does it: rows, then the records that they make. */
const insertInto = (client: StoreClient) => {
  const records = createRecordWriter({
    settler: createSettler({ client }),
    counters: createRecordCounters(),
    isRetryable,
    onFault: (error) => {
      throw error
    },
  })
  return async (body: Buffer, token: string) => {
    await insertJsonLines(client, { table: 'evidence', body, token })
    await records.stored(body)
    await records.close()
  }
}

const noObjects = createDiskContentStore(temporaryDirectory())
function openQuarantine(options: Partial<QuarantineOptions> = {}) {
  const letters = createDeadLetters(path.join(root, 'dead-letters'))
  const counters = createQuarantineCounters()
  const quarantine = createQuarantine({
    directory: path.join(root, 'quarantine'),
    letters,
    insert: insertInto(store.client),
    isRetryable,
    erasedAmong: (calls) => createErasures(store.client).erasedAmong(calls),
    counters,
    probationMs: 0,
    ...options,
  })
  return { quarantine, letters, counters }
}

function start(options: Partial<DeliveryOptions> = {}) {
  const counters = createDeliveryCounters()
  const quarantine = openQuarantine()
  const delivery = createDelivery({
    spoolRoot: path.join(root, 'spool'),
    quarantine: quarantine.quarantine,
    insert: insertInto(store.client),
    isRetryable,
    counters,
    onRetry: () => {},
    pollMs: 10,
    ...options,
  })
  const running = delivery.run()
  runs.push({ delivery, running })
  return { delivery, running, counters, quarantine }
}

async function spoolUp(
  rows: readonly Evidence[],
  role = 'gate',
  rowsPerSegment = rows.length,
): Promise<void> {
  for (let start = 0; start < rows.length; start += rowsPerSegment) {
    const spool = new SegmentSpool({ directory: path.join(root, 'spool', 'instance', role) })
    for (const row of rows.slice(start, start + rowsPerSegment)) {
      await new Promise<void>((resolve, reject) =>
        spool.append(row, (error) => (error ? reject(error) : resolve())),
      )
    }
    spool.close()
  }
}

async function count(what: string, from: string): Promise<number> {
  const [row] = await store.client.rows({ tag: 'test', sql: `SELECT ${what} AS n FROM ${from}` })
  return Number(row?.n)
}

describe('evidence reaches ClickHouse', () => {
  test('whole, from every role', async () => {
    const calls = Array.from({ length: 200 }, (_, id) =>
      sampleCall({ org: 'org_1', createdAtMs, id }),
    )
    await spoolUp(
      calls.flatMap((rows) => rows.slice(0, 1)),
      'gate',
      50,
    )
    await spoolUp(
      calls.flatMap((rows) => rows.slice(1)),
      'observer',
      100,
    )
    const { delivery, counters } = start()
    await eventually(() => expect(segments()).toEqual([]))
    expect(await count('count()', 'evidence')).toBe(600)
    expect(await count('uniqExact(record_id)', 'evidence')).toBe(200)
    await eventually(() => expect([counters.rows, delivery.backlog().bytes]).toEqual([600, 0]))
  })

  test('once, though a crash between the insert and the removal delivers it again', async () => {
    await spoolUp(sampleCall({ org: 'org_1', createdAtMs }), 'gate', 1)
    const crashed = start({
      insert: async (body, token) => {
        await insertInto(store.client)(body, token)
        throw new Error('the process is gone')
      },
      isRetryable: () => true,
      maxBatchBytes: 1,
    })
    await eventually(async () => expect(await count('count()', 'evidence')).toBe(1))
    crashed.delivery.stop()
    await crashed.running
    expect(segments()).toHaveLength(3)
    // After the restart the batches are cut differently: the token of the insert does not match,
    // the rows' keys do.
    await spoolUp([sampleIntent({ org: 'org_1', createdAtMs, id: 1 })])
    start()
    await eventually(() => expect(segments()).toEqual([]))
    expect(await count('count()', 'evidence FINAL')).toBe(4)
    expect(await count('count()', 'calls')).toBe(1)
  })

  test('after an outage, all of it', async () => {
    const rows = Array.from({ length: 300 }, (_, id) =>
      sampleIntent({ org: 'org_1', createdAtMs, id }),
    )
    await spoolUp(rows, 'gate', 30)
    const nowhere = createStoreClient({ ...store.server, socketPath: '/nowhere/clickhouse.sock' })
    let client = nowhere
    const { counters } = start({ insert: (body, token) => insertInto(client)(body, token) })
    await eventually(() => expect(counters.retries).toBeGreaterThan(1))
    expect(segments()).toHaveLength(10)
    client = store.client
    await eventually(() => expect(segments()).toEqual([]))
    expect(await count('count()', 'evidence')).toBe(300)
    await nowhere.close()
  })
})

describe('a ClickHouse that takes nothing', () => {
  const lasting: Partial<DeliveryOptions> = {
    isLasting: (error) => error instanceof StoreError && error.lasting,
    firstPauseMs: 5,
  }
  const rows = Array.from({ length: 50 }, (_, id) =>
    sampleIntent({ org: 'org_1', createdAtMs, id }),
  )

  test('because its disk is full is waited for, nothing is buried, and all of it arrives once there is space', async () => {
    const needs = (bytes: string) =>
      store.client.run({
        tag: 'test',
        sql: `ALTER TABLE evidence MODIFY SETTING min_free_disk_bytes_to_perform_insert = ${bytes}`,
      })
    await needs('1000000000000000')
    try {
      await spoolUp(rows)
      const { delivery, counters } = start(lasting)
      await eventually(() => expect(delivery.breaker.isOpen()).toBe(true))
      expect(segments()).toHaveLength(1)
      await needs('0')
      await eventually(() => expect(segments()).toEqual([]))
      expect([delivery.breaker.isOpen(), counters.rows]).toEqual([false, 50])
    } finally {
      await needs('0')
    }
    expect(await count('count()', 'evidence')).toBe(50)
  })

  test('because it is read-only is waited for', async () => {
    await spoolUp(rows)
    let readOnly = true
    const { delivery } = start({
      ...lasting,
      insert: async (body, token) => {
        if (readOnly)
          await store.client.run({
            tag: 'test',
            sql: 'INSERT INTO evidence (org) VALUES (1)',
            settings: { readonly: '1' },
          })
        await insertInto(store.client)(body, token)
      },
    })
    await eventually(() => expect(delivery.breaker.isOpen()).toBe(true))
    readOnly = false
    await eventually(() => expect(segments()).toEqual([]))
    expect(await count('count()', 'evidence')).toBe(50)
  })

  test('because it is slow is waited for: a batch that was stored although its answer never came is there once', async () => {
    const hasty = createStoreClient({ ...store.server, timeoutMs: 300 })
    let slow = true
    await spoolUp(rows)
    const { delivery, counters } = start({
      ...lasting,
      insert: async (body, token) => {
        await insertInto(slow ? hasty : store.client)(body, token)
        if (slow)
          throw new StoreError('ClickHouse did not answer insert:evidence (timeout)', {
            code: null,
            retryable: true,
          })
      },
    })
    await eventually(() => expect(counters.retries).toBeGreaterThan(2))
    expect(delivery.breaker.isOpen()).toBe(true)
    slow = false
    await eventually(() => expect(segments()).toEqual([]))
    expect(delivery.breaker.isOpen()).toBe(false)
    expect(await count('count()', 'evidence')).toBe(50)
    await hasty.close()
  })
})

describe('a row that ClickHouse cannot take', () => {
  test.each([
    ['no JSON', 'not json at all'],
    ['half a row', '{"kind":"intent","org":"org_1'],
    ['zeros of a lost disk block', '\u0000'.repeat(600)],
    [
      'an id that is none',
      JSON.stringify({
        ...sampleIntent({ org: 'org_1', createdAtMs, id: 999 }),
        record_id: 'nobody',
      }),
    ],
    [
      'a column no one knows',
      JSON.stringify({ ...sampleIntent({ org: 'org_1', createdAtMs, id: 999 }), prompt: 'x' }),
    ],
    ['a list', '[1,2,3]'],
    ['a closing brace', '}'],
    ['a bracket', ']'],
  ])('(%s) becomes a dead letter, and the others of its batch are stored', async (_, bad) => {
    const directory = path.join(root, 'spool', 'instance', 'gate')
    fs.mkdirSync(directory, { recursive: true })
    const good = Array.from(
      { length: 20 },
      (_row, id) => `${JSON.stringify(sampleIntent({ org: `org_${id % 3}`, createdAtMs, id }))}\n`,
    )
    fs.writeFileSync(
      path.join(directory, '1-000000001.ndjson'),
      [...good.slice(0, 11), `${bad}\n`, ...good.slice(11)].join(''),
    )
    const { counters, quarantine } = start()
    await eventually(() => expect(segments()).toEqual([]))
    // Whose organisation had no such row is stored by now.
    expect(await count(`uniqExactIf(record_id, org IN ('org_0', 'org_2'))`, 'evidence')).toBe(13)
    const { letters } = quarantine
    while (!quarantine.quarantine.isEmpty) await quarantine.quarantine.pass()
    expect(await count(`countIf(gap IS NULL)`, 'evidence')).toBe(20)
    expect([counters.retries, quarantine.counters.deadLetters]).toEqual([0, 1])
    const [place] = await letters.list()
    const letter = place && (await letters.read(place))
    expect(letter).toMatchObject({ row: bad.trimEnd(), reason: expect.stringMatching(/code \d+/) })
  })

  test('leaves a record of its call with all that is well typed, the ledger names it, and erasure takes its letter', async () => {
    const call = { org: 'org_1', createdAtMs, id: 7 }
    const report = { org: 'org_1', createdAtMs, id: 8 }
    const rows = [
      sampleIntent(call, { tags: { team: 'käse' } }),
      {
        ...sampleObservation(call),
        prompt_preview: 'a secret thought',
        last_user_preview: 'a secret thought',
        latency_ms: 1.5,
        reasoning_tokens: 'many',
      },
      sampleClosing(call),
      { ...sampleReport(report), prompt_hash: 'ab'.repeat(32), time_to_first_byte_ms: -1 },
    ]
    const directory = path.join(root, 'spool', 'instance', 'observer')
    fs.mkdirSync(directory, { recursive: true })
    fs.writeFileSync(
      path.join(directory, '1-000000001.ndjson'),
      rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
    )
    const { quarantine } = start()
    await eventually(() => expect(segments()).toEqual([]))
    while (!quarantine.quarantine.isEmpty) await quarantine.quarantine.pass()

    const [record, reported] = await store.client.rows({
      tag: 'test',
      sql: 'SELECT * FROM calls ORDER BY record_id',
    })
    expect(record).toMatchObject({
      outcome: 'complete',
      capture_gap: 'row_refused',
      model: 'gpt-4o-2024-08-06',
      input_tokens: 512,
      output_tokens: 128,
      reasoning_tokens: null,
      cost_usd: '0.00832',
      cost_status: 'exact',
      prompt_preview: null,
      last_user_preview: null,
      latency_ms: 843,
      tags: { team: 'käse' },
    })
    expect(reported).toMatchObject({
      source: 'client',
      capture_gap: 'row_refused',
      input_tokens: 512,
      latency_ms: 840,
    })
    const range = { org: null, fromMs: createdAtMs - 1_000, toMs: createdAtMs + 1_000, limit: 10 }
    const ledger = await createLossQueries(store.client).losses(range)
    expect(ledger.lost).toBe(2)
    expect(ledger.losses.map(({ requestId, reason }) => [requestId, reason])).toEqual([
      [sampleRecordId(createdAtMs, 8), 'row_refused'],
      [sampleRecordId(createdAtMs, 7), 'row_refused'],
    ])

    const { letters } = quarantine
    expect((await letters.list()).map(({ org, id }) => [org, id.split('.')[1]])).toEqual([
      ['org_1', 'observation'],
      ['org_1', 'report'],
    ])
    // Erased while more of its rows wait: they leave nothing.
    await createErasures(store.client).erase(
      'org_1',
      { requestId: sampleRecordId(createdAtMs, 7) },
      'erasure-1',
      [],
    )
    quarantine.quarantine.add(
      'org_1',
      [Buffer.from(`${JSON.stringify({ ...rows[1], version: 5 })}\n`)],
      'late',
    )
    await quarantine.quarantine.pass()
    await createErasing({
      erasures: createErasures(store.client),
      store: noObjects,
      letters,
    }).pass()
    expect((await letters.list()).map(({ id }) => id.split('.')[1])).toEqual(['report'])
    expect(
      fs.readdirSync(path.join(root, 'dead-letters'), { recursive: true }).join(),
    ).not.toContain(sampleRecordId(createdAtMs, 7))
  })

  test('whose key alone can be stored still leaves a record, and a letter that is taken later stands over it', async () => {
    const call = { org: 'org_1', createdAtMs, id: 9 }
    const observation = { ...sampleObservation(call), version: 100 }
    const refusing = openQuarantine({
      insert: async (body, token) => {
        // As an unknown fault of a build would: whatever holds tokens is refused.
        if (body.includes('input_tokens'))
          throw new StoreError('ClickHouse refused insert:evidence: code 27', {
            code: 27,
            retryable: false,
          })
        await insertInto(store.client)(body, token)
      },
    })
    refusing.quarantine.add('org_1', [Buffer.from(`${JSON.stringify(observation)}\n`)], 't')
    await refusing.quarantine.pass()
    expect(refusing.quarantine.isEmpty).toBe(true)
    const calls = async () =>
      (
        await store.client.rows({
          tag: 'test',
          sql: 'SELECT outcome, input_tokens, capture_gap FROM calls',
        })
      ).map((row) => ({ ...row }))
    expect(await calls()).toEqual([
      { outcome: 'capture_lost', input_tokens: null, capture_gap: 'row_refused' },
    ])

    expect(
      await putLettersBack(
        refusing.letters,
        await refusing.letters.list(),
        path.join(root, 'spool'),
      ),
    ).toBe(1)
    expect(await refusing.letters.list()).toEqual([])
    start()
    await eventually(() => expect(segments()).toEqual([]))
    expect(await calls()).toEqual([{ outcome: 'complete', input_tokens: 512, capture_gap: null }])
    expect(
      (
        await createLossQueries(store.client).losses({
          org: null,
          fromMs: createdAtMs,
          toMs: createdAtMs + 1,
          limit: 9,
        })
      ).lost,
    ).toBe(0)
  })
})

describe('the question behind the JSON log', () => {
  test('names exactly the calls whose end is not known', async () => {
    const calls = [0, 1, 2].map((id) => ({ org: 'org_1', createdAtMs, id }))
    await spoolUp([
      ...calls.map((call) => sampleIntent(call)),
      ...calls.slice(1, 2).map((call) => sampleClosing(call)),
    ])
    start()
    await eventually(() => expect(segments()).toEqual([]))
    const withoutClosing = createCallsWithoutClosing(store.client)
    const asked = calls.map(({ org, id }) => ({ org, recordId: sampleRecordId(createdAtMs, id) }))
    expect(await withoutClosing(asked)).toEqual(new Set([asked[0]?.recordId, asked[2]?.recordId]))
  })
})
