import { type Static, Type } from 'typebox'
import type { ViewRow } from '../../store/identity/identity-rows.ts'
import { NameSchema } from '../keys/key-schemas.ts'

const MAX_QUERY_CHARACTERS = 4_000

const content = {
  name: NameSchema,
  query: Type.String({
    maxLength: MAX_QUERY_CHARACTERS,
    // Of a query in a URL (RFC 3986): all else comes percent-encoded, and no fragment.
    pattern: "^[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*$",
    description:
      'Filters, columns and grouping as the page writes them behind the `?` of its address. What the page does not know it shows as such: this API checks the form alone.',
    examples: ['last=24h&outcome=!complete&cols=time,model,costUsd'],
  }),
  shared: Type.Boolean({
    description: 'All of the organisation with the scope `read` see it.',
  }),
}

export const ViewSchema = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    ...content,
    owner: Type.String({
      description: 'Who keeps it: id of a Flint key, or `issuer#subject` of a user.',
    }),
    mine: Type.Boolean({ description: 'Who asks keeps it.' }),
    createdAt: Type.String({ format: 'date-time', description: 'ISO 8601, UTC.' }),
    changedAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'View', description: 'Filters and columns of the list of calls, saved under a name.' },
)
export type PublicView = Static<typeof ViewSchema>
export const ViewRef = Type.Unsafe<PublicView>({ $ref: 'View#' })

export const VIEW_EXAMPLE: PublicView = {
  id: '019bf0a2-53f1-7c11-8d0e-7f6a1c2b3d4e',
  name: 'Errors today',
  query: 'last=24h&outcome=!complete',
  shared: true,
  owner: 'key_5f0c2a9be1d34c77',
  mine: true,
  createdAt: '2026-05-04T14:22:01.000Z',
  changedAt: '2026-05-04T14:22:01.000Z',
}

export const CreateViewSchema = Type.Object(
  {
    name: content.name,
    query: content.query,
    shared: Type.Optional({ ...content.shared, default: false }),
  },
  { additionalProperties: false },
)

export const ChangeViewSchema = Type.Partial(Type.Object(content), {
  additionalProperties: false,
  minProperties: 1,
})

/** By name: what is added later does not appear by itself. */
export function toPublicView(row: ViewRow, keyId: string): PublicView {
  const { id, name, query, shared, owner, createdAt, changedAt } = row
  return { id, name, query, shared, owner, mine: owner === keyId, createdAt, changedAt }
}
