import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromLocalInput, localInput } from './local-input.ts'
import { ago, dateTime, span } from './times.ts'

const AT = Date.parse('2026-05-04T14:22:07.123Z')

test('times are written in the zone of the page, also in zones of quarter hours', () => {
  expect(dateTime(AT, 'UTC', 'ms')).toBe('2026-05-04 14:22:07.123')
  expect(dateTime(AT, 'Asia/Kathmandu')).toBe('2026-05-04 20:07:07')
  expect(dateTime(AT, 'America/St_Johns', 'min')).toBe('2026-05-04 11:52')
})

test('a range names both ends, and its date once where it is one day', () => {
  expect(span(AT, AT + 3_600_000, 'UTC')).toBe('2026-05-04 14:22 – 15:22 UTC')
  expect(span(AT, AT + 86_400_000, 'UTC')).toBe('2026-05-04 14:22 – 2026-05-05 14:22 UTC')
})

test('how long ago something was is never in the future', () => {
  expect(ago(AT + 5_000, AT)).toBe('0 s ago')
  expect(ago(AT - 125_000, AT)).toBe('2 min ago')
})

test('what is typed is read in the zone it is shown in, in any second of any zone', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4_000_000_000 }),
      fc.constantFrom('UTC', 'Asia/Kathmandu', 'America/St_Johns', 'Pacific/Apia', 'Asia/Tokyo'),
      (seconds, zone) => {
        const typed = localInput(seconds * 1000, zone)
        const read = fromLocalInput(typed, zone)
        expect(read).not.toBeNull()
        // Where a clock goes back an hour comes twice: the first is taken, and it looks the same.
        expect(localInput(read ?? 0, zone)).toBe(typed)
      },
    ),
  )
})

test('a time that a clock change skips is read as the time after it', () => {
  const read = fromLocalInput('2026-03-29T02:30:00', 'Europe/Berlin')
  expect(new Date(read ?? 0).toISOString()).toBe('2026-03-29T01:30:00.000Z')
})
