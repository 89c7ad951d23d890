import fc from 'fast-check'
import { expect, test } from 'vitest'
import { indentedJson } from './indented-json.ts'

test('each value has a line, and stays as it was written', () => {
  expect(indentedJson('{"a":[1.50,{"b":{}}],"a":"\\u202e, {","c":[ ]}')).toBe(
    [
      '{',
      '  "a": [',
      '    1.50,',
      '    {',
      '      "b": {}',
      '    }',
      '  ],',
      '  "a": "\\u202e, {",',
      '  "c": []',
      '}',
    ].join('\n'),
  )
})

test('what is no JSON, too large or too deep stays as it is', () => {
  expect(indentedJson('{"a":')).toBe(null)
  expect(indentedJson('hello')).toBe(null)
  expect(indentedJson(`["${'x'.repeat(300_000)}"]`)).toBe(null)
  expect(indentedJson('['.repeat(100) + ']'.repeat(100))).toBe(null)
  expect(indentedJson('['.repeat(100_000) + ']'.repeat(100_000))).toBe(null)
})

test('it means the same as before', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue())),
      (value) => {
        const indented = indentedJson(JSON.stringify(value))
        if (indented !== null)
          expect(JSON.parse(indented)).toEqual(JSON.parse(JSON.stringify(value)))
      },
    ),
  )
})
