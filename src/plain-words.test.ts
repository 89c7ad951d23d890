import fs from 'node:fs'
import path from 'node:path'
import { parseSync, type Span, Visitor } from 'oxc-parser'
import { expect, test } from 'vitest'

/*
 * docs/glossary.md lists words that are not used. They are looked for in names, comments and titles
 * of tests; in documents, SQL, YAML and Python everywhere.
 */

const ROOT = path.resolve(import.meta.dirname, '..')
const LOOKED_AT = ['src', 'test', 'bench', 'envoy', 'docs']
const SKIPPED = [
  'docs/glossary.md',
  // What came with a release stays as it was read then.
  'CHANGELOG.md',
]
const DOCUMENTS = ['.md', '.sql', '.yaml', '.yml', '.py']

/** Words of a text in lower case: `keyTold`, `key_told` and `key told` are the same. */
function wordsOf(text: string): string[] {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z]+/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase())
}

const glossary = fs.readFileSync(path.join(ROOT, 'docs/glossary.md'), 'utf8')
const NOT_USED = (glossary.split('| not | but |').at(1) ?? '')
  .split('\n')
  .slice(2)
  .flatMap((row) => (row.split('|').at(1) ?? '').split(','))
  .map((phrase) => phrase.trim())
  .filter((phrase) => phrase !== '')

/** Phrases of the glossary in a text. */
function unwanted(text: string): string[] {
  const spaced = ` ${wordsOf(text).join(' ')} `
  return NOT_USED.filter((phrase) => spaced.includes(` ${phrase} `))
}

interface Found {
  readonly position: number
  readonly phrase: string
}

const TITLED = /^(test|it|describe)\b/

/** Names and comments of a program, and the titles of its tests. */
function inProgram(file: string, text: string): Found[] {
  const { program, comments } = parseSync(file, text)
  const found: Found[] = []
  const look = ({ start, end }: Span) => {
    for (const phrase of unwanted(text.slice(start, end))) found.push({ position: start, phrase })
  }
  const visitor = new Visitor({
    Identifier: look,
    PrivateIdentifier: look,
    CallExpression({ callee, arguments: [title] }) {
      const isTitle = title?.type === 'Literal' || title?.type === 'TemplateLiteral'
      if (isTitle && TITLED.test(text.slice(callee.start, callee.end))) look(title)
    },
  })
  visitor.visit(program)
  comments.forEach(look)
  return found
}

function filesUnder(folder: string): string[] {
  return fs
    .readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
}

const files = [
  ...fs.readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...LOOKED_AT.flatMap(filesUnder),
].filter((file) => !SKIPPED.includes(file))

test('the glossary lists words that are not used', () => {
  expect(NOT_USED).toContain('told')
  expect(unwanted('keyTold, key_told')).toEqual(['told'])
  expect(unwanted('a room is none of them')).toEqual(['room', 'is none'])
  expect(unwanted('headroom and passwords')).toEqual([])
})

test('no name, comment, document or title of a test has a word that the glossary excludes', () => {
  const found = files.flatMap((file) => {
    const isProgram = /\.[cm]?ts$/.test(file)
    if (!isProgram && !DOCUMENTS.includes(path.extname(file))) return []
    const text = fs.readFileSync(path.join(ROOT, file), 'utf8')
    const places = isProgram
      ? inProgram(file, text)
      : text
          .split('\n')
          .flatMap((line, index) => unwanted(line).map((phrase) => ({ position: index, phrase })))
    return places.map(({ position, phrase }) => {
      const line = isProgram ? text.slice(0, position).split('\n').length : position + 1
      return `${file}:${line} ${phrase}`
    })
  })
  expect(found).toEqual([])
}, 60_000)
