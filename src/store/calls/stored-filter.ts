import { type CallFilter, RANGE_FILTERS, VALUE_FILTERS } from './call-filters.ts'
import { valueTest } from './compiled-filter.ts'
import { rangeTest } from './filter-test.ts'

/**
 * A filter that was stored as JSON, perhaps by a newer build; null where this one does not know all
 * of it.
 */
export function storedFilter(stored: Readonly<Record<string, unknown>>): CallFilter | null {
  const isKnown = Object.entries(stored).every(([property, value]) => {
    const range = RANGE_FILTERS.find((row) => row.property === property)
    if (range !== undefined)
      return (
        (typeof value === 'number' || typeof value === 'string') && rangeTest(range, value) !== null
      )
    const row = VALUE_FILTERS.find(({ name }) => name === property)
    return (
      row !== undefined &&
      Array.isArray(value) &&
      value.length > 0 &&
      value.every((text) => typeof text === 'string' && valueTest(row.kind, text) !== null)
    )
  })
  return isKnown ? (stored as CallFilter) : null
}
