import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '../../test/support/eventually.ts'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { numberedRow, numbersIn } from './sample-rows.ts'
import { SegmentSpool, type SegmentSpoolOptions } from './segment-spool.ts'
import { createSpoolCounters, type SpoolCounters } from './spool-counters.ts'

const DISK_BYTES = 1024 * 1024
const RESERVE_BYTES = 128 * 1024
const disk = temporaryDirectory()
const mounted =
  spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'flint-test', disk]).status === 0
afterAll(() => {
  if (mounted) spawnSync('umount', ['-l', disk])
})

let counters: SpoolCounters
let spool: SegmentSpool
const directory = path.join(disk, 'spool')
const others = path.join(disk, 'somebody-elses-file')

beforeEach(() => {
  counters = createSpoolCounters()
})
afterEach(() => {
  spool.close()
  for (const name of fs.readdirSync(disk)) fs.rmSync(path.join(disk, name), { recursive: true })
})

function openSpool(options: Partial<SegmentSpoolOptions> = {}): void {
  spool = new SegmentSpool({ directory, counters, maxSegmentAgeMs: 20, ...options })
}
const append = (number: number) =>
  new Promise<Error | null>((resolve) => {
    spool.append(numberedRow(number, 1_000), resolve)
  })
/** Leaves this much of the disk. */
function fill(leaveBytes: number): void {
  const { bavail, bsize } = fs.statfsSync(disk)
  fs.writeFileSync(others, Buffer.alloc(bavail * bsize - leaveBytes))
}
async function appendUntilRefused(
  from: number,
): Promise<{ readonly taken: number; readonly error: Error }> {
  for (let number = from; ; number++) {
    const error = await append(number)
    if (error) return { taken: number - from, error }
  }
}

describe.skipIf(!mounted)(
  'on a full disk (skipped where a tmpfs cannot be mounted: needs root)',
  () => {
    test('rows are refused with an error, none is torn, and they are taken again once there is space', async () => {
      openSpool()
      fill(30_000)
      const { taken, error } = await appendUntilRefused(0)
      expect(taken).toBeGreaterThan(5)
      expect(error.cause).toMatchObject({ code: 'ENOSPC' })
      expect(await append(1_000)).toBeInstanceOf(Error)
      expect(counters.refused).toBe(2)
      expect(numbersIn(directory)).toEqual([...Array(taken).keys()])
      fs.unlinkSync(others)
      expect(await append(2_000)).toBeNull()
      expect(numbersIn(directory)).toEqual([...Array(taken).keys(), 2_000])
    })

    test('the reserve is given up first, so that intents outlive everything else', async () => {
      openSpool({ reserveBytes: RESERVE_BYTES })
      fill(0)
      const { taken, error } = await appendUntilRefused(0)
      expect(error.cause).toMatchObject({ code: 'ENOSPC' })
      expect(taken).toBeGreaterThan((RESERVE_BYTES * 0.7) / 1_400)
      expect(counters).toMatchObject({ reserveReleased: 1, refused: 1, rows: taken })
      expect(numbersIn(directory)).toEqual([...Array(taken).keys()])
    })

    test('the reserve is made again once there is space, and serves a second time', async () => {
      openSpool({ reserveBytes: RESERVE_BYTES })
      const reserve = () =>
        fs.statSync(path.join(directory, 'reserve'), { throwIfNoEntry: false })?.size
      fill(0)
      const first = await appendUntilRefused(0)
      fs.unlinkSync(others)
      await eventually(async () => {
        expect(await append(1_000)).toBeNull()
        expect([counters.reserveHeld, reserve()]).toEqual([1, RESERVE_BYTES])
      })
      fill(0)
      const second = await appendUntilRefused(10_000)
      expect(counters.reserveReleased).toBe(2)
      expect(second.taken).toBeGreaterThan((RESERVE_BYTES * 0.7) / 1_400)
      expect(numbersIn(directory)).toHaveLength(counters.rows)
      expect(first.taken + second.taken).toBeLessThan(counters.rows)
    })

    test('prompts end before observations, observations before intents, and what the gate gives up is the gate’s', async () => {
      const open = (name: string, options: Partial<SegmentSpoolOptions>) =>
        new SegmentSpool({ directory: path.join(disk, name), maxSegmentAgeMs: 20, ...options })
      openSpool({ reserveBytes: RESERVE_BYTES })
      const prompts = open('prompts', { leaveFreeBytes: 2 * RESERVE_BYTES })
      const observations = open('observations', { leaveFreeBytes: RESERVE_BYTES })
      const refusals: string[] = []
      const put = (name: string, to: SegmentSpool) =>
        new Promise<void>((resolve) =>
          to.append(numberedRow(1, 1_000), (error) => {
            if (error && !refusals.includes(name)) refusals.push(name)
            resolve()
          }),
        )
      let intents = 0
      for (; !refusals.includes('intents') && intents < 5_000; intents++) {
        await put('prompts', prompts)
        await put('observations', observations)
        await put('intents', spool)
      }
      expect(refusals).toEqual(['prompts', 'observations', 'intents'])
      const free = fs.statfsSync(disk)
      expect(free.bavail * free.bsize).toBeLessThan(RESERVE_BYTES / 4)
      expect(numbersIn(path.join(disk, 'observations')).length).toBeLessThan(
        intents - (RESERVE_BYTES * 1.5) / 1_400,
      )
      prompts.close()
      observations.close()
    })

    test('a row that does not fit even with the reserve leaves no half line behind', async () => {
      openSpool({ reserveBytes: RESERVE_BYTES, maxSegmentAgeMs: 3_600_000 })
      expect(await append(1)).toBeNull()
      fill(4_096)
      const huge = numberedRow(2, RESERVE_BYTES * 2)
      expect(
        await new Promise<Error | null>((resolve) => spool.append(huge, resolve)),
      ).toBeInstanceOf(Error)
      expect(counters.reserveReleased).toBe(1)
      expect(await append(3)).toBeNull()
      expect(numbersIn(directory)).toEqual([1, 3])
    })

    test('a start without space for the reserve is a start without reserve', async () => {
      fs.mkdirSync(directory)
      fill(8_192)
      openSpool({ reserveBytes: RESERVE_BYTES })
      expect(fs.existsSync(path.join(directory, 'reserve'))).toBe(false)
      expect(await append(1)).toBeNull()
    })
  },
)
