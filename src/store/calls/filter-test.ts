import type { Parameter } from '../client/client.ts'
import { LATEST_MS } from './call-id.ts'
import type { RangeFilterRow, ValueFilterRow } from './filter-row.ts'

/** Binds a value and gives the text that stands for it: `{name:Type}`. */
type Bind = (value: Parameter, type: string) => string

/**
 * One comparison, twice: in SQL, and of the value that a record has. SQL may say NULL where the
 * column is null; `meets` is false there.
 */
export interface FilterTest {
  sql(column: string, bind: Bind): string
  meets(value: unknown): boolean
}

/** The test of each kind for a value as the API writes it; null where it is no such value. */
export const VALUE_TESTS: Readonly<
  Record<ValueFilterRow['kind'], (text: string) => FilterTest | null>
> = {
  equal: equals,
  prefix(text) {
    if (!text.endsWith('*')) return equals(text)
    // A backslash keeps the asterisk: `a\*` is `a*` itself.
    if (text.endsWith('\\*')) return equals(`${text.slice(0, -2)}*`)
    const start = text.slice(0, -1)
    return {
      sql: (column, bind) => `startsWith(${column}, ${bind(start, 'String')})`,
      meets: (value) => typeof value === 'string' && value.startsWith(start),
    }
  },
  status(text) {
    const [, exact, hundreds] = /^(?:([1-9]\d\d)|([1-9])xx)$/i.exec(text) ?? []
    const [least, most] =
      exact === undefined
        ? [Number(hundreds) * 100, Number(hundreds) * 100 + 99]
        : [Number(exact), Number(exact)]
    if (Number.isNaN(least)) return null
    return {
      sql: (column, bind) =>
        `${column} BETWEEN ${bind(least, 'UInt16')} AND ${bind(most, 'UInt16')}`,
      meets: (value) => typeof value === 'number' && value >= least && value <= most,
    }
  },
  boolean(text) {
    if (text !== 'true' && text !== 'false') return null
    const wanted = text === 'true'
    return {
      sql: (column, bind) => `${column} = ${bind(wanted, 'Bool')}`,
      meets: (value) => value === wanted,
    }
  },
  tag(text) {
    const colon = text.indexOf(':')
    if (colon < 1) return null
    // A tag's name came out of a header's name, which has no case.
    const [name, wanted] = [text.slice(0, colon).toLowerCase(), text.slice(colon + 1)]
    return {
      // A map gives '' for a name it does not hold.
      sql: (column, bind) =>
        `mapContains(${column}, ${bind(name, 'String')}) AND ${column}[${bind(name, 'String')}] = ${bind(wanted, 'String')}`,
      meets: (value) =>
        typeof value === 'object' &&
        value !== null &&
        Object.entries(value).some(([key, entry]) => key === name && entry === wanted),
    }
  },
}

/** The test of one end of a range; null where the value is not of the range's kind. */
export function rangeTest(
  { of, end }: Pick<RangeFilterRow, 'of' | 'end'>,
  bound: string | number,
): FilterTest | null {
  const { operator, holds } = ENDS[end]
  const toOrder = ORDERS[of]
  const limit = toOrder(bound)
  if (limit === null) return null
  return {
    sql: (column, bind) => `${column} ${operator} ${BOUND[of](bound, bind)}`,
    meets: (value) => {
      const found = typeof value === 'string' || typeof value === 'number' ? toOrder(value) : null
      return found !== null && holds(found, limit)
    },
  }
}

type Orderable = number | bigint

const ENDS: Readonly<
  Record<
    RangeFilterRow['end'],
    { readonly operator: string; readonly holds: (found: Orderable, limit: Orderable) => boolean }
  >
> = {
  min: { operator: '>=', holds: (found, limit) => found >= limit },
  max: { operator: '<=', holds: (found, limit) => found <= limit },
  from: { operator: '>=', holds: (found, limit) => found >= limit },
  to: { operator: '<', holds: (found, limit) => found < limit },
}

/** What two values of a kind are compared by. */
const ORDERS: Readonly<Record<RangeFilterRow['of'], (value: string | number) => Orderable | null>> =
  {
    count: (value) =>
      typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null,
    decimal: toTrillionths,
    time: (value) => {
      const ms = typeof value === 'string' ? Date.parse(value) : value
      return Number.isFinite(ms) ? ms : null
    },
  }

const BOUND: Readonly<
  Record<RangeFilterRow['of'], (bound: string | number, bind: Bind) => string>
> = {
  count: (bound, bind) => bind(bound, 'UInt64'),
  decimal: (bound, bind) => bind(String(bound), 'Decimal(38, 12)'),
  // Beyond what the engine's times can say there is no record either.
  time: (bound, bind) =>
    `fromUnixTimestamp64Milli(${bind(Math.min(Math.max(Number(bound), 0), LATEST_MS), 'Int64')}, 'UTC')`,
}

/** Decimal text of at most 12 places as a whole number of 1e-12; null for anything else. */
function toTrillionths(text: string | number): bigint | null {
  const [, whole, decimals = ''] = /^(\d{1,26})(?:\.(\d{1,12}))?$/.exec(String(text)) ?? []
  return whole === undefined ? null : BigInt(whole + decimals.padEnd(12, '0'))
}

function equals(text: string): FilterTest {
  return {
    sql: (column, bind) => `${column} = ${bind(text, 'String')}`,
    meets: (value) => value === text,
  }
}
