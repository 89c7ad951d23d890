import fc from 'fast-check'
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { expect, test } from 'vitest'
import { countByBoundedRuns } from './bounded-runs.ts'

const exact = (text: string) => countTokens(text, { disallowedSpecial: new Set<string>() })
const bounded = countByBoundedRuns(exact)

test('ordinary text has as many tokens as it has', () => {
  const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { maxLength: 40 })
  fc.assert(
    fc.property(texts, fc.constantFrom(' ', ', ', '\n', '。'), (texts, separator) => {
      const text = texts.join(separator)
      expect(bounded(text)).toBe(exact(text))
    }),
  )
})

test('a long run is counted by pieces of bounded size, and hardly differs', () => {
  for (const run of ['ab3', '的', '😀', '==', ' \t']) {
    const sizes: number[] = []
    const text = run.repeat(1_000)
    const pieces = countByBoundedRuns((piece) => {
      sizes.push(piece.length)
      return exact(piece)
    })(text)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(193)
    expect(Math.abs(pieces - exact(text))).toBeLessThanOrEqual(sizes.length)
  }
})
