import type { Parameter } from '../client/client.ts'
import type { CallFilter } from './call-filters.ts'
import { filterTests } from './compiled-filter.ts'

export type { CallFilter } from './call-filters.ts'

/** A condition of fixed text and the values bound to it. */
export interface Condition {
  readonly sql: string
  readonly params: Readonly<Record<string, Parameter>>
}

/**
 * The one place where a filter becomes SQL, over the columns of `calls_settled`. No text of the
 * filter is ever part of a statement; `fromMs` and `toMs` are the window's business, but
 * `withWindow`. Where a column is null, nothing equals it: a negated value includes such records, a
 * range excludes them. Throws for values that their filter does not have, which the API refuses
 * before. The names of the parameters begin with `prefix`.
 */
export function filterCondition(
  filter: CallFilter,
  { prefix = 'filter', withWindow = false } = {},
): Condition {
  const params: Record<string, Parameter> = {}
  const bind = (value: Parameter, type: string) => {
    const name = `${prefix}_${Object.keys(params).length}`
    params[name] = value
    return `{${name}:${type}}`
  }
  const sql = filterTests(filter)
    .filter(({ isWindow }) => withWindow || !isWindow)
    .map(({ columns, anyOf, noneOf }) => {
      const any = (tests: typeof anyOf) =>
        tests
          .flatMap((test) => columns.map(({ column }) => `(${test.sql(column, bind)})`))
          .join(' OR ')
      return [
        ...(anyOf.length === 0 ? [] : [any(anyOf)]),
        ...(noneOf.length === 0 ? [] : [`NOT ifNull(${any(noneOf)}, false)`]),
      ]
        .map((part) => `(${part})`)
        .join(' AND ')
    })
  return { sql: sql.join(' AND ') || 'true', params }
}

/** Where a row stands in a list: rows of the same milliseconds differ in their id. */
export interface Position {
  readonly createdAtMs: number
  readonly recordId: string
}

/** Calls of a window that are older than `before` and newer than `after`. */
export function pageCondition(
  window: { fromMs: number; toMs: number },
  before?: Position | undefined,
  after?: Position | undefined,
): Condition {
  const { fromMs, toMs } = window
  return allOf([
    { sql: `created_at >= ${time('from_ms')}`, params: { from_ms: fromMs } },
    ...(toMs === Number.POSITIVE_INFINITY
      ? []
      : [{ sql: `created_at < ${time('to_ms')}`, params: { to_ms: toMs } }]),
    ...(before === undefined
      ? []
      : [
          {
            sql: `(created_at, record_id) < (${time('before_ms')}, {before_id:UUID})`,
            params: { before_ms: before.createdAtMs, before_id: before.recordId },
          },
        ]),
    ...(after === undefined
      ? []
      : [
          {
            sql: `(created_at, record_id) > (${time('after_ms')}, {after_id:UUID})`,
            params: { after_ms: after.createdAtMs, after_id: after.recordId },
          },
        ]),
  ])
}

export function allOf(conditions: readonly Condition[]): Condition {
  return {
    sql: conditions.map(({ sql }) => `(${sql})`).join(' AND ') || 'true',
    params: Object.assign({}, ...conditions.map(({ params }) => params)),
  }
}

/**
 * A bound number of milliseconds as a time: constant for the engine, so that the sorting key is
 * used.
 */
export function time(parameter: string): string {
  return `fromUnixTimestamp64Milli({${parameter}:Int64}, 'UTC')`
}
