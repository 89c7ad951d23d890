import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitSpans } from './summary-sources.ts'

const QUARTER = 900_000

test('quarters that a border cuts or that were touched come from the records, all others do not', () => {
  expect(
    splitSpans(
      { fromMs: QUARTER - 1, toMs: 9 * QUARTER },
      [QUARTER - 1, 5 * QUARTER, 7 * QUARTER + 1],
      [2 * QUARTER, 3 * QUARTER],
    ),
  ).toEqual({
    records: [
      { fromMs: QUARTER - 1, toMs: QUARTER },
      { fromMs: 2 * QUARTER, toMs: 4 * QUARTER },
      { fromMs: 7 * QUARTER, toMs: 8 * QUARTER },
    ],
    rolled: [
      { fromMs: QUARTER, toMs: 2 * QUARTER },
      { fromMs: 4 * QUARTER, toMs: 7 * QUARTER },
      { fromMs: 8 * QUARTER, toMs: 9 * QUARTER },
    ],
  })
})

test('every moment of a range is in one span, whole quarters alone in the rollup, and spans are few', () => {
  const moment = fc.integer({ min: 0, max: 60 * QUARTER })
  fc.assert(
    fc.property(
      moment,
      moment,
      fc.array(moment, { maxLength: 8 }),
      fc.array(fc.nat(60).map((n) => n * QUARTER)),
      fc.integer({ min: 1, max: 5 }),
      (a, b, cuts, touched, maxSpans) => {
        const range = { fromMs: Math.min(a, b), toMs: Math.max(a, b) }
        const { rolled, records } = splitSpans(range, cuts, touched, maxSpans)
        const all = [...rolled, ...records].toSorted((x, y) => x.fromMs - y.fromMs)
        expect(all.reduce((sum, span) => sum + span.toMs - span.fromMs, 0)).toBe(
          range.toMs - range.fromMs,
        )
        expect(all.every(({ fromMs }, n) => fromMs === (all[n - 1]?.toMs ?? range.fromMs))).toBe(
          true,
        )
        expect(all.every(({ fromMs, toMs }) => fromMs < toMs)).toBe(true)
        expect(records.length).toBeLessThanOrEqual(maxSpans)
        for (const { fromMs, toMs } of rolled) {
          expect([fromMs % QUARTER, toMs % QUARTER]).toEqual([0, 0])
          expect(touched.some((ms) => ms >= fromMs && ms < toMs)).toBe(false)
          const isCut = (ms: number) => ms % QUARTER !== 0 && ms > fromMs && ms < toMs
          expect(cuts.some(isCut)).toBe(false)
        }
      },
    ),
  )
})
