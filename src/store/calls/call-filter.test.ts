import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { filterCondition, pageCondition } from './call-filter.ts'
import { VALUE_FILTERS } from './call-filters.ts'

describe('no text of a filter is ever part of the SQL', () => {
  const free = VALUE_FILTERS.filter(({ kind }) => ['equal', 'prefix', 'tag'].includes(kind))
  test.each(free)('$name', ({ name, kind }) => {
    const conditionOf = (text: string) => {
      const value = kind === 'tag' ? `x${text}:${text}x` : `x${text}x`
      return filterCondition({ [name]: [value, `!${value}`, `${value}*`] })
    }
    const { sql } = conditionOf('')
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        const condition = conditionOf(text)
        // The same statement whatever the text is: it is in the parameters alone.
        expect(condition.sql).toBe(sql)
        if (kind !== 'tag') expect(Object.values(condition.params)).toContain(`x${text}x`)
      }),
    )
  })
})

test('values of one name are alternatives, negated ones exclusions, names are all met', () => {
  expect(filterCondition({ status: ['429', '!5xx'], provider: 'openai' })).toEqual({
    sql: '((provider = {filter_0:String})) AND ((status BETWEEN {filter_1:UInt16} AND {filter_2:UInt16})) AND (NOT ifNull((status BETWEEN {filter_3:UInt16} AND {filter_4:UInt16}), false))',
    params: { filter_0: 'openai', filter_1: 429, filter_2: 429, filter_3: 500, filter_4: 599 },
  })
  expect(filterCondition({ model: ['a', 'b*'] }).sql).toBe(
    '((model = {filter_0:String}) OR (request_model = {filter_1:String}) OR (startsWith(model, {filter_2:String})) OR (startsWith(request_model, {filter_3:String})))',
  )
})

test('an empty filter is a condition that every call meets', () => {
  expect(filterCondition({})).toEqual({ sql: 'true', params: {} })
  expect(filterCondition({ model: [], fromMs: 1, toMs: 2 })).toEqual({ sql: 'true', params: {} })
})

test('a value that a filter cannot have is refused by the name of the filter', () => {
  for (const [name, value] of [
    ['status', '4x'],
    ['status', '0xx'],
    ['stream', 'yes'],
    ['tag', 'team'],
    ['minCostUsd', '1e-3'],
    ['maxLatencyMs', -1],
  ])
    expect(() => filterCondition({ [String(name)]: value })).toThrow(String(name))
})

test('an unbounded window has no upper end, a position binds time and id', () => {
  const window = { fromMs: 1, toMs: Number.POSITIVE_INFINITY }
  const { sql, params } = pageCondition(window, { createdAtMs: 2, recordId: 'x' })
  expect(sql).not.toContain('to_ms')
  expect(params).toEqual({ from_ms: 1, before_ms: 2, before_id: 'x' })
  expect(pageCondition(window, undefined, { createdAtMs: 2, recordId: 'x' })).toMatchObject({
    sql: expect.stringContaining('(created_at, record_id) > ('),
    params: { from_ms: 1, after_ms: 2, after_id: 'x' },
  })
})
