import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RecordPart } from '../../api/answers.ts'
import { date } from '../../state/times.ts'
import { callBeside, dayName, rowsOf } from './rows.ts'

const DAY_MS = 86_400_000
const record = (ms: number): RecordPart => ({
  requestId: `id-${ms}`,
  createdAt: new Date(ms).toISOString(),
})
const zones = ['UTC', 'Asia/Kathmandu', 'America/St_Johns', 'Europe/Berlin', 'Pacific/Chatham']

test('each day of the zone is named once, above its first call, and no call is missing', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 4 * DAY_MS }), { maxLength: 40 }),
      fc.constantFrom(...zones),
      (offsets, timeZone) => {
        const times = offsets
          .map((offset) => Date.parse('2026-03-27T00:00:00Z') + offset)
          .toSorted((one, other) => other - one)
        const rows = rowsOf(times.map(record), timeZone)
        expect(rows.flatMap((row) => ('record' in row ? [row.id] : []))).toEqual(
          times.map((ms) => `id-${ms}`),
        )
        let day = ''
        for (const row of rows)
          if ('day' in row) day = row.day
          else expect(date(Date.parse(row.record.createdAt), timeZone)).toBe(day)
        const days = rows.flatMap((row) => ('day' in row ? [row.day] : []))
        expect(new Set(days).size).toBe(days.length)
      },
    ),
  )
})

test('a day is written out', () => {
  expect(dayName('2026-05-04')).toBe('Monday 4 May 2026')
})

test('keys go from call to call, over the names of days, and stop at the ends', () => {
  const rows = rowsOf([record(DAY_MS + 5), record(DAY_MS), record(5)], 'UTC')
  expect(callBeside(rows, null, 1)).toBe(`id-${DAY_MS + 5}`)
  expect(callBeside(rows, `id-${DAY_MS}`, 1)).toBe('id-5')
  expect(callBeside(rows, 'id-5', 1)).toBe('id-5')
  expect(callBeside(rows, 'id-5', -20)).toBe(`id-${DAY_MS + 5}`)
  expect(callBeside([], null, 1)).toBeNull()
})
