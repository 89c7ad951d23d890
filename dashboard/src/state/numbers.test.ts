import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytes, cost, count, coverage, difference, dollars, duration, share } from './numbers.ts'

test('what is not known is a dash, never 0', () => {
  for (const write of [count, dollars, cost, duration, bytes]) {
    expect(write(null)).toBe('—')
    expect(write(0)).not.toBe('—')
  }
  expect(share(0, 0)).toBe('—')
  expect(coverage(null)).toBe('—')
})

test('totals have cents, below a dollar four digits that count', () => {
  expect(dollars(1204.333)).toBe('$1,204.33')
  expect(dollars(0.000123456)).toBe('$0.0001235')
  expect(dollars(0.5)).toBe('$0.5000')
  expect(dollars(0)).toBe('$0.00')
})

test('only the whole is 100 %, and only nothing is 0 %', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), fc.nat(), (whole, part) => {
      const some = part % (whole + 1)
      expect(share(some, whole) === '100 %').toBe(some === whole)
      expect(share(some, whole) === '0 %').toBe(some === 0)
      expect(coverage(some / whole) === '100 %').toBe(some === whole)
    }),
  )
})

test('coverage is rounded down', () => {
  expect(coverage(412_858 / 412_903)).toBe('99.989 %')
  expect(coverage(0.9999999)).toBe('99.999 %')
})

test('a difference has its sign, and none against nothing', () => {
  expect(difference(112, 100)).toBe('+12 %')
  expect(difference(96, 100)).toBe('−4 %')
  expect(difference(5, 0)).toBe('new')
})
