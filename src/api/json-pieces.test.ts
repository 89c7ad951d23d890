import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonPieces } from './json-pieces.ts'

const textOf = (value: unknown) => [...jsonPieces(value)].join('')

test('the pieces are the JSON of the value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 2 }), fc.string({ unit: 'binary' }), (value, text) => {
      expect(JSON.parse(textOf({ value, text, left: undefined }))).toEqual(
        JSON.parse(JSON.stringify({ value, text })),
      )
    }),
  )
})

test('a long text comes in short pieces, and is whole again wherever a pair is cut', () => {
  const text = `a${'😀'.repeat(200_000)}${'\u0001'.repeat(200_000)}`
  expect(JSON.parse(textOf({ text }))).toEqual({ text })
  for (const piece of jsonPieces(text)) expect(piece.length).toBeLessThanOrEqual(6 * 65_536)
})
