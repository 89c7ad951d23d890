import { expect, test } from 'vitest'
import { bucketOf, bucketsFor } from './bucket.ts'

const HOUR_MS = 3_600_000
const last = (hours: number) => ({ fromMs: 0, toMs: hours * HOUR_MS })

test('a bar fits the range: quarters of some hours, hours of a day, days of a month', () => {
  const chosen = [1, 24, 7 * 24, 90 * 24, 365 * 24, 3 * 365 * 24].map((h) =>
    bucketOf(null, last(h)),
  )
  expect(chosen).toEqual(['15m', '1h', '1d', '1d', '1w', '1mo'])
})

test('a bar that a link asks for is taken where the range can be shown with it', () => {
  expect(bucketOf('1h', last(7 * 24))).toBe('1h')
  expect(bucketOf('15m', last(90 * 24))).toBe('1d')
  expect(bucketOf('3 weeks', last(24))).toBe('1h')
})

test('there is always a bar to choose', () => {
  expect(bucketsFor(last(0.1))).toEqual(['15m'])
  expect(bucketsFor(last(24))).toEqual(['15m', '1h'])
})
