import fs from 'node:fs'
import path from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { numberedRow, numbersIn } from './sample-rows.ts'
import { adoptDeadDirectories, closedSegments } from './segment-files.ts'
import { SegmentSpool } from './segment-spool.ts'

let root: string
beforeEach(() => {
  root = temporaryDirectory()
})

const line = (number: number) => `${JSON.stringify(numberedRow(number, 50))}\n`
/** What a process leaves that was killed while it wrote. */
function killed(instance: string, role: string, content: string): string {
  const directory = path.join(root, instance, role)
  fs.mkdirSync(directory, { recursive: true })
  fs.writeFileSync(path.join(directory, '1-000000001.open'), content)
  return directory
}

test('the directory of a dead instance is delivered: its torn tail is cut and counted, its whole rows stay', () => {
  const dead = killed('dead', 'observer', line(1) + line(2) + line(3).slice(0, 20))
  const empty = killed('dead', 'gate', '')
  expect(closedSegments(root)).toEqual([])
  expect(adoptDeadDirectories(root, 'living')).toEqual({ tornTails: 1 })
  expect(numbersIn(dead)).toEqual([1, 2])
  expect(fs.readdirSync(empty)).toEqual([])
  expect(closedSegments(root)).toHaveLength(1)
  expect(adoptDeadDirectories(root, 'living')).toEqual({ tornTails: 0 })
})

test('what a living instance writes just now is left alone', () => {
  const directory = path.join(root, 'living', 'gate')
  const spool = new SegmentSpool({ directory })
  spool.append(numberedRow(1, 50), () => {})
  killed('dead', 'gate', line(7))
  adoptDeadDirectories(root, 'living')
  expect(fs.readdirSync(directory).filter((name) => name.endsWith('.open'))).not.toEqual([])
  spool.append(numberedRow(2, 50), () => {})
  spool.close()
  expect(numbersIn(directory)).toEqual([1, 2])
})

test('without any spool there is nothing to adopt', () => {
  expect(adoptDeadDirectories(path.join(root, 'nowhere'), 'living')).toEqual({ tornTails: 0 })
})
