import fc from 'fast-check'
import { expect, test } from 'vitest'
import { printable, textTable } from './text-table.ts'

test('what a stranger sent is shown and not obeyed by a terminal', () => {
  const model = '\u001b]0;title\u0007\u001b[2Kgpt\u009b31m\u202e4o\nnext line'
  const table = textTable(['model'], [[model]])
  expect(table).toContain('\\u001b]0;title\\u0007\\u001b[2Kgpt\\u009b31m\\u202e4o\\u000anext line')
  expect(table.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
})

test('ordinary text stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => {
      expect(printable(text)).toBe(text)
    }),
  )
  expect(printable('é 株 😀')).toBe('é 株 😀')
})
