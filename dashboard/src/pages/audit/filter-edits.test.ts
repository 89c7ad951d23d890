import { expect, test } from 'vitest'
import {
  excludedOf,
  notValue,
  onlyValue,
  toggledValue,
  wantedOf,
  withoutTerm,
} from './filter-edits.ts'
import { type Filter, termsOf } from './filter-text.ts'

const filters: readonly Filter[] = [
  ['provider', 'openai'],
  ['model', 'a'],
  ['model', '!b'],
]

test('only a value takes the place of all others of its field, and of no other field', () => {
  expect(onlyValue(filters, 'model', 'c')).toEqual([
    ['provider', 'openai'],
    ['model', 'c'],
  ])
})

test('the value that is the only one already stops being asked for', () => {
  expect(onlyValue(onlyValue(filters, 'model', 'c'), 'model', 'c')).toEqual([
    ['provider', 'openai'],
  ])
})

test('a value is wanted or excluded, never both', () => {
  const without = notValue(filters, 'model', 'a')
  expect([wantedOf(without, 'model'), excludedOf(without, 'model')]).toEqual([[], ['b', 'a']])
  const again = toggledValue(without, 'model', 'a')
  expect([wantedOf(again, 'model'), excludedOf(again, 'model')]).toEqual([['a'], ['b']])
})

test('the same again takes it back', () => {
  const twice = (edit: typeof notValue) => edit(edit(filters, 'model', 'c'), 'model', 'c')
  expect(twice(notValue)).toEqual(filters)
  expect(twice(toggledValue)).toEqual(filters)
})

test('what a chip stands for leaves, and nothing else', () => {
  const chips = termsOf(filters.map(([name, value]): Filter => [name, value]))
  const left = chips.map((chip) => withoutTerm(filters, chip).map(([name, value]) => name + value))
  expect(left).toEqual([
    ['modela', 'model!b'],
    ['provideropenai', 'model!b'],
    ['provideropenai', 'modela'],
  ])
})
