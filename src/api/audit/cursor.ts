import { createHmac, timingSafeEqual } from 'node:crypto'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { FlintError } from '../../errors.ts'
import { PROVIDERS } from '../../evidence/evidence.ts'

/** What a cursor continues: whose list, which filters, how many a page, and the last row that was given out. */
const CursorSchema = Type.Object({
  /** Position: milliseconds of creation and id of the last row. First, so that a cursor starts as in the guide. */
  pk: Type.Object({ createdAtMs: Type.Integer(), recordId: Type.String() }),
  org: Type.String(),
  order: Type.Literal('created_at desc, record_id desc'),
  limit: Type.Integer(),
  filter: Type.Object({
    fromMs: Type.Optional(Type.Integer()),
    toMs: Type.Optional(Type.Integer()),
    provider: Type.Optional(Type.Enum([...PROVIDERS])),
    model: Type.Optional(Type.String()),
    tag: Type.Optional(Type.Object({ name: Type.String(), value: Type.String() })),
  }),
})
export type Cursor = Static<typeof CursorSchema>

export interface CursorCodec {
  seal(cursor: Cursor): string
  /** Throws invalid_request for anything this installation did not seal for this organisation. */
  open(text: string, org: string): Cursor
}

/** Signed, not encrypted: it holds nothing its owner did not send or see, and nobody can make one for another organisation. */
export function createCursorCodec(secret: string | Buffer): CursorCodec {
  const sign = (payload: string) => createHmac('sha256', secret).update('flint audit cursor 1\n').update(payload).digest()

  return {
    seal(cursor) {
      const payload = Buffer.from(JSON.stringify(cursor)).toString('base64url')
      return `${payload}.${sign(payload).toString('base64url')}`
    },

    open(text, org) {
      const [payload = '', signature = '', ...rest] = text.split('.')
      const given = Buffer.from(signature, 'base64url')
      const made = sign(payload)
      // Compared as text too: base64 has several spellings of the same bytes.
      const isOurs =
        rest.length === 0 && given.length === made.length && timingSafeEqual(given, made) && made.toString('base64url') === signature
      const cursor: unknown = isOurs ? JSON.parse(Buffer.from(payload, 'base64url').toString()) : null
      if (!Value.Check(CursorSchema, cursor) || cursor.org !== org) {
        throw new FlintError(
          'invalid_request',
          'The query parameter "cursor" is not a cursor of this list: send nextCursor as it was given, or leave it out.',
        )
      }
      return cursor
    },
  }
}
