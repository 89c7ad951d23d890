import { type CallFilter, RANGE_FILTERS, VALUE_FILTERS } from './call-filters.ts'
import type { FilterColumn } from './filter-row.ts'
import { type FilterTest, rangeTest, VALUE_TESTS } from './filter-test.ts'

/** One filter of a request: a record must pass one test of `anyOf`, and none of `noneOf`. */
export interface NamedTests {
  readonly columns: readonly FilterColumn[]
  readonly anyOf: readonly FilterTest[]
  readonly noneOf: readonly FilterTest[]
  readonly isWindow: boolean
}

/** What a filter asks, per name; names without a value ask nothing. */
export function filterTests(filter: CallFilter): readonly NamedTests[] {
  const ranges = RANGE_FILTERS.flatMap((row) => {
    const bound = filter[row.property]
    if (bound === undefined) return []
    const test = rangeTest(row, bound) ?? refuse(row.name)
    const isWindow = row.isWindow === true
    return [{ columns: [row], anyOf: [test], noneOf: [], isWindow }]
  })
  const values = VALUE_FILTERS.flatMap((row) => {
    const texts = [filter[row.name] ?? []].flat()
    if (texts.length === 0) return []
    const tests = texts.map((text) => valueTest(row.kind, text) ?? refuse(row.name))
    const of = (isNegated: boolean) =>
      tests.filter((test) => test.isNegated === isNegated).map(({ test }) => test)
    return [{ columns: row.columns, anyOf: of(false), noneOf: of(true), isWindow: false }]
  })
  return [...ranges, ...values]
}

/** A value as the API writes it; null where its kind has no such value. */
export function valueTest(
  kind: keyof typeof VALUE_TESTS,
  text: string,
): { readonly isNegated: boolean; readonly test: FilterTest } | null {
  const isNegated = text.startsWith('!')
  // `\!a` is `!a` itself, and `\\!a` is `\!a`.
  const value = (isNegated ? text.slice(1) : text).replace(/^\\(?=\\*!)/, '')
  const test = VALUE_TESTS[kind](value)
  return test && { isNegated, test }
}

/** The name, not the value: errors end in logs. */
function refuse(name: string): never {
  throw new Error(`the filter ${name} has a value that it cannot have`)
}
