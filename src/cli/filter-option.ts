import { type FilterQuery, toCallFilter } from '../api/audit/filter-query.ts'
import { filterQueryOf } from '../api/audit/filter-text.ts'
import { ConfigError } from '../config/config-error.ts'
import { FlintError } from '../errors.ts'
import { SCOPES } from '../identity/principal.ts'
import type { CallFilter } from '../store/calls/call-filter.ts'

/** The option of commands that mean some of the calls. */
export const FILTER_OPTION = '--filter <query>'
export const FILTER_HELP =
  "filters as GET /v1/audit takes them, e.g. 'tag=team:search&outcome=!complete'"

/**
 * What a filter as text says and what it means. Who stands at the machine may filter by all of it.
 * Throws ConfigError naming the filter that is not right.
 */
export function filterOption(text: string): {
  readonly query: FilterQuery
  readonly filter: CallFilter
} {
  try {
    const query = filterQueryOf(text)
    return { query, filter: toCallFilter(query, SCOPES, 'filter') }
  } catch (error) {
    if (error instanceof FlintError)
      throw new ConfigError(`--filter: ${error.message}`, 'filter', { cause: error })
    throw error
  }
}
