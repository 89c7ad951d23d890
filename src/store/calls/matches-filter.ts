import type { CallFilter } from './call-filters.ts'
import type { CallRecord } from './call-row.ts'
import { filterTests } from './compiled-filter.ts'
import { hasFailed } from './failed.ts'

/**
 * Whether a record meets a filter, its times included: in memory what `filterCondition` asks in
 * SQL, from the same tests.
 */
export function matchesFilter(record: CallRecord, filter: CallFilter): boolean {
  const fields: Readonly<Record<string, unknown>> = { ...record, failed: hasFailed(record) }
  return filterTests(filter).every(({ columns, anyOf, noneOf }) => {
    const passes = (tests: typeof anyOf) =>
      tests.some((test) => columns.some(({ field }) => test.meets(fields[field])))
    return (anyOf.length === 0 || passes(anyOf)) && !passes(noneOf)
  })
}
