import { expect, test } from 'vitest'
import { RecentLoad } from './recent-load.ts'

test('who sends least is not heavy while another sends twice as much, and is once that is over', () => {
  let nowMs = 0
  const load = new RecentLoad(() => nowMs)
  load.add('quiet', 100)
  expect(load.isHeavy('quiet')).toBe(true)
  load.add('loud', 1_000)
  expect([load.isHeavy('quiet'), load.isHeavy('loud')]).toEqual([false, true])
  nowMs = 1_500
  load.add('quiet', 100)
  expect(load.isHeavy('quiet')).toBe(false)
  nowMs = 10_000
  load.add('quiet', 100)
  expect(load.isHeavy('quiet')).toBe(true)
})

test('two that send alike are both heavy: together they made the observer late', () => {
  const load = new RecentLoad(() => 0)
  load.add('a', 700)
  load.add('b', 1_000)
  expect([load.isHeavy('a'), load.isHeavy('b')]).toEqual([true, true])
})

test('the bytes of all organisations are those of the last second or two', () => {
  let nowMs = 0
  const load = new RecentLoad(() => nowMs)
  load.add('a', 700)
  nowMs = 1_200
  load.add('b', 1_000)
  expect(load.bytes).toBe(1_700)
  nowMs = 2_300
  expect(load.bytes).toBe(1_000)
  nowMs = 10_000
  expect(load.bytes).toBe(0)
})
