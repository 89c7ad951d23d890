import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { JsonStringText } from './string-text.ts'

function decode(bytes: Buffer, cuts: readonly number[]): string {
  const decoder = new JsonStringText()
  let text = ''
  const encoded: Buffer[] = []
  let at = 0
  for (let turn = 0; at < bytes.length; turn++) {
    const end = Math.min(bytes.length, at + (cuts[turn % cuts.length] ?? 1))
    const piece = decoder.write(bytes, at, end, end === bytes.length)
    text += piece
    encoded.push(Buffer.from(piece))
    at = end
  }
  // A piece by itself is hashed as UTF-8: none may end within a pair of surrogates.
  expect(Buffer.concat(encoded).equals(Buffer.from(text))).toBe(true)
  return text
}

const cuts = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 })
const letters = fc.constantFrom(
  'a',
  'é',
  '€',
  '😀',
  '\\\\',
  '\\"',
  '\\n',
  '\\/',
  '\\ud83d\\ude00',
  '\\u00e9',
  '\\uD83D',
  '\\uDE00',
  '\\\\u0041',
  '\\\\\\\\',
)

describe('the text of a JSON string', () => {
  test('is what JSON.parse makes of it, wherever it is cut', () => {
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 30 }), cuts, (raw, sizes) => {
        const json = raw.join('')
        expect(decode(Buffer.from(json), sizes)).toBe(JSON.parse(`"${json}"`))
      }),
      { numRuns: 2_000 },
    )
  })

  test('does not depend on the cuts where it is damaged', () => {
    const damaged = fc.array(
      fc.oneof(letters, fc.constantFrom('\n', '\\x', '\\u12', '\\u', '\t')),
      { maxLength: 20 },
    )
    fc.assert(
      fc.property(damaged, cuts, (raw, sizes) => {
        const bytes = Buffer.from(raw.join(''))
        expect(decode(bytes, sizes)).toBe(decode(bytes, [bytes.length]))
      }),
      { numRuns: 1_000 },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), cuts, (raw, sizes) => {
        const bytes = Buffer.from(raw)
        expect(decode(bytes, sizes)).toBe(decode(bytes, [bytes.length]))
      }),
      { numRuns: 1_000 },
    )
  })
})
