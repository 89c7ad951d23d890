import { expect, test } from 'vitest'
import { type Command, matching } from './commands.ts'

const commands: readonly Command[] = [
  { kind: 'Action', label: 'Sign out', act: () => {} },
  { kind: 'Page', label: 'Audit', href: '/ui/audit' },
  { kind: 'Calls of model', label: 'gpt-4o', href: '/ui/audit?model=gpt-4o' },
  { kind: 'Calls of key', label: 'audit-bot', href: '/ui/audit?keyId=key_1' },
]
const labels = (text: string, limit = 10) =>
  matching(commands, text, limit).map(({ label }) => label)

test('each part of the text must be in the name or the kind of a command', () => {
  expect(labels('model 4o')).toEqual(['gpt-4o'])
  expect(labels('gpt sign')).toEqual([])
})

test('names that begin with the text come first, upper and lower case are one', () => {
  expect(labels('AU')).toEqual(['Audit', 'audit-bot'])
  expect(labels('out')).toEqual(['Sign out'])
})

test('without text all are there, as many as are shown', () => {
  expect(labels('', 2)).toHaveLength(2)
})
