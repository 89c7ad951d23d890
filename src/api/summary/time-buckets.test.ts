import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { autoBucket, BUCKETS, bucketBegins } from './time-buckets.ts'

const begins = (from: string, to: string, bucket: (typeof BUCKETS)[number], zone: string) =>
  bucketBegins({ fromMs: Date.parse(from), toMs: Date.parse(to) }, bucket, zone, 1_000)?.map((ms) =>
    new Date(ms).toISOString().replace(':00.000Z', 'Z'),
  )

describe('buckets of a range', () => {
  test.each([
    // 25 hours on the day on which the clock is put back, 23 on that on which it is put forward.
    [
      'Europe/Berlin',
      '2026-10-23T22:00Z',
      '2026-10-26T23:00Z',
      ['2026-10-23T22:00Z', '2026-10-24T22:00Z', '2026-10-25T23:00Z'],
    ],
    [
      'Europe/Berlin',
      '2026-03-28T23:00Z',
      '2026-03-30T22:00Z',
      ['2026-03-28T23:00Z', '2026-03-29T22:00Z'],
    ],
    [
      'Asia/Kathmandu',
      '2026-05-01T18:15Z',
      '2026-05-03T00:00Z',
      ['2026-05-01T18:15Z', '2026-05-02T18:15Z'],
    ],
    [
      'America/St_Johns',
      '2026-07-01T00:00Z',
      '2026-07-02T03:00Z',
      ['2026-07-01T00:00Z', '2026-07-01T02:30Z', '2026-07-02T02:30Z'],
    ],
    // No midnight: the clock is put forward at 0:00.
    [
      'America/Santiago',
      '2026-09-05T04:00Z',
      '2026-09-07T03:00Z',
      ['2026-09-05T04:00Z', '2026-09-06T04:00Z'],
    ],
    ['UTC', '2026-05-01T10:00Z', '2026-05-02T10:00Z', ['2026-05-01T10:00Z', '2026-05-02T00:00Z']],
  ])('are the days of %s', (zone, from, to, expected) => {
    expect(begins(from, to, '1d', zone)).toEqual(expected)
  })

  test('weeks begin on Monday, months on the first', () => {
    expect(begins('2026-05-01T00:00Z', '2026-05-18T00:00Z', '1w', 'UTC')).toEqual([
      '2026-05-01T00:00Z',
      '2026-05-04T00:00Z',
      '2026-05-11T00:00Z',
    ])
    expect(begins('2026-01-31T12:00Z', '2026-03-02T00:00Z', '1mo', 'Asia/Tokyo')).toEqual([
      '2026-01-31T12:00Z',
      '2026-01-31T15:00Z',
      '2026-02-28T15:00Z',
    ])
  })

  test('hours are those of the clock, at a quarter past in Nepal', () => {
    expect(begins('2026-05-01T10:20Z', '2026-05-01T12:15Z', '1h', 'Asia/Kathmandu')).toEqual([
      '2026-05-01T10:20Z',
      '2026-05-01T11:15Z',
    ])
    expect(
      begins('2026-04-04T13:00Z', '2026-04-04T17:00Z', '1h', 'Australia/Lord_Howe'),
    ).toHaveLength(5)
  })

  test('ascend and stay in the range, in any zone, for any range', () => {
    const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'), 'UTC')
    fc.assert(
      fc.property(
        zones,
        fc.constantFrom(...BUCKETS),
        fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2080, 0) }),
        fc.integer({ min: 1, max: 40 * 86_400_000 }),
        (zone, bucket, fromMs, lengthMs) => {
          const toMs = fromMs + lengthMs
          const found = bucketBegins({ fromMs, toMs }, bucket, zone, 5_000) ?? []
          expect(found[0]).toBe(fromMs)
          expect(found.at(-1)).toBeLessThan(toMs)
          expect(found.every((ms, n) => n === 0 || ms > (found[n - 1] ?? 0))).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('more than asked for are none', () => {
    expect(bucketBegins({ fromMs: 0, toMs: 86_400_000 }, '15m', 'UTC', 96)).toHaveLength(96)
    expect(bucketBegins({ fromMs: 0, toMs: 86_400_001 }, '15m', 'UTC', 96)).toBeNull()
    expect(bucketBegins({ fromMs: 0, toMs: 8e15 }, '1mo', 'UTC', 1_000)).toBeNull()
  })

  test('auto is a quarter for a day, an hour for a week, a day for a month, a week for a year', () => {
    const days = (count: number) => autoBucket({ fromMs: 0, toMs: count * 86_400_000 })
    expect([1, 7, 30, 365, 3_650].map(days)).toEqual(['15m', '1h', '1d', '1w', '1mo'])
  })
})
