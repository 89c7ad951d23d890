import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { leaksOf, readAllBelow } from './everything-written.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const directory = temporaryDirectory()

test('finds what moved to another file while the directory was searched', () => {
  const parts = ['1_1', '2_2'].map((name) => path.join(directory, name))
  for (const part of parts) {
    fs.mkdirSync(part)
    fs.writeFileSync(path.join(part, 'data.bin'), `rows of ${path.basename(part)}`)
  }
  const seen = new Set<string>()
  let merged = false
  const read = readAllBelow(directory, (_file, content) => {
    seen.add(content.toString())
    if (merged) return
    // A merge: the new part is written before the old ones go, after the directory was listed.
    merged = true
    fs.mkdirSync(path.join(directory, '0_merged'))
    fs.writeFileSync(path.join(directory, '0_merged', 'data.bin'), 'rows of both')
    for (const part of parts) fs.rmSync(part, { recursive: true })
  })
  expect([...seen]).toContain('rows of both')
  expect(read).toBe(1)
  expect(leaksOf(['both'], [directory], [])).toEqual({
    leaks: ['0_merged/data.bin: both'],
    searched: 1,
  })
})
