import { expect, test } from 'vitest'
import { csvText, tabText } from './csv.ts'

test('a cell with a comma, a quote or a line end is quoted', () => {
  expect(csvText([['a,b', 'say "hi"', 'two\nlines']])).toBe('"a,b","say ""hi""","two\nlines"\r\n')
})

test('what is not known is an empty cell, and 0 is 0', () => {
  expect(csvText([[null, 0]])).toBe(',0\r\n')
})

test('a text that a spreadsheet would compute is text', () => {
  expect(csvText([['=1+1', '+1', '-1', '@a']])).toBe("'=1+1,'+1,'-1,'@a\r\n")
  expect(tabText([['=1+1']])).toBe("'=1+1")
})

test('a negative number stays a number', () => {
  expect(csvText([[-1.5]])).toBe('-1.5\r\n')
})

test('a tab inside a cell does not begin another one', () => {
  expect(tabText([['a\tb', 'c']])).toBe('a b\tc')
})
