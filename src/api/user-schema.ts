import { type Static, Type } from 'typebox'
import { userId } from '../identity/user.ts'
import type { SessionUser } from '../store/identity/session-log.ts'

const text = (description: string) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], description })
const UserSchema = Type.Object({
  id: Type.String({ description: '`issuer#subject`: the `actor` of their events.' }),
  issuer: Type.String({ description: 'Identity provider that knows them.' }),
  subject: Type.String({ description: 'Their `sub` there: never another’s, and never changed.' }),
  name: text('As the provider says; people may choose it themselves.'),
  email: text('As the provider says.'),
  emailVerified: Type.Boolean({ description: 'The provider vouches for the address.' }),
})
export type PublicUser = Static<typeof UserSchema>

/** A user of the identity provider, or null. */
export const NullableUser = (description: string) =>
  Type.Unsafe<PublicUser | null>({ anyOf: [UserSchema, { type: 'null' }], description })

export function toPublicUser(user: SessionUser): PublicUser {
  const { issuer, subject, name, email, emailVerified } = user
  return { id: userId(user), issuer, subject, name, email, emailVerified }
}
