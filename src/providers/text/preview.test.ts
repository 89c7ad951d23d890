import { describe, expect, test } from 'vitest'
import { previewOf } from './preview.ts'

describe('a preview', () => {
  test.each([
    ['short text', 'Hello', 'Hello'],
    ['plain text', 'a'.repeat(300), 'a'.repeat(100)],
    ['a family', '👩‍👩‍👧‍👦'.repeat(150), '👩‍👩‍👧‍👦'.repeat(100)],
    ['combined accents', 'e\u0301'.repeat(150), 'e\u0301'.repeat(100)],
    ['an accent on the last character', `${'a'.repeat(100)}\u0301b`, `${'a'.repeat(100)}\u0301`],
    ['line ends', '\r\n'.repeat(150), '\r\n'.repeat(100)],
    ['flags', '🇩🇪'.repeat(120), '🇩🇪'.repeat(100)],
  ])('of %s has 100 whole characters', (_, text, preview) => {
    expect(previewOf(text)).toBe(preview)
  })

  test('of one endless character is bounded', () => {
    expect(previewOf(`a${'\u0301'.repeat(100_000)}`).length).toBeLessThanOrEqual(4_096)
    expect(previewOf(`b${`a${'\u0301'.repeat(3_000)}`.repeat(3)}`)).toBe(
      `ba${'\u0301'.repeat(3_000)}`,
    )
  })
})
