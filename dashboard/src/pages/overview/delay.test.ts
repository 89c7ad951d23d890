import { expect, test } from 'vitest'
import { delayOf } from './delay.ts'

const atMs = Date.parse('2026-05-04T14:00:00Z')
const old = { untilMs: atMs - 90_000, atMs, isPast: false }
const backlog = {
  evidenceBytes: 0,
  oldestEvidenceAt: null,
  promptBytes: 0,
  quarantineBytes: 0,
  deadLetters: 0,
}
const waitingFor = (ms: number) => ({
  ...backlog,
  oldestEvidenceAt: new Date(atMs - ms).toISOString(),
})

test('numbers of the last seconds are fresh', () => {
  expect(delayOf({ ...old, untilMs: atMs - 9_000, backlog: undefined }).kind).toBe('fresh')
})

test('an hour without calls is quiet, not behind', () => {
  expect(delayOf({ ...old, backlog }).kind).toBe('quiet')
})

test('records that wait on disk are said, and after a minute loudly', () => {
  expect(delayOf({ ...old, backlog: waitingFor(20_000) })).toMatchObject({
    kind: 'behind',
    isLong: false,
  })
  expect(delayOf({ ...old, backlog: waitingFor(80_000) })).toMatchObject({ isLong: true })
})

test('a range that ended before is complete', () => {
  expect(delayOf({ ...old, isPast: true, backlog: waitingFor(80_000) }).kind).toBe('fresh')
})

test('where the backlog may not be seen, old numbers are said to be old', () => {
  expect(delayOf({ ...old, backlog: null }).kind).toBe('behind')
})
