import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonLine } from './json-line.ts'

const anyText = fc.string({
  unit: fc.constantFrom(
    '\ud83d',
    '\ude00',
    '\\',
    'ud83d',
    '\\ud83d',
    '"',
    '\u0000',
    'a',
    '😀',
    '\ufffd',
  ),
})

test('a row is one line, equal to itself but for halves of surrogate pairs', () => {
  const rows = fc.record({
    text: anyText,
    tags: fc.dictionary(anyText, anyText),
    list: fc.array(anyText),
  })
  fc.assert(
    fc.property(rows, (row) => {
      const line = jsonLine(row)
      expect(line.endsWith('\n')).toBe(true)
      expect(line.indexOf('\n')).toBe(line.length - 1)
      expect(line.isWellFormed()).toBe(true)
      const { text, list, tags } = JSON.parse(line) as typeof row
      expect(text).toBe(row.text.toWellFormed())
      expect(list).toEqual(row.list.map((item) => item.toWellFormed()))
      for (const [name, value] of Object.entries(tags))
        expect([name.isWellFormed(), value.isWellFormed()]).toEqual([true, true])
    }),
    { numRuns: 1_000 },
  )
})

test('JSON text within a row keeps its escapes, as they were sent', () => {
  const raw = '{"name":"\\ud83d"}'
  expect(JSON.parse(jsonLine({ usage_raw: raw }))).toEqual({ usage_raw: raw })
})
