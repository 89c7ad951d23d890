import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FlintError } from '../../errors.ts'
import { createListCursors, type ListCursor } from './list-cursor.ts'

const codec = createListCursors('secret')
const cursor: ListCursor = {
  pk: { createdAtMs: 1_746_368_521_000, recordId: '01969b5c-3c28-7a51-9f0e-2f1c6f3f8a11' },
  org: 'org_1',
  order: 'created_at desc, record_id desc',
  limit: 50,
  filter: { fromMs: 1, provider: 'openai', model: 'gpt-4o*', tag: { name: 'team', value: 'a:b' } },
}

describe('a cursor', () => {
  test('comes back as it was sealed and starts as in the guide', () => {
    expect(codec.seal(cursor)).toMatch(/^eyJwayI6/)
    expect(codec.open(codec.seal(cursor), 'org_1')).toEqual(cursor)
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
