import { describe, expect, test } from 'vitest'
import { instantOf, timeZoneNamed } from './zoned-time.ts'

const at = (wall: string, zone: string) =>
  new Date(instantOf(Date.parse(`${wall}Z`), zone)).toISOString()

test.each([
  ['2026-05-01T12:00:00', 'UTC', '2026-05-01T12:00:00.000Z'],
  ['2026-05-01T12:00:00', 'Asia/Kathmandu', '2026-05-01T06:15:00.000Z'],
  ['2026-01-01T00:00:00', 'America/New_York', '2026-01-01T05:00:00.000Z'],
  ['2026-07-01T00:00:00.001', 'America/New_York', '2026-07-01T04:00:00.001Z'],
  ['2026-01-01T00:00:00', 'Pacific/Kiritimati', '2025-12-31T10:00:00.000Z'],
  ['1800-01-01T00:00:00', 'UTC', '1800-01-01T00:00:00.000Z'],
])('%s in %s is %s', (wall, zone, instant) => {
  expect(at(wall, zone)).toBe(instant)
})

describe('where clocks change', () => {
  test('a time that they show twice is the first', () => {
    expect(at('2026-10-25T02:30:00', 'Europe/Berlin')).toBe('2026-10-25T00:30:00.000Z')
  })
  test('a time that they leap over is as much later', () => {
    expect(at('2026-03-29T02:30:00', 'Europe/Berlin')).toBe('2026-03-29T01:30:00.000Z')
  })
  test('a day without midnight begins where the clocks leap to', () => {
    expect(at('2018-11-04T00:00:00', 'America/Sao_Paulo')).toBe('2018-11-04T03:00:00.000Z')
  })
  test('days are 23 and 25 hours long', () => {
    const hours = (day: string, next: string) =>
      (Date.parse(at(`${next}T00:00:00`, 'Europe/Berlin')) -
        Date.parse(at(`${day}T00:00:00`, 'Europe/Berlin'))) /
      3_600_000
    expect(hours('2026-03-29', '2026-03-30')).toBe(23)
    expect(hours('2026-10-25', '2026-10-26')).toBe(25)
  })
})

test('names of zones are known in any case, offsets and other text are no names', () => {
  for (const name of ['UTC', 'Europe/Berlin', 'Etc/GMT+5', 'Asia/Kathmandu'])
    expect(timeZoneNamed(name), name).not.toBeNull()
  expect(timeZoneNamed('america/new_YORK')).toBe('America/New_York')
  for (const name of ['', '+05:30', 'Europe/Atlantis', 'local', 'UTC\n', '__proto__'])
    expect(timeZoneNamed(name), name).toBeNull()
})
