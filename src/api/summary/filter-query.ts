import type { Static } from 'typebox'
import { Type } from 'typebox'
import type { CallFilter } from '../../store/calls/call-filter.ts'
import { ListQuerySchema, toPageRequest } from '../audit/list-query.ts'

const { limit: _limit, cursor: _cursor, ...properties } = ListQuerySchema.properties

/** What narrows a summary: the filters of the list of records. */
export const FILTER_PROPERTIES = properties
/** The same, with the ends that they have when they are left out. */
export const RANGE_PROPERTIES = {
  from: Type.Optional(
    Type.String({
      description:
        'Start, inclusive; a day before `to` when left out. ISO 8601; without a zone UTC.',
      examples: ['2025-05-01'],
    }),
  ),
  to: Type.Optional(
    Type.String({
      description:
        'End, exclusive; a date without a time includes that whole day; now when left out. ISO 8601; without a zone UTC.',
      examples: ['2025-05-31'],
    }),
  ),
}
const FilterSchema = Type.Object(properties)

const NO_CURSORS = {
  seal: () => '',
  open: () => {
    throw new Error('a summary has no cursor')
  },
}

/** Throws invalid_request naming the parameter that does not fit. */
export function toFilter(query: Static<typeof FilterSchema>): CallFilter {
  return toPageRequest(query, '', NO_CURSORS).filter
}
