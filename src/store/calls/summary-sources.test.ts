import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HOUR, QUARTER } from './rollup-columns.ts'
import { sourcesOf } from './summary-sources.ts'

const MINUTE = 60_000
const at = (time: string) => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return (hours * 60 + minutes) * MINUTE
}
const span = (from: string, to: string) => ({ fromMs: at(from), toMs: at(to) })

test('whole hours, then whole quarters come from sums; what a border cuts or was touched, from the records', () => {
  expect(
    sourcesOf(span('0:50', '9:10'), [at('0:50'), at('6:45')], [at('3:30')], [HOUR, QUARTER]),
  ).toEqual({
    rolled: [
      { grain: HOUR, spans: [span('1:00', '3:00'), span('4:00', '6:00'), span('7:00', '9:00')] },
      {
        grain: QUARTER,
        spans: [span('3:00', '3:30'), span('3:45', '4:00'), span('6:00', '7:00')],
      },
    ],
    records: [span('0:50', '1:00'), span('3:30', '3:45'), span('9:00', '9:10')],
  })
})

test('callers are in no sums of hours', () => {
  expect(sourcesOf(span('0:50', '2:00'), [], [], [QUARTER])).toEqual({
    rolled: [{ grain: QUARTER, spans: [span('1:00', '2:00')] }],
    records: [span('0:50', '1:00')],
  })
})

test('without sums all comes from the records', () => {
  expect(sourcesOf(span('0:50', '2:00'), [], [], [])).toEqual({
    rolled: [],
    records: [span('0:50', '2:00')],
  })
})

test('every moment of a range is in one span, whole hours and quarters alone in sums, and spans are few', () => {
  const moment = fc.integer({ min: 0, max: 60 * QUARTER.lengthMs })
  fc.assert(
    fc.property(
      moment,
      moment,
      fc.array(moment, { maxLength: 8 }),
      fc.array(fc.nat(60).map((n) => n * QUARTER.lengthMs)),
      fc.constantFrom([HOUR, QUARTER], [QUARTER]),
      fc.integer({ min: 1, max: 5 }),
      (a, b, cuts, touched, grains, maxSpans) => {
        const range = { fromMs: Math.min(a, b), toMs: Math.max(a, b) }
        const { rolled, records } = sourcesOf(range, cuts, touched, grains, maxSpans)
        const all = [...rolled.flatMap(({ spans }) => spans), ...records].toSorted(
          (x, y) => x.fromMs - y.fromMs,
        )
        expect(all.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)).toBe(
          range.toMs - range.fromMs,
        )
        expect(all.every(({ fromMs }, n) => fromMs === (all[n - 1]?.toMs ?? range.fromMs))).toBe(
          true,
        )
        expect(all.every(({ fromMs, toMs }) => fromMs < toMs)).toBe(true)
        // What the first grain leaves over is at most maxSpans, each of which is cut as often.
        expect(records.length).toBeLessThanOrEqual(2 * maxSpans)
        for (const { grain, spans } of rolled) {
          for (const { fromMs, toMs } of spans) {
            expect([fromMs % grain.lengthMs, toMs % grain.lengthMs]).toEqual([0, 0])
            expect(touched.some((ms) => ms >= fromMs && ms < toMs)).toBe(false)
            const isCut = (ms: number) => ms % grain.lengthMs !== 0 && ms > fromMs && ms < toMs
            expect(cuts.some(isCut)).toBe(false)
          }
        }
      },
    ),
  )
})
