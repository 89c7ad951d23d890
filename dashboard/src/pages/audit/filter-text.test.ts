import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { changed } from '../../state/url.ts'
import { exactly, faultOf, RANGE_FIELDS, VALUE_FIELDS } from './filter-fields.ts'
import { type Filter, filtersOf, parseText, termsOf, textOf } from './filter-text.ts'
import { filterChanges } from './list-query.ts'

const parameters = [
  ...VALUE_FIELDS.map(({ name }) => name),
  ...RANGE_FIELDS.flatMap(({ least, most }) => [least, most]),
]
const isRange = (name: string) =>
  RANGE_FIELDS.some(({ least, most }) => name === least || name === most)
/** An end of a range begins with no space, as no time and no amount does. */
const filters: fc.Arbitrary<readonly Filter[]> = fc.array(
  fc
    .tuple(fc.constantFrom(...parameters, 'unheardOf'), fc.string({ unit: 'binary', minLength: 1 }))
    .map(([name, value]): Filter => [name, isRange(name) ? value.trim() || '1' : value])
    .filter(([name, value]) => !(isRange(name) && value.startsWith('='))),
)
const asSet = (list: readonly Filter[]) => list.map((filter) => JSON.stringify(filter)).toSorted()

describe('filters as text', () => {
  test('are the same filters again once the text is read', () => {
    fc.assert(
      fc.property(filters, (list) => {
        const { filters: read, problems, bare } = parseText(textOf(list))
        expect({ problems, bare }).toEqual({ problems: [], bare: [] })
        expect(asSet(read)).toEqual(asSet(list))
      }),
    )
  })

  test('survive the URL', () => {
    fc.assert(
      fc.property(filters, filters, (before, list) => {
        const query = new URLSearchParams([['last', '7d'], ...before.map((one) => [...one])])
        const next = changed(query, filterChanges(query, list))
        const again = new URLSearchParams(next.toString())
        expect(asSet(filtersOf(again))).toEqual(asSet(list.map(asInUrl)))
        expect(again.get('last')).toBe('7d')
      }),
    )
  })

  test('are written as people would', () => {
    const list: Filter[] = [
      ['model', 'gpt-4o*'],
      ['outcome', '!complete'],
      ['tag', 'team:search'],
      ['model', 'o3'],
      ['minLatencyMs', '500'],
      ['userAgent', 'OpenAI/JS 6.49.0'],
      ['completedTo', '2026-05-04'],
    ]
    expect(textOf(list)).toBe(
      'model:gpt-4o*,o3 -outcome:complete tag:team:search latencyMs:>=500 userAgent:"OpenAI/JS 6.49.0" completedAt:<2026-05-04',
    )
  })
})

/** URLs have no halves of surrogate pairs. */
function asInUrl([name, value]: Filter): Filter {
  return [name, new URLSearchParams(new URLSearchParams({ value }).toString()).get('value') ?? '']
}

describe('text in the box', () => {
  test('that names a field becomes its filters', () => {
    expect(parseText('-model:a,b latencyMs:>5 latencyMs:<=9').filters).toEqual([
      ['model', '!a'],
      ['model', '!b'],
      ['minLatencyMs', '5'],
      ['maxLatencyMs', '9'],
    ])
  })

  test('with a name that no filter has is kept, and said to be none', () => {
    const { filters: read } = parseText('modle:gpt-4o')
    expect(read).toEqual([['modle', 'gpt-4o']])
    expect(faultOf('modle', 'gpt-4o')).toBe('is no filter')
  })

  test('without a field is neither dropped nor made a filter', () => {
    expect(parseText('refund  policy')).toEqual({
      filters: [],
      problems: [],
      bare: ['refund', 'policy'],
    })
  })

  test('that no URL can hold says why', () => {
    const why = (text: string) => parseText(text).problems.map((problem) => problem.why)
    expect(why('model:')).toEqual(['has no value'])
    expect(why('cols:time')).toEqual(['belongs to the page, not to the filter'])
    expect(why('-latencyMs:>=5')).toEqual(['is a range, which cannot be excluded'])
    expect(why('latencyMs:5')).toEqual(['needs a sign: latencyMs:>=… or latencyMs:<=…'])
  })

  test('groups what is wanted apart from what is excluded', () => {
    const list: Filter[] = [
      ['model', 'a'],
      ['model', '!b'],
      ['model', 'c'],
    ]
    expect(termsOf(list).map(({ isNegated, values }) => [isNegated, values])).toEqual([
      [false, ['a', 'c']],
      [true, ['b']],
    ])
  })
})

test('a value that the API would not take is said before it is asked', () => {
  expect(faultOf('status', 'abc')).toBe('must be as 429 or 4xx')
  expect(faultOf('status', '!2xx')).toBeNull()
  expect(faultOf('tag', 'team')).toBe('must be name:value')
  expect(faultOf('outcome', 'fine')).toContain('must be one of complete')
  expect(faultOf('minCostUsd', '0.05')).toBeNull()
  expect(faultOf('minLatencyMs', '0.5')).toBe('is no amount')
  expect(faultOf('completedFrom', 'yesterday')).toContain('is no time')
})

test('a value out of a record means itself, whatever characters it begins and ends with', () => {
  expect(exactly('provider', '!openai')).toBe('\\!openai')
  expect(exactly('provider', '\\!openai')).toBe('\\\\!openai')
  expect(exactly('model', 'mine*')).toBe('mine\\*')
  expect(exactly('provider', 'mine*')).toBe('mine*')
})
