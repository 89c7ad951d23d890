import { type Static, Type } from 'typebox'
import type { CallFilter } from '../store/calls/call-filter.ts'
import { createListCursors } from './audit/list-cursor.ts'
import { ListQuerySchema, toPageRequest } from './audit/list-query.ts'

const { limit: _limit, cursor: _cursor, ...properties } = ListQuerySchema.properties

/** The parameters by which the list of records is filtered, for routes that take the same. */
export const FilterProperties = properties

const FilterSchema = Type.Object(FilterProperties)

/** Throws invalid_request naming the parameter that is not right. */
export function toFilter(query: Static<typeof FilterSchema>): CallFilter {
  // The list's own reading; without a cursor no secret is needed.
  return toPageRequest(query, '', createListCursors('')).filter
}
