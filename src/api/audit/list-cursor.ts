import { type Static, Type } from 'typebox'
import type { CallFilter } from '../../store/calls/call-filter.ts'
import { RANGE_FILTERS, VALUE_FILTERS } from '../../store/calls/call-filters.ts'
import { type CursorCodec, createCursorCodec } from '../cursor.ts'

const ORDERS = {
  desc: 'created_at desc, record_id desc',
  asc: 'created_at asc, record_id asc',
} as const
export type ListOrder = keyof typeof ORDERS

/** A filter of the store is JSON as it is. */
const FilterSchema = Type.Unsafe<CallFilter>(
  Type.Object(
    Object.fromEntries([
      ...RANGE_FILTERS.map(({ property, of }) => [
        property,
        Type.Optional(of === 'decimal' ? Type.String() : Type.Integer()),
      ]),
      ...VALUE_FILTERS.map(({ name }) => [
        name,
        Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])),
      ]),
    ]),
    { additionalProperties: false },
  ),
)

/**
 * What a cursor continues: whose list, in which order, which filters and fields, how many a page,
 * and the row beside which it goes on.
 */
const ListCursorSchema = Type.Object({
  /**
   * Position: milliseconds of creation and id of that row. First, so that a cursor starts as in the
   * guide.
   */
  pk: Type.Object({ createdAtMs: Type.Integer(), recordId: Type.String() }),
  org: Type.String(),
  order: Type.Union([Type.Literal(ORDERS.desc), Type.Literal(ORDERS.asc)]),
  /** The page before that row instead of the one after it. */
  back: Type.Optional(Type.Literal(true)),
  limit: Type.Integer(),
  fields: Type.Optional(Type.Array(Type.String())),
  filter: FilterSchema,
})
type Sealed = Static<typeof ListCursorSchema>
export interface ListCursor extends Omit<Sealed, 'order'> {
  readonly order: ListOrder
}

export function createListCursors(secret: string | Buffer): CursorCodec<ListCursor> {
  const codec = createCursorCodec(secret, { purpose: 'audit cursor', schema: ListCursorSchema })
  return {
    seal: ({ pk, order, ...rest }) => codec.seal({ pk, order: ORDERS[order], ...rest }),
    open(text, org) {
      const { order, ...rest } = codec.open(text, org)
      return { ...rest, order: order === ORDERS.asc ? 'asc' : 'desc' }
    },
  }
}
