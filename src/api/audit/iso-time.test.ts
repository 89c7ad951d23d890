import { expect, test } from 'vitest'
import { parseIsoTime } from './iso-time.ts'

test.each([
  ['2025-05-01', '2025-05-01T00:00:00.000Z', true],
  ['2024-02-29', '2024-02-29T00:00:00.000Z', true],
  ['2025-05-01T12:30', '2025-05-01T12:30:00.000Z', false],
  ['2025-05-01T12:30:15Z', '2025-05-01T12:30:15.000Z', false],
  ['2025-05-01 12:30:15', '2025-05-01T12:30:15.000Z', false],
  ['2025-05-01T12:30:15.1239', '2025-05-01T12:30:15.123Z', false],
  ['2025-05-01T12:30:15,5z', '2025-05-01T12:30:15.500Z', false],
  ['2025-05-01T12:30:00+02:00', '2025-05-01T10:30:00.000Z', false],
  ['2025-05-01T12:30:00 02:00', '2025-05-01T10:30:00.000Z', false],
  ['2025-05-01T00:30:00-0130', '2025-05-01T02:00:00.000Z', false],
  ['2025-05-01T24:00', '2025-05-02T00:00:00.000Z', false],
])('%s is %s', (text, iso, isDay) => {
  const time = parseIsoTime(text)
  expect(time && { iso: new Date(time.ms).toISOString(), isDay: time.isDay }).toEqual({
    iso,
    isDay,
  })
})

test.each([
  '',
  'yesterday',
  '2025',
  '2025-05',
  '2025-02-30',
  '2025-13-01',
  '2025-05-01T',
  '2025-05-01T25:00',
  '2025-05-01T12:61',
  '2025-05-01T12:00+25:00',
  '20250501',
  '1746057600000',
  '2025-05-01Z ',
])('%j is no time', (text) => {
  expect(parseIsoTime(text)).toBeNull()
})

test('no zone is that of the caller, whose days have the hours of its clocks', () => {
  const berlin = (text: string) => parseIsoTime(text, 'Europe/Berlin')
  expect(berlin('2026-03-29')).toEqual({
    ms: Date.parse('2026-03-28T23:00:00Z'),
    isDay: true,
    endMs: Date.parse('2026-03-29T22:00:00Z'),
  })
  expect(berlin('2026-05-01T12:00')).toMatchObject({ ms: Date.parse('2026-05-01T10:00:00Z') })
  expect(berlin('2026-05-01T12:00Z')).toMatchObject({ ms: Date.parse('2026-05-01T12:00:00Z') })
})
