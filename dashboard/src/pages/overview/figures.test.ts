import { expect, test } from 'vitest'
import { against, costFigure, spanBefore } from './figures.ts'

const cost = (exact: number, estimated: number, unpriced: number) => ({
  cost: {
    exact: { calls: exact, usd: exact },
    estimated: { calls: estimated, usd: estimated },
    unpriced: { calls: unpriced },
  },
})

test('one unpriced call makes the cost a lower bound', () => {
  expect(costFigure(cost(3, 2, 0)).text).toBe('$5.00')
  expect(costFigure(cost(3, 2, 1)).text).toBe('≥ $5.00')
})

test('where no call has a price the cost is not known, and not $0', () => {
  expect(costFigure(cost(0, 0, 7))).toMatchObject({ text: '—', usd: null, billable: 7 })
})

test('without a billable call nothing was spent', () => {
  expect(costFigure(cost(0, 0, 0)).text).toBe('$0.00')
})

test('a change is said against the span before, and unknown is not compared', () => {
  expect(against(112, 100, 'the day before')).toBe('+12 % against the day before')
  expect(against(100, 100, 'the day before')).toBe('as the day before')
  expect(against(5, 0, 'the day before')).toBe('nothing the day before')
  expect(against(5, null, 'the day before')).toBe('not comparable with the day before')
  expect(against(5, undefined, 'the day before')).toBeNull()
})

test('the span before has the length of the range', () => {
  expect(spanBefore(86_400_000)).toBe('the day before')
  expect(spanBefore(7 * 86_400_000)).toBe('the 7 days before')
  expect(spanBefore(6 * 3_600_000)).toBe('the 6 hours before')
  expect(spanBefore(5_430_500)).toBe('the same span before')
})
