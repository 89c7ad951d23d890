import fc from 'fast-check'
import { expect, test } from 'vitest'
import { visibleSegments } from './visible-segments.ts'

const shown = (text: string) =>
  visibleSegments(text)
    .map((segment) => (segment.unseen === null ? segment.text : `⟨${segment.unseen}⟩`))
    .join('')

test.each([
  ['a bidi override', 'user\u202Eexe.txt', 'user⟨U+202E⟩exe.txt'],
  ['isolates', '\u2066a\u2069', '⟨U+2066⟩a⟨U+2069⟩'],
  ['zero-width characters', 'pass\u200Bword\uFEFF', 'pass⟨U+200B⟩word⟨U+FEFF⟩'],
  ['text hidden in tags', 'hi\u{E0068}\u{E0069}', 'hi⟨U+E0068⟩⟨U+E0069⟩'],
  ['C0 and C1 controls', 'a\0b\u001B[31m\u0085', 'a⟨U+0000⟩b⟨U+001B⟩[31m⟨U+0085⟩'],
  ['half of a pair', 'a\uD800b', 'a⟨U+D800⟩b'],
  ['a carriage return alone', 'good\rbad', 'good⟨U+000D⟩bad'],
  ['a line separator', 'a\u2028b', 'a⟨U+2028⟩b'],
  ['a filler', 'a\u3164b', 'a⟨U+3164⟩b'],
  ['a joiner between letters', 'a\u200Db', 'a⟨U+200D⟩b'],
  ['several of one kind, as one', '\u200B\u200B\u200Bx\u200B', '⟨U+200B ×3⟩x⟨U+200B⟩'],
  ['a row of variation selectors', '😀\uFE00\uFE01\uFE02', '😀\uFE00⟨U+FE01⟩⟨U+FE02⟩'],
])('shows %s', (_, text, expected) => {
  expect(shown(text)).toBe(expected)
})

test.each([
  ['tabs and line ends', 'a\tb\nc\r\nd'],
  ['a family of emoji', '👩‍👩‍👧‍👦 and 🏳️‍🌈 and 👩🏽‍🚀'],
  ['a heart in colour', '❤️'],
  ['letters of any script', 'مرحبا 你好 नमस्ते é'],
])('leaves %s as one piece', (_, text) => {
  expect(visibleSegments(text)).toEqual([{ text, unseen: null }])
})

const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\u202E', '\u200D', '\uFE0F', '\r', '\n', '😀', '\u{E0041}', '\uD83D', 'a'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
})

test('the segments joined are the text, and no two of a kind stand side by side', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const segments = visibleSegments(text)
      expect(segments.map((segment) => segment.text).join('')).toBe(text)
      for (const [at, segment] of segments.entries()) {
        expect(segment.text).not.toBe('')
        if (segment.unseen === null) expect(segments[at + 1]?.unseen).not.toBe(null)
      }
    }),
  )
})

test('no bidi control is left in what is shown as it is', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const left = visibleSegments(text).filter(({ unseen }) => unseen === null)
      for (const segment of left) expect(segment.text).not.toMatch(/[\u202A-\u202E\u2066-\u2069\0]/)
    }),
  )
})
