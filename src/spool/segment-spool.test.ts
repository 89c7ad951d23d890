import fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { eventually } from '../../test/support/eventually.ts'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { numberedRow, numbersIn } from './sample-rows.ts'
import { closedSegments } from './segment-files.ts'
import { SegmentSpool, type SegmentSpoolOptions } from './segment-spool.ts'
import { createSpoolCounters } from './spool-counters.ts'

let root: string
let directory: string
const spools: SegmentSpool[] = []

beforeEach(() => {
  root = temporaryDirectory()
  directory = path.join(root, 'instance', 'gate')
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
  for (const spool of spools.splice(0)) spool.close()
})

function openSpool(options: Partial<SegmentSpoolOptions> = {}): SegmentSpool {
  const spool = new SegmentSpool({ directory, ...options })
  spools.push(spool)
  return spool
}

const append = (spool: SegmentSpool, number: number, padding?: number) =>
  new Promise<void>((resolve, reject) =>
    spool.append(numberedRow(number, padding), (error) => (error ? reject(error) : resolve())),
  )
const names = () => fs.readdirSync(directory).sort()
const closed = () => names().filter((name) => name.endsWith('.ndjson'))
const open = () => names().filter((name) => name.endsWith('.open'))
/** Files of the spool that this process holds open. */
function heldFiles(): string[] {
  return fs.readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = fs.readlinkSync(`/proc/self/fd/${fd}`)
      return target.startsWith(root) ? [target] : []
    } catch {
      // The descriptor of this very listing.
      return []
    }
  })
}

describe('a fault where no one waits', () => {
  test('of one callback of a written row costs the others nothing', async () => {
    const counters = createSpoolCounters()
    const spool = openSpool({ counters })
    const answers: number[] = []
    spool.append(numberedRow(1), () => {
      throw new Error('a fault that a test put in')
    })
    for (const number of [2, 3]) spool.append(numberedRow(number), () => answers.push(number))
    await eventually(() => expect(answers).toHaveLength(2))
    expect(counters.faults).toBe(1)
    await append(spool, 4)
  })

  test('of the disk, as a segment is closed, keeps rows and process', async () => {
    const counters = createSpoolCounters()
    const spool = openSpool({ counters, maxSegmentAgeMs: 5 })
    await append(spool, 1)
    vi.spyOn(fs, 'close').mockImplementationOnce(() => {
      throw new Error('EIO')
    })
    await eventually(() => expect(counters.faults).toBe(1))
    await append(spool, 2)
    await eventually(() => expect(closed().length).toBeGreaterThan(0))
  })
})

describe('a segment becomes visible to delivery', () => {
  test('at its age, though nothing more is written', async () => {
    const spool = openSpool({ maxSegmentAgeMs: 20 })
    await append(spool, 1)
    expect(closed()).toEqual([])
    await eventually(() => expect(closed()).toHaveLength(1))
    expect(numbersIn(directory)).toEqual([1])
  })

  test('at its size, though it is young', async () => {
    const spool = openSpool({ maxSegmentAgeMs: 3_600_000, maxSegmentBytes: 1_200 })
    for (let number = 0; number < 12; number++) await append(spool, number)
    await eventually(() => expect(closed().length).toBeGreaterThanOrEqual(3))
    expect(numbersIn(directory)).toEqual([...Array(12).keys()])
  })

  test('as 0600 in a 0700 directory', async () => {
    const spool = openSpool()
    await append(spool, 1)
    spool.close()
    const [name = ''] = closed()
    expect(fs.statSync(path.join(directory, name)).mode & 0o777).toBe(0o600)
    expect(fs.statSync(directory).mode & 0o777).toBe(0o700)
  })

  test('oldest first over all directories, so that no role’s backlog keeps another’s waiting', async () => {
    const observer = openSpool({ directory: path.join(root, 'instance', 'observer') })
    await append(observer, 1)
    observer.close()
    const gate = openSpool()
    await append(gate, 2)
    gate.close()
    const [first] = closedSegments(root)
    // The names alone would put the gate's first.
    const old = new Date(Date.now() - 60_000)
    const ofObserver = closedSegments(root).find(({ file }) => file.includes('observer'))
    fs.utimesSync(ofObserver?.file ?? '', old, old)
    expect(first).toBeDefined()
    expect(closedSegments(root).map(({ file }) => path.basename(path.dirname(file)))).toEqual([
      'observer',
      'gate',
    ])
  })
})

describe('names sort in the order of writing', () => {
  test('also when rows roll segments faster than the spare one is made', async () => {
    const spool = openSpool({ maxSegmentBytes: 1 })
    for (let number = 0; number < 40; number++) {
      await append(spool, number)
      if (number % 3 === 0) await new Promise(setImmediate)
    }
    spool.close()
    expect(numbersIn(directory)).toEqual([...Array(40).keys()])
  })

  test('over restarts, also when the clock was set back or stands still', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 5, 1) })
    for (const [number, timeMs] of [
      Date.UTC(2026, 5, 1),
      Date.UTC(2026, 4, 1),
      Date.UTC(2026, 4, 1),
    ].entries()) {
      vi.setSystemTime(timeMs)
      const spool = openSpool()
      await append(spool, number)
      spool.close()
    }
    expect(numbersIn(directory)).toEqual([0, 1, 2])
  })
})

describe('after a crash', () => {
  test('the empty spare segment is removed, whole rows are kept, a torn tail is cut and counted', () => {
    fs.mkdirSync(directory, { recursive: true })
    const rows = `${JSON.stringify(numberedRow(1))}\n${JSON.stringify(numberedRow(2))}\n`
    fs.writeFileSync(path.join(directory, '1000-000000001.open'), `${rows}{"kind":"inte`)
    fs.writeFileSync(path.join(directory, '1000-000000002.open'), '')
    fs.writeFileSync(path.join(directory, '1000-000000003.open'), '{"kind":')
    const counters = createSpoolCounters()
    openSpool({ counters })
    expect(names()).toEqual(['1000-000000001.ndjson'])
    expect(numbersIn(directory)).toEqual([1, 2])
    expect(counters.tornTails).toBe(2)
  })
})

describe('a spool with a ceiling', () => {
  test('refuses rows beyond it and takes them again once delivery has removed segments', async () => {
    const counters = createSpoolCounters()
    const spool = openSpool({ maxBytes: 3_000, maxSegmentBytes: 1, counters })
    let taken = 0
    await expect(
      (async () => {
        for (; taken < 50; taken++) await append(spool, taken)
      })(),
    ).rejects.toThrow('cannot take this row')
    expect(taken).toBeGreaterThan(3)
    expect(counters.refused).toBe(1)
    expect(numbersIn(directory)).toHaveLength(taken)
    await eventually(() => expect(closed()).toHaveLength(taken))
    for (const name of closed()) fs.unlinkSync(path.join(directory, name))
    await eventually(() => append(spool, 100))
  })

  test('counts what an earlier process left behind', async () => {
    const before = openSpool()
    await append(before, 1, 2_000)
    before.close()
    await expect(append(openSpool({ maxBytes: 2_000 }), 2)).rejects.toThrow('cannot take this row')
  })
})

describe('an orderly stop', () => {
  test.each(['write', 'fsync'] as const)(
    'leaves nothing open and no row behind (%s)',
    async (durability) => {
      const spool = openSpool({ durability, maxSegmentBytes: 5_000 })
      const rows = Array.from({ length: 200 }, (_, number) => append(spool, number))
      spool.close()
      await Promise.all(rows)
      expect(open()).toEqual([])
      expect(numbersIn(directory)).toEqual([...Array(200).keys()])
      await eventually(() => expect(heldFiles()).toHaveLength(0))
      expect(open()).toEqual([])
    },
  )

  test('takes a row that comes too late into a segment of its own', async () => {
    const spool = openSpool()
    await append(spool, 1)
    spool.close()
    await append(spool, 2)
    await eventually(() => expect(open()).toHaveLength(0))
    expect(numbersIn(directory)).toEqual([1, 2])
    await eventually(() => expect(heldFiles()).toHaveLength(0))
  })
})

describe('with fsync', () => {
  /** The disk's flushes, each held until the test lets it end. */
  function holdFlushes(): Array<{ readonly file: string; end(error?: Error): void }> {
    const flushes: Array<{ file: string; end(error?: Error): void }> = []
    vi.spyOn(fs, 'fdatasync').mockImplementation((fd, callback) => {
      flushes.push({
        file: path.parse(fs.readlinkSync(`/proc/self/fd/${fd}`)).name,
        end: (error) => callback(error ?? null),
      })
    })
    return flushes
  }
  const turn = () => new Promise(setImmediate)

  test('a row is confirmed after the flush of its own file, also when the segment rolls while it waits', async () => {
    const flushes = holdFlushes()
    const confirmed: number[] = []
    const spool = openSpool({ durability: 'fsync', maxSegmentBytes: 1_200 })
    const write = async (number: number) => {
      spool.append(numberedRow(number), () => confirmed.push(number))
      await turn()
    }
    await write(1)
    const first = flushes[0]?.file
    // Rows 2 and 3 fill the first segment while its first flush runs; row 4 goes into the next one.
    await write(2)
    await write(3)
    await write(4)
    expect(flushes.map(({ file }) => file)).toEqual([
      first,
      expect.not.stringContaining(first ?? '-'),
    ])
    const [flush1, flush4] = flushes
    flush4?.end()
    expect(confirmed).toEqual([4])
    flush1?.end()
    expect(confirmed).toEqual([4, 1])
    expect(closed()).toEqual([])
    expect(flushes).toHaveLength(3)
    expect(flushes[2]?.file).toBe(first)
    flushes[2]?.end()
    expect(confirmed).toEqual([4, 1, 2, 3])
    await eventually(() => expect(closed()).toContain(`${first}.ndjson`))
    expect(numbersIn(directory)).toEqual([1, 2, 3, 4])
  })

  test('rows that wait for a flush share the next one', async () => {
    const flushes = holdFlushes()
    const spool = openSpool({ durability: 'fsync' })
    let confirmed = 0
    for (let number = 0; number < 50; number++) {
      spool.append(numberedRow(number), () => {
        confirmed += 1
      })
      await turn()
    }
    expect([flushes.length, confirmed]).toEqual([1, 0])
    flushes[0]?.end()
    expect([flushes.length, confirmed]).toEqual([2, 1])
    flushes[1]?.end()
    expect([flushes.length, confirmed]).toEqual([2, 50])
  })

  test('a failed flush is reported to every row that waited, and nothing follows in that file', async () => {
    const flushes = holdFlushes()
    const spool = openSpool({ durability: 'fsync' })
    const answers: Array<[number, string | undefined]> = []
    const write = async (number: number) => {
      spool.append(numberedRow(number), (error) => answers.push([number, error?.message]))
      await turn()
    }
    await write(1)
    await write(2)
    flushes[0]?.end(new Error('EIO'))
    expect(answers).toEqual([
      [1, 'EIO'],
      [2, 'EIO'],
    ])
    await write(3)
    expect(flushes[1]?.file).not.toBe(flushes[0]?.file)
    flushes[1]?.end()
    expect(answers.at(-1)).toEqual([3, undefined])
  })

  test('segments roll under rows that never pause', async () => {
    const spool = openSpool({ durability: 'fsync', maxSegmentAgeMs: 20 })
    let busy = true
    let number = 0
    const load = Promise.all(
      Array.from({ length: 8 }, async () => {
        while (busy) await append(spool, number++)
      }),
    )
    try {
      await eventually(() => expect(closed().length).toBeGreaterThanOrEqual(4))
    } finally {
      busy = false
      await load
    }
    // Whichever segment a row went into: each stands there once.
    expect(numbersIn(directory).sort((one, other) => one - other)).toEqual([
      ...Array(number).keys(),
    ])
  })
})
