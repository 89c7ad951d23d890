import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { FlintError } from '../errors.ts'

export interface CursorCodec<Cursor> {
  seal(cursor: Cursor): string
  /**
   * Throws invalid_request for anything this installation did not seal for this list and this
   * organisation.
   */
  open(text: string, org: string): Cursor
}

/**
 * Signed (not encrypted) page cursor; it holds only what the client already knows, and no one can
 * make one for another organisation. `purpose` keeps the cursors of one list from being used for
 * another; `parameter` is its name.
 */
export function createCursorCodec<Schema extends TSchema>(
  secret: string | Buffer,
  {
    purpose,
    schema,
    parameter = 'The query parameter "cursor"',
  }: { purpose: string; schema: Schema; parameter?: string },
): CursorCodec<Static<Schema> & { readonly org: string }> {
  type Cursor = Static<Schema> & { readonly org: string }
  const sign = (payload: string) =>
    createHmac('sha256', secret).update(`flint ${purpose} 1\n`).update(payload).digest()
  const isCursor = (value: unknown, org: string): value is Cursor =>
    Value.Check(schema, value) &&
    typeof value === 'object' &&
    value !== null &&
    'org' in value &&
    value.org === org

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
        rest.length === 0 &&
        given.length === made.length &&
        timingSafeEqual(given, made) &&
        made.toString('base64url') === signature
      const cursor: unknown = isOurs
        ? JSON.parse(Buffer.from(payload, 'base64url').toString())
        : null
      if (!isCursor(cursor, org))
        throw new FlintError(
          'invalid_request',
          `${parameter} is not one of ours for this: send it as it was given, or leave it out.`,
        )
      return cursor
    },
  }
}
