import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, expect, test } from 'vitest'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { numbersIn } from './sample-rows.ts'
import { type Durability, SegmentSpool } from './segment-spool.ts'
import { createSpoolCounters } from './spool-counters.ts'

const built = path.resolve(import.meta.dirname, '../../dist/src/spool')

/** Appends rows in uneven bursts forever and says the number of each row once it is confirmed. */
const WRITER = `
  const [spoolUrl, rowsUrl, directory, durability, first] = process.argv.slice(1)
  const [{ SegmentSpool }, { numberedRow }, { writeSync }] = await Promise.all([import(spoolUrl), import(rowsUrl), import('node:fs')])
  const spool = new SegmentSpool({ directory, durability, maxSegmentAgeMs: 5, maxSegmentBytes: 20_000 })
  let number = Number(first)
  const burst = () => {
    for (let rows = 1 + Math.floor(Math.random() * 20); rows > 0; rows--) {
      const mine = number++
      spool.append(numberedRow(mine, Math.floor(Math.random() * 2_000)), (error) => {
        if (!error) writeSync(1, mine + '\\n')
      })
    }
    setTimeout(burst, Math.random() * 3)
  }
  burst()
`

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** Lets a writer work until `rows` are confirmed, kills it and returns what was confirmed. */
async function writeAndKill(
  directory: string,
  durability: Durability,
  first: number,
  rows: number,
): Promise<number[]> {
  const modules = ['segment-spool.js', 'sample-rows.js'].map((name) => path.join(built, name))
  const args = [
    '--input-type=module',
    '-e',
    WRITER,
    ...modules,
    directory,
    durability,
    String(first),
  ]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const confirmed: number[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    confirmed.push(Number(line))
    if (confirmed.length === rows) child.kill('SIGKILL')
  }
  return confirmed
}

test.each(['write', 'fsync'] as const)(
  'every confirmed row is there exactly once after kill -9 at any moment (%s)',
  async (durability) => {
    const directory = temporaryDirectory()
    const confirmed: number[] = []
    const counters = createSpoolCounters()
    for (let round = 0; round < 12; round++) {
      confirmed.push(
        ...(await writeAndKill(
          directory,
          durability,
          round * 100_000,
          1 + Math.floor(Math.random() * 400),
        )),
      )
      new SegmentSpool({ directory, counters }).close()
      expect(fs.readdirSync(directory).filter((name) => name.endsWith('.open'))).toEqual([])
    }
    const stored = numbersIn(directory)
    expect(confirmed.length).toBeGreaterThan(100)
    expect(new Set(stored).size).toBe(stored.length)
    const present = new Set(stored)
    expect(confirmed.filter((number) => !present.has(number))).toEqual([])
    // Names sort in the order of writing, over all those restarts.
    expect(stored).toEqual([...stored].sort((one, other) => one - other))
  },
)
