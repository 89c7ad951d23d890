import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createdAtMs } from '../evidence/record-id.ts'
import { createRecordIds } from './record-ids.ts'

const NOW = Date.UTC(2026, 0, 1)
const HOUR_MS = 3_600_000

test('ids only grow, however the wall clock jumps, and name its time where it did not jump back', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -48 * HOUR_MS, max: 48 * HOUR_MS }), {
        minLength: 2,
        maxLength: 50,
      }),
      (jumps) => {
        let nowMs = NOW
        const next = createRecordIds(() => nowMs)
        let last = next()
        expect(createdAtMs(last)).toBe(NOW)
        for (const jump of jumps) {
          nowMs += jump
          const id = next()
          expect(id > last).toBe(true)
          if (nowMs > createdAtMs(last)) expect(createdAtMs(id)).toBe(nowMs)
          last = id
        }
      },
    ),
  )
})

test('a clock that stands still gives as many ids as are asked for', () => {
  const next = createRecordIds(() => NOW)
  const ids = Array.from({ length: 50_000 }, next)
  expect(new Set(ids).size).toBe(50_000)
  expect(ids).toEqual([...ids].sort())
})
