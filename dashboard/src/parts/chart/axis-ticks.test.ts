import { expect, test } from 'vitest'
import { axisTicks } from './axis-ticks.ts'

const HOUR_MS = 3_600_000

function hours(from: string, count: number) {
  const firstMs = Date.parse(from)
  return Array.from({ length: count }, (_, n) => ({
    fromMs: firstMs + n * HOUR_MS,
    toMs: firstMs + (n + 1) * HOUR_MS,
  }))
}

test('a day of hours has a label at every third one where six fit', () => {
  const ticks = axisTicks(hours('2026-05-04T00:00Z', 24), 'UTC', 8)
  expect(ticks.map(({ label }) => label)).toEqual([
    '05-04',
    '03:00',
    '06:00',
    '09:00',
    '12:00',
    '15:00',
    '18:00',
    '21:00',
  ])
})

test('labels are round in the zone of the page', () => {
  const ticks = axisTicks(hours('2026-05-03T18:15Z', 24), 'Asia/Kathmandu', 4)
  expect(ticks.map(({ index, label }) => `${index} ${label}`)).toEqual([
    '0 05-04',
    '6 06:00',
    '12 12:00',
    '18 18:00',
  ])
})

test('a bucket that a range begins in the middle of has no label', () => {
  const cut = hours('2026-05-04T00:00Z', 4).map(({ fromMs, toMs }, n) => ({
    fromMs: n === 0 ? fromMs + 1_234 : fromMs,
    toMs,
  }))
  expect(axisTicks(cut, 'UTC', 8).map(({ index }) => index)).toEqual([1, 2, 3])
})

test('many days have a label at every few of them, never more than fit', () => {
  const days = Array.from({ length: 30 }, (_, n) => {
    const fromMs = Date.parse('2026-05-01T00:00Z') + n * 24 * HOUR_MS
    return { fromMs, toMs: fromMs + 24 * HOUR_MS }
  })
  const ticks = axisTicks(days, 'UTC', 8)
  expect(ticks.length).toBeLessThanOrEqual(8)
  expect(ticks.map(({ label }) => label).slice(0, 3)).toEqual(['05-01', '05-05', '05-09'])
})
