import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parseSync } from '@swc/core'
import { check } from 'recheck'
import { expect, test } from 'vitest'

interface Expression {
  readonly file: string
  readonly pattern: string
  readonly flags: string
}

const root = path.resolve(import.meta.dirname, '..')
/**
 * Where expressions are built while running: out of the project's own tables, and of the pinned
 * price book.
 */
const BUILDERS = [
  'src/pricing/model-name.ts',
  'src/providers/openai/endpoint-list.ts',
  'src/providers/openai/prices.ts',
]

test('no expression takes more time than grows with its input, whatever the input', {
  timeout: 600_000,
}, async () => {
  const expressions = sources().flatMap(literalsOf)
  expect(expressions.length).toBeGreaterThan(100)
  const vulnerable: string[] = []
  for (const { file, pattern, flags } of expressions) {
    const found = await check(pattern, flags, { timeout: 90_000 })
    if (found.status !== 'safe') vulnerable.push(`${file} /${pattern}/${flags} ${found.status}`)
  }
  expect(vulnerable).toEqual([])
})

test('expressions are written down, not built out of what is read', () => {
  const built = sources().filter((file) =>
    /new RegExp\(/.test(readFileSync(path.join(root, file), 'utf8')),
  )
  expect(built).toEqual(BUILDERS)
})

function sources(): string[] {
  const listed = execFileSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', 'src', 'envoy'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  )
  return listed
    .split('\n')
    .filter(
      (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.includes('/fixtures/'),
    )
}

function literalsOf(file: string): Expression[] {
  const found: Expression[] = []
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    if ('type' in node && node.type === 'RegExpLiteral' && 'pattern' in node && 'flags' in node)
      found.push({ file, pattern: String(node.pattern), flags: String(node.flags) })
    for (const child of Object.values(node)) visit(child)
  }
  visit(
    parseSync(readFileSync(path.join(root, file), 'utf8'), {
      syntax: 'typescript',
      target: 'es2022',
    }),
  )
  return found
}
