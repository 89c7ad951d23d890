import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type DataPaths, dataPaths } from './data-paths.ts'
import { adoptEarlierFileNames } from './earlier-file-names.ts'

let paths: DataPaths
beforeEach(() => {
  paths = dataPaths(fs.mkdtempSync(path.join(os.tmpdir(), 'flint-names-')))
  fs.mkdirSync(paths.run)
})
afterEach(() => fs.rmSync(paths.root, { recursive: true, force: true }))

const leaveEarlier = () => fs.writeFileSync(path.join(paths.run, 'witness-offset.json'), 'earlier')
const offset = () => fs.readFileSync(paths.accessLogOffset, 'utf8')

test('the access log is read on from where an earlier build stopped', () => {
  leaveEarlier()
  adoptEarlierFileNames(paths)
  expect([offset(), fs.readdirSync(paths.run)]).toEqual(['earlier', ['access-log-offset.json']])
})

test('a file of today’s name stays, also when an earlier build ran once more in between', () => {
  fs.writeFileSync(paths.accessLogOffset, 'today')
  leaveEarlier()
  adoptEarlierFileNames(paths)
  expect(offset()).toBe('today')
})

test('a new data directory has nothing to rename', () => {
  adoptEarlierFileNames(paths)
  expect(fs.readdirSync(paths.run)).toEqual([])
})
