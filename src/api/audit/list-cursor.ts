import { type Static, Type } from 'typebox'
import { type CursorCodec, createCursorCodec } from '../cursor.ts'

/**
 * What a cursor continues: whose list, which filters, how many a page, and the last row that was
 * given out.
 */
const ListCursorSchema = Type.Object({
  /**
   * Position: milliseconds of creation and id of the last row. First, so that a cursor starts as in
   * the guide.
   */
  pk: Type.Object({ createdAtMs: Type.Integer(), recordId: Type.String() }),
  org: Type.String(),
  order: Type.Literal('created_at desc, record_id desc'),
  limit: Type.Integer(),
  filter: Type.Object({
    fromMs: Type.Optional(Type.Integer()),
    toMs: Type.Optional(Type.Integer()),
    provider: Type.Optional(Type.String()),
    model: Type.Optional(Type.String()),
    sessionId: Type.Optional(Type.String()),
    callerRequestId: Type.Optional(Type.String()),
    tag: Type.Optional(Type.Object({ name: Type.String(), value: Type.String() })),
  }),
})
export type ListCursor = Static<typeof ListCursorSchema>

export function createListCursors(secret: string | Buffer): CursorCodec<ListCursor> {
  return createCursorCodec(secret, { purpose: 'audit cursor', schema: ListCursorSchema })
}
