import fc from 'fast-check'
import { expect, test } from 'vitest'
import { percentile, stepBounds } from './time-steps.ts'

/** As `stepOf` has it in SQL. */
const stepOf = (ms: number) => Math.floor(Math.log(Math.max(ms, 1)) / Math.log(1.05))

test('a percentile is off by 2.5 % at most, or by the rounding to a millisecond', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(8_000_000), { minLength: 1 }),
      fc.constantFrom(0.5, 0.9, 0.99),
      (times, share) => {
        const steps = new Map<number, number>()
        for (const ms of times) steps.set(stepOf(ms), (steps.get(stepOf(ms)) ?? 0) + 1)
        const sorted = times.toSorted((a, b) => a - b)
        const exact = sorted[Math.max(1, Math.ceil(times.length * share)) - 1] ?? 0
        const said = percentile(steps, share) ?? -1
        expect(Math.abs(said - exact)).toBeLessThanOrEqual(exact * 0.025 + 1)
      },
    ),
  )
})

test('without calls there is none, and steps lie side by side from 0 on', () => {
  expect(percentile(new Map(), 0.5)).toBeNull()
  expect(stepBounds(0).fromMs).toBe(0)
  for (let step = 0; step < 300; step += 1)
    expect(stepBounds(step).toMs).toBeCloseTo(stepBounds(step + 1).fromMs)
})
