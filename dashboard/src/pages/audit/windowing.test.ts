import fc from 'fast-check'
import { expect, test } from 'vitest'
import { drawnRows, STEP } from './windowing.ts'

const lists = fc.record({
  count: fc.nat(6_000),
  rowHeight: fc.constantFrom(28, 32, 40, 56),
  above: fc.integer({ min: -500, max: 250_000 }),
  viewHeight: fc.integer({ min: 0, max: 1_600 }),
})

test('every row that is seen is drawn, and at most 80 with those that stand for the rest', () => {
  fc.assert(
    fc.property(lists, ({ count, rowHeight, above, viewHeight }) => {
      const { first, end } = drawnRows({ count, rowHeight, above, viewHeight })
      expect(first).toBeGreaterThanOrEqual(0)
      expect(end).toBeLessThanOrEqual(count)
      expect(end - first).toBeLessThanOrEqual(78)
      const isSeen = (row: number) =>
        (row + 1) * rowHeight > above && row * rowHeight < above + viewHeight
      for (let row = 0; row < count; row += 1)
        if (isSeen(row)) expect(row >= first && row < end).toBe(true)
    }),
    { numRuns: 300 },
  )
})

test('scrolling within a step draws nothing new', () => {
  const at = (above: number) => drawnRows({ count: 5_000, rowHeight: 32, above, viewHeight: 640 })
  expect(at(STEP * 32 + 1)).toEqual(at(STEP * 32 + 2 * 32))
})
