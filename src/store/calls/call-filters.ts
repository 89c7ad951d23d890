import type { RangeFilterRow, ValueFilterRow } from './filter-row.ts'
import { RANGE_FILTERS as RANGES } from './range-filters.ts'
import { VALUE_FILTERS as VALUES } from './value-filters.ts'

export type ValueFilterName = (typeof VALUES)[number]['name']
export type ValueFilter = ValueFilterRow & { readonly name: ValueFilterName }

type Ranges = (typeof RANGES)[number]
export type RangeFilterName = Ranges['name']
type TimeName = Extract<Ranges, { readonly of: 'time' }>['name']
/** In CallFilter, times are milliseconds. */
type TimeProperty = `${TimeName}Ms`
type CountProperty = Extract<Ranges, { readonly of: 'count' }>['name']
type DecimalProperty = Extract<Ranges, { readonly of: 'decimal' }>['name']
type RangeProperty = TimeProperty | CountProperty | DecimalProperty
export type RangeFilter = RangeFilterRow & {
  readonly name: RangeFilterName
  readonly property: RangeProperty
}

/**
 * Every filter of records, once: the API's parameters, the condition in SQL, the predicate in
 * memory and the table of docs/api.md are made of these two lists.
 */
export const VALUE_FILTERS: readonly ValueFilter[] = VALUES
export const RANGE_FILTERS: readonly RangeFilter[] = RANGES.map((row) =>
  row.of === 'time'
    ? { ...row, property: `${row.name}Ms` as const }
    : { ...row, property: row.name },
)

/**
 * What to list; every part narrows. `fromMs` is inclusive and `toMs` exclusive, and so are the
 * other times. A filter by values is one value or several as the API writes them (`gpt-4o*`, `4xx`,
 * `team:search`): any of them, and none of those that begin with `!`. A backslash before a leading
 * `!` or a trailing `*` takes its meaning away.
 */
export type CallFilter = {
  readonly [Name in ValueFilterName]?: string | readonly string[] | undefined
} & { readonly [Name in TimeProperty | CountProperty]?: number | undefined } & {
  readonly [Name in DecimalProperty]?: string | undefined
}
