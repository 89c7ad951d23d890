import fs from 'node:fs'
import path from 'node:path'
import { Command } from 'commander'
import { parseSync, Visitor } from 'oxc-parser'
import { describe, expect, test } from 'vitest'
import { addOtherCommands } from './commands.ts'
import { createProgram } from './program.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
/** Names of secrets and hashes, which no one reads. */
const LABELS = ['flint keys', 'flint envoy log line\n']
const SERVING_ALONE = ['up', 'migrate', 'gate', 'observer', 'delivery', 'api', 'envoy']
const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md']

const program = await createProgram('dist/flint/main.js')
const names = program.commands.map((command) => command.name())
/** `flint keys` and the like, with what stands before and after. */
const NAMED = new RegExp(`(npx )?\\bflint ((?:${names.join('|')})\\b(?: [a-z][a-z-]*)?)`, 'g')

/** Texts of a program that people may read: strings and templates, not comments. */
function textsOf(file: string): string[] {
  const texts: string[] = []
  const visitor = new Visitor({
    Literal: ({ value }) =>
      void (typeof value === 'string' && !LABELS.includes(value) && texts.push(value)),
    TemplateElement: ({ value }) => void texts.push(value.raw),
  })
  visitor.visit(parseSync(file, fs.readFileSync(path.join(ROOT, file), 'utf8')).program)
  return texts
}

const filesBelow = (folder: string) =>
  fs
    .readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))

const sources = ['src', 'envoy']
  .flatMap(filesBelow)
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
const documents = [
  ...DOCUMENTS,
  ...fs.readdirSync(path.join(ROOT, 'docs')).map((name) => path.join('docs', name)),
].filter((file) => file.endsWith('.md'))

const named = [
  ...sources.flatMap((file) => textsOf(file).map((text) => ({ file, text }))),
  ...documents.map((file) => ({ file, text: fs.readFileSync(path.join(ROOT, file), 'utf8') })),
].flatMap(({ file, text }) =>
  // A command may be broken over two lines of prose.
  [...text.replace(/\s+/g, ' ').matchAll(NAMED)].map(([whole, npx, command = '']) => ({
    file,
    whole,
    command: command.split(' '),
    canBeTyped: npx !== undefined,
  })),
)

/** Whether a second name after a command is one of its own. */
function isCommand([first, second]: readonly string[]): boolean {
  const command = program.commands.find((known) => known.name() === first)
  if (command === undefined) return false
  return command.commands.length === 0 || second === undefined || hasCommand(command, second)
}

function hasCommand(command: Command, name: string): boolean {
  return command.commands.some((known) => known.name() === name)
}

test('each command is there when it is typed, with no other file but its own', async () => {
  for (const name of names) {
    const alone = new Command()
    await addOtherCommands(alone, name)
    const found = alone.commands.map((command) => command.name())
    // Those that serve are added elsewhere; asked for one of them, all others are there.
    if (found.length < 10) expect(found).toContain(name)
    else expect(SERVING_ALONE).toContain(name)
  }
})

describe('a command in a message, in help or in a document', () => {
  test('stands as it is typed: npx flint …', () => {
    expect(named.length).toBeGreaterThan(40)
    expect(named.filter(({ canBeTyped }) => !canBeTyped)).toEqual([])
  })

  test('exists', () => {
    const inCode = named.filter(({ file }) => file.endsWith('.ts'))
    expect(inCode.length).toBeGreaterThan(8)
    expect(inCode.filter(({ command }) => !isCommand(command))).toEqual([])
  })

  test('is what the help of the program calls itself', () => {
    for (const command of [program, ...program.commands])
      expect(command.helpInformation()).toMatch(/^Usage: npx flint /)
  })
})
