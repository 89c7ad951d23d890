import { Type } from 'typebox'
import { FilterQueryProperties } from '../audit/filter-query.ts'

/** What narrows a summary: the filters of the list of records. */
export const FILTER_PROPERTIES = FilterQueryProperties
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
