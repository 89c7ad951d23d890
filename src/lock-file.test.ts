import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

interface LockEntry {
  readonly integrity?: string
  readonly resolved?: string
  readonly link?: boolean
}

const root = path.resolve(import.meta.dirname, '..')
const { packages } = JSON.parse(fs.readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, LockEntry>
}

test('every package is pinned by its hash: no one can put another in its place', () => {
  const unpinned = Object.entries(packages).filter(
    ([name, { integrity }]) => name !== '' && !/^sha512-/.test(integrity ?? ''),
  )
  expect(unpinned.map(([name]) => name)).toEqual([])
})

test('no package is named by an address of its own', () => {
  const addressed = Object.entries(packages).filter(
    ([, { link, resolved }]) => link === true || /^(git|file|http:)/.test(resolved ?? ''),
  )
  expect(addressed.map(([name]) => name)).toEqual([])
})
