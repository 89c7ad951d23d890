import fs from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { numberedRow, numbersIn } from './sample-rows.ts'
import { type Durability, SegmentSpool } from './segment-spool.ts'
import { createSpoolCounters } from './spool-counters.ts'

/** What the disk does with the next operation of a kind. */
type Fault = 'none' | 'EIO' | 'ENOSPC' | 'half'

afterEach(() => vi.restoreAllMocks())

/** As delivery reads: a half row at a segment's end, which a disk did not take back, is none. */
function wholeRows(directory: string): number[] {
  for (const name of fs.readdirSync(directory)) {
    const file = path.join(directory, name)
    const content = fs.readFileSync(file)
    fs.truncateSync(file, content.lastIndexOf(0x0a) + 1)
  }
  return numbersIn(directory)
}

const failure = (code: string) => Object.assign(new Error(`${code}: the disk`), { code })

/**
 * The real disk, with faults in front of it: half of a write reaches it before the error, as at the
 * end of a disk.
 */
function faultyDisk(next: (operation: string) => Fault): void {
  const real = {
    writeSync: fs.writeSync,
    openSync: fs.openSync,
    ftruncateSync: fs.ftruncateSync,
    fdatasync: fs.fdatasync,
    rename: fs.rename,
  }
  const write = (fd: number, bytes: Buffer, offset = 0) => {
    const fault = next('write')
    const half = (bytes.length - offset) >> 1
    if (fault === 'half' && half > 0) real.writeSync(fd, bytes, offset, half)
    if (fault !== 'none') throw failure(fault === 'half' ? 'ENOSPC' : fault)
    return real.writeSync(fd, bytes, offset)
  }
  vi.spyOn(fs, 'writeSync').mockImplementation(write as never)
  vi.spyOn(fs, 'openSync').mockImplementation(((...args: Parameters<typeof fs.openSync>) => {
    const fault = args[1] === 'ax' ? next('open') : 'none'
    if (fault !== 'none') throw failure(fault === 'half' ? 'EIO' : fault)
    return real.openSync(...args)
  }) as never)
  vi.spyOn(fs, 'ftruncateSync').mockImplementation((fd, length) => {
    const fault = next('truncate')
    if (fault !== 'none') throw failure('EIO')
    real.ftruncateSync(fd, length)
  })
  vi.spyOn(fs, 'fdatasync').mockImplementation((fd, done) => {
    const fault = next('flush')
    if (fault !== 'none') setImmediate(() => done(failure('EIO')))
    else real.fdatasync(fd, done)
  })
  vi.spyOn(fs, 'rename').mockImplementation(((
    from: fs.PathLike,
    to: fs.PathLike,
    done: (error: NodeJS.ErrnoException | null) => void,
  ) => {
    const fault = next('rename')
    if (fault !== 'none') setImmediate(() => done(failure('EIO')))
    else real.rename(from, to, done)
  }) as never)
}

const faults = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant<Fault>('none') },
    { weight: 1, arbitrary: fc.constantFrom<Fault>('EIO', 'ENOSPC', 'half') },
  ),
  { minLength: 5, maxLength: 60 },
)

test.each(['write', 'fsync'] as const)(
  'a disk that fails at any moment crashes nothing, and what was confirmed is there once and whole (%s)',
  async (durability: Durability) => {
    await fc.assert(
      fc.asyncProperty(faults, async (planned) => {
        const directory = temporaryDirectory()
        const counters = createSpoolCounters()
        const plan = [...planned]
        const spool = new SegmentSpool({
          directory,
          durability,
          counters,
          maxSegmentAgeMs: 1,
          maxSegmentBytes: 2_000,
        })
        faultyDisk(() => plan.shift() ?? 'none')
        const confirmed: number[] = []
        const rows = Array.from(
          { length: 30 },
          (_, number) =>
            new Promise<void>((resolve) => {
              setTimeout(
                () =>
                  spool.append(numberedRow(number, 300), (error) => {
                    if (!error) confirmed.push(number)
                    resolve()
                  }),
                number >> 2,
              )
            }),
        )
        await Promise.all(rows)
        vi.restoreAllMocks()
        spool.close()
        // What the next start finds, with what a failed rename or an unfinished cut left behind.
        new SegmentSpool({ directory }).close()
        const stored = wholeRows(directory)
        expect(new Set(stored).size).toBe(stored.length)
        expect(confirmed.filter((number) => !stored.includes(number))).toEqual([])
        expect(counters.refused + confirmed.length).toBeLessThanOrEqual(30)
      }),
      { numRuns: 60 },
    )
  },
)
