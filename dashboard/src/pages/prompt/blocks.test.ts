import fc from 'fast-check'
import { expect, test } from 'vitest'
import { visibleSegments } from '../../parts/visible-segments.ts'
import { BLOCK_SEGMENTS, BLOCK_UNITS, type Block, nextBlock } from './blocks.ts'

function blocksOf(text: string): Block[] {
  const blocks: Block[] = []
  for (let start = 0; start < text.length; start = blocks.at(-1)?.end ?? text.length)
    blocks.push(nextBlock(text, start))
  return blocks
}
const pieces = (text: string) => blocksOf(text).map(({ start, end }) => text.slice(start, end))

test('a short text is one block', () => {
  expect(nextBlock('hello', 0)).toEqual({ start: 0, end: 5, isCut: false })
})

test('blocks end at line ends', () => {
  const text = `${'x'.repeat(99)}\n`.repeat(1000)
  for (const { end, isCut } of blocksOf(text)) {
    expect(text[end - 1]).toBe('\n')
    expect(isCut).toBe(false)
  }
})

test('a line without end is cut between characters as people see them, and says so', () => {
  const family = '👩‍👩‍👧‍👦'
  const text = family.repeat(10_000)
  const blocks = blocksOf(text)
  for (const { start, end } of blocks) expect((end - start) % family.length).toBe(0)
  expect(blocks.slice(0, -1).every(({ isCut }) => isCut)).toBe(true)
  expect(blocks.at(-1)?.isCut).toBe(false)
})

test('a block of many unseen characters is short', () => {
  const text = 'a\u202E'.repeat(10_000)
  for (const piece of pieces(text))
    expect(visibleSegments(piece).length).toBeLessThanOrEqual(BLOCK_SEGMENTS + 1)
})

test('one character longer than a block is cut all the same', () => {
  const text = `a${'\u0301'.repeat(3 * BLOCK_UNITS)}`
  expect(pieces(text).join('')).toBe(text)
  expect(pieces(text).length).toBeGreaterThan(3)
})

const texts = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        'a',
        '\n',
        'é',
        '😀',
        '👩‍👩‍👧‍👦',
        '\u202E',
        '\uD800',
        'مرحبا ',
        'e\u0301',
        '🇩🇪',
      ),
      fc.integer({ min: 1, max: 8_000 }),
    ),
    { maxLength: 5 },
  )
  .map((runs) => runs.map(([piece, times]) => piece.repeat(times)).join(''))

test('the blocks joined are the text, none is empty, too long, or ends within a pair', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const blocks = pieces(text)
      expect(blocks.join('') === text).toBe(true)
      for (const block of blocks) {
        expect(block.length).toBeGreaterThan(0)
        expect(block.length).toBeLessThanOrEqual(BLOCK_UNITS)
      }
      for (const { end } of blocksOf(text).slice(0, -1)) {
        const pair = text.slice(end - 1, end + 1)
        expect(/^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(pair)).toBe(false)
      }
    }),
    { numRuns: 30 },
  )
})
