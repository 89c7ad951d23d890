import { expect, test } from 'vitest'
import { RECORD_EXAMPLE } from '../../../../src/api/audit/record-schema.ts'
import { RANGE_FILTERS, VALUE_FILTERS } from '../../../../src/store/calls/call-filters.ts'
import { columnNamed } from './columns.ts'
import { RANGE_FIELDS, VALUE_FIELDS } from './filter-fields.ts'

const namesOf = (list: readonly { readonly name: string }[]) =>
  list.map(({ name }) => name).toSorted()

test('the box takes every filter of the API, and no other', () => {
  expect(namesOf(VALUE_FIELDS)).toEqual(namesOf(VALUE_FILTERS))
  // The page has its range for these two.
  const ends = RANGE_FILTERS.filter(({ name }) => name !== 'from' && name !== 'to')
  expect(RANGE_FIELDS.flatMap(({ least, most }) => [least, most]).toSorted()).toEqual(namesOf(ends))
})

test('every field of a record can be a column', () => {
  // Of a column that is called otherwise.
  const shown = ['createdAt', 'costUsd', 'latencyMs']
  const missing = Object.keys(RECORD_EXAMPLE).filter(
    (name) => columnNamed(name) === undefined && !shown.includes(name),
  )
  expect(missing).toEqual([])
})
