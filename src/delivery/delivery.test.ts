import fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '../../test/support/eventually.ts'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import {
  createDelivery,
  createDeliveryCounters,
  type Delivery,
  type DeliveryOptions,
} from './delivery.ts'

let root: string
let runs: Array<{ readonly delivery: Delivery; readonly running: Promise<void> }>

beforeEach(() => {
  root = temporaryDirectory()
  runs = []
})
afterEach(async () => {
  for (const { delivery, running } of runs) {
    delivery.stop()
    await running
  }
})

class Refused extends Error {}
const spoolRoot = () => path.join(root, 'spool')

/** A closed segment with these lines, written `ageSeconds` ago. */
function segment(name: string, lines: readonly string[], ageSeconds = 0): string {
  const file = path.join(spoolRoot(), `${name}.ndjson`)
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, lines.map((line) => `${line}\n`).join(''))
  const writtenAt = new Date(Date.now() - ageSeconds * 1000)
  fs.utimesSync(file, writtenAt, writtenAt)
  return file
}
const segments = () =>
  fs
    .readdirSync(spoolRoot(), { recursive: true })
    .filter((name) => String(name).endsWith('.ndjson'))
const linesOf = (body: Buffer) => body.toString('utf8').split('\n').slice(0, -1)

function start(options: Partial<DeliveryOptions> & Pick<DeliveryOptions, 'insert'>) {
  const counters = createDeliveryCounters()
  const delivery = createDelivery({
    spoolRoot: spoolRoot(),
    quarantine: { isEmpty: true, holds: () => false, add: () => undefined },
    isRetryable: (error) => !(error instanceof Refused),
    counters,
    onRetry: () => {},
    pollMs: 5,
    ...options,
  })
  const running = delivery.run()
  runs.push({ delivery, running })
  return { delivery, running, counters }
}

describe('the spool reaches the store', () => {
  test('also after a fault of the disk, which is counted and looked at again', async () => {
    // What cannot be read as a file.
    const damaged = path.join(spoolRoot(), 'a', 'gate', '1-1.ndjson')
    fs.mkdirSync(damaged, { recursive: true })
    const seen: string[] = []
    const { counters } = start({
      firstPauseMs: 2,
      insert: async (body) => {
        seen.push(...linesOf(body))
      },
    })
    await eventually(() => expect(counters.passesFailed).toBeGreaterThan(1))
    fs.rmdirSync(damaged)
    segment('a/gate/1-2', ['after'])
    await eventually(() => expect(seen).toEqual(['after']))
  })

  test('also where an earlier build left it, under the names of today', async () => {
    segment('a/delivery/1-1', ['{"kind":"witness","witness":"a/delivery"}', '{"writer":"a/gate"}'])
    const seen: string[] = []
    start({
      insert: async (body) => {
        seen.push(...linesOf(body))
      },
    })
    await eventually(() =>
      expect(seen).toEqual(['{"kind":"access_log","writer":"a/delivery"}', '{"writer":"a/gate"}']),
    )
  })

  test('oldest first, whichever process wrote it', async () => {
    segment('a/gate/2-1', ['newest'], 10)
    segment('a/observer/1-1', ['oldest'], 30)
    segment('b/gate/9-1', ['middle'], 20)
    const seen: string[] = []
    start({
      insert: async (body) => {
        seen.push(...linesOf(body))
      },
      maxBatchBytes: 1,
    })
    await eventually(() => expect(seen).toEqual(['oldest', 'middle', 'newest']))
    await eventually(() => expect(segments()).toEqual([]))
  })

  test('and a segment goes only after its rows are confirmed', async () => {
    segment('a/gate/1-1', ['1'])
    const confirm: Array<() => void> = []
    start({ insert: () => new Promise((resolve) => confirm.push(resolve)) })
    await eventually(() => expect(confirm).toHaveLength(1))
    expect(segments()).toHaveLength(1)
    confirm[0]?.()
    await eventually(() => expect(segments()).toEqual([]))
  })

  test('with the same token for the same segments, so that a repeated insert is recognised', async () => {
    segment('a/gate/1-1', ['1'])
    const tokens: string[] = []
    start({
      insert: async (_body, token) => {
        tokens.push(token)
        if (tokens.length === 1) throw new Error('the answer was lost')
      },
    })
    await eventually(() => expect(segments()).toEqual([]))
    expect(tokens).toEqual([tokens[0], tokens[0]])
    segment('a/gate/1-2', ['2'])
    await eventually(() => expect(tokens).toHaveLength(3))
    expect(tokens[2]).not.toBe(tokens[0])
  })

  test('an empty segment is removed without an insert', async () => {
    segment('a/gate/1-1', [])
    start({
      insert: async () => {
        throw new Refused()
      },
    })
    await eventually(() => expect(segments()).toEqual([]))
  })
})

describe('while the store is away', () => {
  test('a batch is tried again until it is taken, nothing is removed, the backlog is reported', async () => {
    segment('a/gate/1-1', ['first'])
    let away = true
    const errors: unknown[] = []
    const seen: string[] = []
    const { delivery, counters } = start({
      insert: async (body) => {
        if (away) throw new Error('ECONNREFUSED')
        seen.push(...linesOf(body))
      },
      onRetry: (error) => errors.push(error),
    })
    await eventually(() => expect(counters.retries).toBeGreaterThanOrEqual(1))
    segment('a/gate/1-2', ['second, much longer than the first'])
    await eventually(() => expect(delivery.backlog().bytes).toBeGreaterThan(30))
    expect(segments()).toHaveLength(2)
    expect(errors[0]).toMatchObject({ message: 'ECONNREFUSED' })
    away = false
    await eventually(() => expect(seen).toEqual(['first', 'second, much longer than the first']))
  })
})

describe('a row that the store refuses forever', () => {
  test('shows that the store is back, though nothing of it was taken', async () => {
    segment('a/gate/1-1', ['bad'])
    let away = true
    const { delivery, counters } = start({
      insert: async () => {
        if (away) throw new Error('disk full')
        throw new Refused()
      },
      isLasting: () => true,
      firstPauseMs: 5,
    })
    await eventually(() => expect(delivery.breaker.isOpen()).toBe(true))
    away = false
    await eventually(() => expect([delivery.breaker.isOpen(), counters.rows]).toEqual([false, 0]))
  })

  const row = (org: string, text: string) => JSON.stringify({ org, text })
  const refusesBad = (seen: string[]) => async (body: Buffer) => {
    const lines = linesOf(body)
    if (lines.some((line) => line.includes('bad')))
      throw new Refused('ClickHouse refused insert:evidence: code 27')
    seen.push(...lines)
  }

  test('quarantines its organisation’s rows, and the others of its batch are stored at once', async () => {
    const rows = Array.from({ length: 40 }, (_, number) =>
      row(`org_${number % 8}`, number === 17 || number === 26 ? 'bad' : `row ${number}`),
    )
    segment('a/gate/1-1', rows)
    const seen: string[] = []
    const quarantined = new Map<string, readonly string[]>()
    const quarantine: DeliveryOptions['quarantine'] = {
      isEmpty: true,
      holds: () => false,
      add: (org, lines) => void quarantined.set(org, linesOf(Buffer.concat([...lines]))),
    }
    let statements = 0
    const insert = refusesBad(seen)
    const { counters } = start({
      quarantine,
      insert: (body) => {
        statements += 1
        return insert(body)
      },
    })
    await eventually(() => expect(segments()).toEqual([]))
    const isOfTheRefused = (line: string) => line.includes('org_1"') || line.includes('org_2"')
    expect(seen.sort()).toEqual(rows.filter((line) => !isOfTheRefused(line)).sort())
    expect([...quarantined.keys()].sort()).toEqual(['org_1', 'org_2'])
    expect([...quarantined.values()].flat().sort()).toEqual(rows.filter(isOfTheRefused).sort())
    expect(counters).toMatchObject({ rows: 30, retries: 0 })
    // Not one for each row, nor one for each organisation.
    expect(statements).toBeLessThan(16)
  })

  test('costs the others one statement while its organisation has rows in quarantine', async () => {
    segment('a/gate/1-1', [row('org_1', 'bad'), row('org_2', 'fine'), row('org_3', 'fine')])
    const seen: string[] = []
    const held: string[] = []
    let statements = 0
    const insert = refusesBad(seen)
    start({
      quarantine: {
        isEmpty: false,
        holds: (org) => org === 'org_1',
        add: (org) => void held.push(org),
      },
      insert: (body) => {
        statements += 1
        return insert(body)
      },
    })
    await eventually(() => expect(segments()).toEqual([]))
    expect([seen.length, held, statements]).toEqual([2, ['org_1'], 1])
  })

  test('stays in its segment while the disk takes nothing', async () => {
    segment('a/gate/1-1', [row('org_1', 'bad')])
    const held: string[] = []
    let isFull = true
    const { counters } = start({
      quarantine: {
        isEmpty: true,
        holds: () => false,
        add: (org) => {
          if (isFull) throw new Error('ENOSPC')
          held.push(org)
        },
      },
      insert: refusesBad([]),
    })
    await eventually(() => expect(counters.retries).toBeGreaterThan(0))
    expect(segments()).toHaveLength(1)
    isFull = false
    await eventually(() => expect([segments(), held]).toEqual([[], ['org_1']]))
  })
})

describe('a stop', () => {
  test('with time to drain delivers everything that is closed', async () => {
    for (let number = 0; number < 30; number++) segment(`a/gate/1-${number}`, [`row ${number}`])
    const { delivery, running, counters } = start({ insert: async () => {}, maxBatchBytes: 1 })
    delivery.stop(5_000)
    await running
    expect(segments()).toEqual([])
    expect(counters.rows).toBe(30)
  })

  test.each([
    ['hangs', () => new Promise<void>(() => {})],
    ['is away', () => Promise.reject(new Error('ECONNREFUSED'))],
  ])('gives up in time while the store %s, and leaves the rows in the spool', async (_, insert) => {
    segment('a/gate/1-1', ['1'])
    let tries = 0
    const { delivery, running } = start({
      insert: () => {
        tries += 1
        return insert()
      },
    })
    await eventually(() => expect(tries).toBeGreaterThan(0))
    const stoppedAtMs = performance.now()
    delivery.stop(50)
    await running
    expect(performance.now() - stoppedAtMs).toBeLessThan(2_000)
    expect(segments()).toHaveLength(1)
  })
})
