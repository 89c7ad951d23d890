import fs from 'node:fs'
import path from 'node:path'
import { parseSync, type Span, Visitor } from 'oxc-parser'
import { expect, test } from 'vitest'

/*
 * docs/glossary.md lists what is not used. It is looked for in names, comments and titles of tests;
 * in documents, SQL, YAML and Python everywhere.
 */

const ROOT = path.resolve(import.meta.dirname, '..')
const LOOKED_AT = ['src', 'test', 'bench', 'envoy', 'docs']
/** The list itself, and what stays as it was written. */
const SKIPPED = /^(docs\/glossary\.md|CHANGELOG\.md|src\/store\/migrations\/.*)$/
/** Names that earlier builds wrote into rows and files, and where they are read. */
const EARLIER_NAMES = ['witness', 'untold']
const READ_EARLIER_NAMES =
  /^(docs\/operations\.md|src\/evidence\/cost-reason-names\.ts|src\/spool\/evidence-lines(\.test)?\.ts|src\/store\/views\/.*|test\/.*earlier-data-directory.*)$/
const DOCUMENTS = ['.md', '.sql', '.yaml', '.yml', '.py']

/** In lower case, one space between: `maxBytes`, `max_bytes` and `max bytes` are the same. */
function spaced(text: string): string {
  const parts = text.replace(/([a-z0-9])([A-Z])/g, '$1 $2').split(/[^A-Za-z]+/)
  return ` ${parts
    .filter((part) => part !== '')
    .join(' ')
    .toLowerCase()} `
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
  const all = spaced(text)
  return NOT_USED.filter((phrase) => all.includes(` ${phrase} `))
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
].filter((file) => !SKIPPED.test(file))

test('a name is looked at part by part, a text as a whole', () => {
  expect(NOT_USED.length).toBeGreaterThan(20)
  expect(unwanted('keyTold, key_told')).toEqual(['told'])
  expect(unwanted('a room is none of them')).toEqual(['room', 'is none of'])
  expect(unwanted('headroom and passwords')).toEqual([])
})

test('no name, comment, document or title of a test has what the glossary excludes', () => {
  const found = files.flatMap((file) => {
    const isProgram = /\.[cm]?ts$/.test(file)
    if (!isProgram && !DOCUMENTS.includes(path.extname(file))) return []
    const text = fs.readFileSync(path.join(ROOT, file), 'utf8')
    const places = isProgram
      ? inProgram(file, text)
      : text
          .split('\n')
          .flatMap((line, index) => unwanted(line).map((phrase) => ({ position: index, phrase })))
    const excused = READ_EARLIER_NAMES.test(file) ? EARLIER_NAMES : []
    const faults = places.filter(({ phrase }) => !excused.includes(phrase))
    return faults.map(({ position, phrase }) => {
      const line = isProgram ? text.slice(0, position).split('\n').length : position + 1
      return `${file}:${line} ${phrase}`
    })
  })
  expect(found).toEqual([])
}, 60_000)
