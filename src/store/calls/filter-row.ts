import type { CallRecord } from './call-row.ts'

/** What is computed of a record's fields, in SQL by the text of its column. */
type ComputedField = 'failed'

/** A field of the record, and its column in `calls_settled`. */
export interface FilterColumn {
  readonly field: keyof CallRecord | ComputedField
  readonly column: string
}

interface FilterRow {
  /** Of the query parameter. */
  readonly name: string
  /** One sentence or two, for OpenAPI and docs/api.md. */
  readonly description: string
  readonly examples: readonly (string | number)[]
}

/**
 * A filter by values: repeatable (any of them), each negated by a leading `!` (none of them).
 * `equal`, `prefix` (a trailing `*`), `status` (`429`, `4xx`), `boolean`, `tag` (`name:value`).
 */
export interface ValueFilterRow extends FilterRow {
  readonly kind: 'equal' | 'prefix' | 'status' | 'boolean' | 'tag'
  /** A record meets a value when one of these fields does; each has its column of the store. */
  readonly columns: readonly FilterColumn[]
  /** Where there are no others. */
  readonly values?: readonly string[]
  /** A regular expression from `^` to `$` of one value, without its negation. */
  readonly pattern?: string
  readonly maxLength?: number
  /** Besides `read`: the scope without which the filter is refused. */
  readonly scope?: 'prompts'
}

/** One end of a range. `min` and `max` are inclusive; `from` is, and `to` is not. */
export interface RangeFilterRow extends FilterRow, FilterColumn {
  readonly end: 'min' | 'max' | 'from' | 'to'
  /** `decimal` is compared exactly, as text of at most 15 digits and 12 decimals. */
  readonly of: 'count' | 'decimal' | 'time'
  /** The sorting key: what reads a page asks for it window by window. */
  readonly isWindow?: true
}
