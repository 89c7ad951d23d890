import fc from 'fast-check'
import { Type } from 'typebox'
import { describe, expect, test } from 'vitest'
import { FlintError } from '../../errors.ts'
import { createCursorCodec } from '../cursor.ts'
import { createListCursors, type ListCursor } from './list-cursor.ts'

const codec = createListCursors('secret')
const cursor: ListCursor = {
  pk: { createdAtMs: 1_746_368_521_000, recordId: '01969b5c-3c28-7a51-9f0e-2f1c6f3f8a11' },
  org: 'org_1',
  order: 'asc',
  back: true,
  limit: 50,
  fields: ['requestId', 'costUsd'],
  filter: { fromMs: 1, minCostUsd: '0.1', model: ['gpt-4o*', '!x'], tag: ['team:a:b'] },
}

describe('a cursor', () => {
  test('comes back as it was sealed and starts as in the guide', () => {
    expect(codec.seal(cursor)).toMatch(/^eyJwayI6/)
    expect(codec.open(codec.seal(cursor), 'org_1')).toEqual(cursor)
  })

  test('that an earlier build made goes on', () => {
    const earlier = createCursorCodec('secret', {
      purpose: 'audit cursor',
      schema: Type.Any(),
    })
    const { pk, org, limit } = cursor
    const order = 'created_at desc, record_id desc'
    const sealed = earlier.seal({ pk, org, order, limit, filter: { model: 'gpt-4o*' } })
    expect(codec.open(sealed, 'org_1')).toEqual({
      ...{ pk, org, limit },
      order: 'desc',
      filter: { model: 'gpt-4o*' },
    })
  })

  test('of another organisation or another installation is refused', () => {
    expect(() => codec.open(codec.seal(cursor), 'org_2')).toThrow(FlintError)
    expect(() => codec.open(createListCursors('other').seal(cursor), 'org_1')).toThrow(FlintError)
  })

  test('is refused when any character of it is changed, dropped or added', () => {
    const sealed = codec.seal(cursor)
    fc.assert(
      fc.property(
        fc.nat(sealed.length),
        fc.constantFrom('', 'A', 'B', '-', '.', '=', '%', '\0'),
        fc.nat(1),
        (at, char, drop) => {
          const changed = sealed.slice(0, at) + char + sealed.slice(at + drop)
          fc.pre(changed !== sealed)
          expect(() => codec.open(changed, 'org_1')).toThrow('"cursor"')
        },
      ),
      { numRuns: 500 },
    )
  })

  test('that is any other text is refused', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => codec.open(text, 'org_1')).toThrow(FlintError)
      }),
    )
  })
})
