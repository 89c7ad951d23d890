import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HOUR_MS, settleSlices } from './settle-slices.ts'

test('slices cover exactly the given hours, in order', () => {
  const hours = fc
    .uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 20 })
    .map((all) => all.toSorted((a, b) => a - b))
  fc.assert(
    fc.property(hours, fc.infiniteStream(fc.integer({ min: 1, max: 500 })), (all, rows) => {
      const given = all.map((hour) => ({ hourMs: hour * HOUR_MS, rows: Number(rows.next().value) }))
      const slices = settleSlices(given, 100)
      const minutes = slices.flatMap(({ fromMs, toMs }) =>
        Array.from({ length: (toMs - fromMs) / 60_000 }, (_, n) => fromMs + n * 60_000),
      )
      expect(slices.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)).toBe(
        all.length * HOUR_MS,
      )
      expect(new Set(minutes.map((ms) => Math.floor(ms / HOUR_MS)))).toEqual(new Set(all))
      expect(slices.toSorted((a, b) => a.fromMs - b.fromMs)).toEqual(slices)
    }),
  )
})

test('quiet neighbours share a slice, a gap ends it, a busy hour is cut', () => {
  const hour = (n: number, rows: number) => ({ hourMs: n * HOUR_MS, rows })
  expect(settleSlices([hour(0, 10), hour(1, 20), hour(3, 10), hour(4, 150)], 100)).toEqual([
    { fromMs: 0, toMs: 2 * HOUR_MS },
    { fromMs: 3 * HOUR_MS, toMs: 4 * HOUR_MS },
    { fromMs: 4 * HOUR_MS, toMs: 4.5 * HOUR_MS },
    { fromMs: 4.5 * HOUR_MS, toMs: 5 * HOUR_MS },
  ])
})
