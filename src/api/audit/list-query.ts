import { type Static, Type } from 'typebox'
import { FlintError } from '../../errors.ts'
import type { Principal } from '../../identity/principal.ts'
import type { CallFilter, Position } from '../../store/calls/call-filter.ts'
import { RANGE_FILTERS, VALUE_FILTERS } from '../../store/calls/call-filters.ts'
import type { CursorCodec } from '../cursor.ts'
import { FilterQueryProperties, requireFilterScopes, toCallFilter } from './filter-query.ts'
import type { ListCursor, ListOrder } from './list-cursor.ts'
import { FieldsSchema, toFields } from './record-fields.ts'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 500
/** Holds a filter of the greatest size and the names of all fields, in base64. */
const MAX_CURSOR_LENGTH = 8_192

export const ListQuerySchema = Type.Object(
  {
    ...FilterQueryProperties,
    order: Type.Optional(
      Type.Unsafe<ListOrder>({
        type: 'string',
        enum: ['desc', 'asc'],
        description:
          'By `createdAt`, then by id: `desc`, the newest first (default), or `asc`, the oldest first.',
      }),
    ),
    fields: FieldsSchema,
    around: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description:
          'requestId of a record: the page with this record in its middle. 404 where the filters do not choose it. Not with `cursor`.',
        examples: ['01969bac-e328-7a51-9f0e-2f1c6f3f8a11'],
      }),
    ),
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_LIMIT,
        description: `Records per page, default ${DEFAULT_LIMIT}.`,
      }),
    ),
    cursor: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: MAX_CURSOR_LENGTH,
        description:
          '`nextCursor` or `prevCursor` of a page. Alone it continues that list; filters and `order` sent with it must be the same, `limit` and `fields` may change.',
      }),
    ),
  },
  { additionalProperties: false },
)
export type ListQuery = Static<typeof ListQuerySchema>

/** Where in the list a page lies: beside a row, around a record, or at the beginning. */
type Place =
  | { readonly beside: Position; readonly back: boolean }
  | { readonly around: string }
  | 'beginning'

/** One page to read. */
export interface PageRequest {
  readonly filter: CallFilter
  readonly order: ListOrder
  readonly limit: number
  readonly place: Place
  /** Null: all. */
  readonly fields: readonly string[] | null
}

/**
 * The request as a page to read, with everything a cursor remembers; throws invalid_request naming
 * what does not fit.
 */
export function toPageRequest(
  { cursor: text, limit, order, fields: names, around, ...query }: ListQuery,
  { org, scopes }: Principal,
  cursors: CursorCodec<ListCursor>,
): PageRequest {
  const filter = toCallFilter(query, scopes)
  const fields = names === undefined ? null : toFields(names)
  if (text === undefined)
    return {
      filter,
      order: order ?? 'desc',
      limit: limit ?? DEFAULT_LIMIT,
      place: around === undefined ? 'beginning' : { around },
      fields,
    }
  if (around !== undefined)
    throw new FlintError('invalid_request', 'The query parameter "around" is not for a cursor.')
  const cursor = cursors.open(text, org)
  requireFilterScopes(cursor.filter, scopes)
  if (order !== undefined && order !== cursor.order) throw otherThanBefore('order')
  for (const { name, property } of FILTERS)
    if (query[name] !== undefined && asSet(filter[property]) !== asSet(cursor.filter[property]))
      throw otherThanBefore(name)
  return {
    filter: cursor.filter,
    order: cursor.order,
    limit: limit ?? cursor.limit,
    place: { beside: cursor.pk, back: cursor.back === true },
    fields: fields ?? cursor.fields ?? null,
  }
}

const FILTERS = [
  ...RANGE_FILTERS,
  ...VALUE_FILTERS.map(({ name }) => ({ name, property: name })),
] as const

/** The order of values says nothing. */
function asSet(value: string | number | readonly string[] | undefined): string {
  return JSON.stringify([...new Set([value].flat())].toSorted())
}

function otherThanBefore(name: string): FlintError {
  return new FlintError(
    'invalid_request',
    `The query parameter "${name}" is not the one this cursor was made with: repeat it as it was, or leave it out.`,
  )
}
