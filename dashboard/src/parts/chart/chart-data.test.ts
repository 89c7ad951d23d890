import { expect, test } from 'vitest'
import { type ChartSeries, highest, niceMaximum, stackOf } from './chart-data.ts'

const series = (values: (number | null)[]): ChartSeries => ({
  key: String(values),
  label: '',
  colour: '--series-1',
  values,
})
const buckets = [
  { fromMs: 0, toMs: 1 },
  { fromMs: 1, toMs: 2 },
]

test('a stack is not known only where none of its values is', () => {
  const data = { series: [series([1, null]), series([null, null])] }
  expect(stackOf(data, 0)).toBe(1)
  expect(stackOf(data, 1)).toBeNull()
})

test('bars are as high as their stack, lines as their highest point', () => {
  const all = { buckets, isLastOpen: false, series: [series([1, 5]), series([3, 1])] }
  expect(highest({ ...all, kind: 'bars' })).toBe(6)
  expect(highest({ ...all, kind: 'lines' })).toBe(5)
})

test('the top of an axis is round and not below what it shows', () => {
  expect([0, 0.011, 7, 45, 66, 100, 940].map(niceMaximum)).toEqual([1, 0.012, 8, 60, 80, 120, 1200])
})
