import { allOf, type Condition, time } from './call-filter.ts'
import { DIMENSIONS, HISTOGRAMS, HOUR, QUARTER, stepOf, TOKEN_COLUMNS } from './rollup-columns.ts'
import type { GroupColumn } from './summary-keys.ts'
import type { RolledSpans, Span, SummarySources } from './summary-sources.ts'
import type { Measure } from './summary-totals.ts'

/** What `totalsSql` asks of a row. */
const ALWAYS = ['outcome', 'source', 'status', 'billable', 'usage_source', 'cost_status']

/** The dimensions that rows need to meet the condition and to be grouped. */
function neededDimensions(wanted: Condition, groups: readonly GroupColumn[]) {
  const inFilter = wanted.sql.match(/\w+/g) ?? []
  const needed = new Set([...ALWAYS, ...groups.map(({ column }) => column), ...inFilter])
  return Object.values(DIMENSIONS).filter((column) => needed.has(column))
}

/** Sums with every dimension that the condition and the groups ask for, coarsest first. */
export function grainsFor(wanted: Condition, groups: readonly GroupColumn[]) {
  if (groups.some(({ isRolled }) => !isRolled)) return []
  const needed = neededDimensions(wanted, groups)
  return [HOUR, QUARTER].filter(({ dimensions }) =>
    needed.every((column) => dimensions.includes(column)),
  )
}

/**
 * Rows of all sources that meet the condition, with the columns of a group of sums and `at`: a
 * group of an hour or a quarter is one row, and so is a record. Null where there is nothing to read.
 */
export function unionOf(
  { rolled, records }: SummarySources,
  measures: readonly Measure[],
  wanted: Condition,
  groups: readonly GroupColumn[],
): Condition | null {
  // Planning a column costs more than reading it: none is named that is not needed.
  const columns = [
    ...neededDimensions(wanted, groups).map((column) => ({ column, ofRecord: column })),
    ...groups.filter(({ isRolled }) => !isRolled),
    ...measureColumns(measures),
  ]
  const parts = [
    ...rolled
      .filter(({ spans }) => spans.length > 0)
      .map((sums) => rolledRows(sums, columns, wanted)),
    ...(records.length === 0 ? [] : [recordRows(records, columns, wanted)]),
  ]
  if (parts.length === 0) return null
  return {
    sql: parts.map(({ sql }) => sql).join(' UNION ALL '),
    params: Object.assign({}, ...[...groups, ...parts].map(({ params }) => params)),
  }
}

function rolledRows(
  { grain: { table, begin }, spans }: RolledSpans,
  taken: readonly Column[],
  wanted: Condition,
): Condition {
  const within = withinSpans(begin, spans)
  const columns = taken.map(({ column }) => column)
  const lists = columns.map((column) => `groups.${column}`)
  return {
    sql: `SELECT toDateTime64(${begin}, 3, 'UTC') AS at, ${columns.join(', ')}
      FROM (SELECT ${begin}, ${lists.join(', ')} FROM ${table} FINAL WHERE org = {org:String} AND (${within.sql}))
      ARRAY JOIN ${columns.map((column) => `groups.${column} AS ${column}`).join(', ')}
      WHERE ${wanted.sql}`,
    params: { ...wanted.params, ...within.params },
  }
}

/** The condition is met inside: further out, `total_tokens` is 0 where a record has null. */
function recordRows(
  spans: readonly Span[],
  taken: readonly Column[],
  wanted: Condition,
): Condition {
  const condition = allOf([
    withinSpans('created_at', spans),
    { sql: "outcome != 'erased'", params: {} },
    wanted,
  ])
  const columns = taken.map(({ column, ofRecord }) => `${ofRecord} AS ${column}`)
  return {
    sql: `SELECT created_at AS at, ${columns.join(', ')}
      FROM (SELECT * FROM calls_settled FINAL WHERE org = {org:String} AND ${condition.sql})`,
    params: condition.params,
  }
}

interface Column {
  readonly column: string
  readonly ofRecord: string
}

function measureColumns(measures: readonly Measure[]): readonly Column[] {
  return [
    { column: 'calls', ofRecord: 'toUInt64(1)' },
    ...(measures.includes('tokens')
      ? Object.values(TOKEN_COLUMNS).map((column) => ({ column, ofRecord: `ifNull(${column}, 0)` }))
      : []),
    ...(measures.includes('cost')
      ? [{ column: 'cost_usd', ofRecord: 'ifNull(cost_usd, toDecimal128(0, 12))' }]
      : []),
    ...measures.flatMap((measure) => {
      if (measure !== 'latency' && measure !== 'firstByte') return []
      const { prefix, ofRecord } = HISTOGRAMS[measure]
      const list = (value: string, type: string) =>
        `if(${ofRecord} IS NULL, CAST([], 'Array(${type})'), [${value}])`
      return [
        { column: `${prefix}_steps`, ofRecord: list(stepOf(ofRecord), 'UInt16') },
        { column: `${prefix}_calls`, ofRecord: list('toUInt64(1)', 'UInt64') },
      ]
    }),
  ]
}

function withinSpans(column: 'hour' | 'quarter' | 'created_at', spans: readonly Span[]): Condition {
  const name = (edge: string, n: number) => `${column}_${edge}_${n}`
  return {
    sql: spans
      .map((_, n) => `${column} >= ${time(name('from', n))} AND ${column} < ${time(name('to', n))}`)
      .map((sql) => `(${sql})`)
      .join(' OR '),
    params: Object.fromEntries(
      spans.flatMap(({ fromMs, toMs }, n) => [
        [name('from', n), fromMs],
        [name('to', n), toMs],
      ]),
    ),
  }
}
