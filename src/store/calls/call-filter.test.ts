import fc from 'fast-check'
import { expect, test } from 'vitest'
import { filterCondition, pageCondition } from './call-filter.ts'

test('no text of a filter is ever part of the SQL', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 1 }),
      fc.string(),
      fc.string(),
      fc.string(),
      fc.string(),
      (model, name, value, sessionId, callerRequestId) => {
        const filter = {
          ...{ provider: 'openai', model, sessionId, callerRequestId },
          tag: { name, value },
        }
        const { sql, params } = filterCondition(filter)
        expect([EQUAL, PREFIX]).toContain(sql)
        expect(params).toEqual({
          provider: 'openai',
          model: model.replace(/\*$/, ''),
          session_id: sessionId,
          caller_request_id: callerRequestId,
          tag_name: name,
          tag_value: value,
        })
      },
    ),
  )
})

const TAG =
  '(session_id = {session_id:String}) AND (caller_request_id = {caller_request_id:String}) AND (mapContains(tags, {tag_name:String}) AND tags[{tag_name:String}] = {tag_value:String})'
const EQUAL = `(provider = {provider:String}) AND (model = {model:String} OR request_model = {model:String}) AND ${TAG}`
const PREFIX = `(provider = {provider:String}) AND (startsWith(model, {model:String}) OR startsWith(request_model, {model:String})) AND ${TAG}`

test('an empty filter is a condition that every call meets', () => {
  expect(filterCondition({})).toEqual({ sql: 'true', params: {} })
})

test('an unbounded window has no upper end, a position binds time and id', () => {
  const { sql, params } = pageCondition(
    { fromMs: 1, toMs: Number.POSITIVE_INFINITY },
    { createdAtMs: 2, recordId: 'x' },
  )
  expect(sql).not.toContain('to_ms')
  expect(params).toEqual({ from_ms: 1, before_ms: 2, before_id: 'x' })
})
