import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../config/package-root.ts'

const SOURCES = [...filesOf('src/doctor'), 'src/cli/doctor.ts', 'src/cli/look-at-proxy.ts']

function filesOf(folder: string): readonly string[] {
  return fs
    .readdirSync(path.join(packageRoot(), folder))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => path.join(folder, name))
}

const read = (file: string) => fs.readFileSync(path.join(packageRoot(), file), 'utf8')

test('each check stands in docs/operations.md', () => {
  const table = read('docs/operations.md')
  // The name is the first thing said of a finding, or is given a name of its own before.
  const names = SOURCES.flatMap((file) =>
    [
      ...read(file).matchAll(
        /(?:ok|warning|problem|unknown)\(\s*'([a-z_.]+)'|check = '([a-z_.]+)'/g,
      ),
    ].map(([, said, named]) => said ?? named ?? ''),
  )
  expect(new Set(names).size).toBeGreaterThan(15)
  expect(
    [...new Set(names)].filter((name) => name !== 'disk' && !table.includes(`\`${name}\``)),
  ).toEqual([])
})
