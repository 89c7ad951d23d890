import type { SessionUser } from '../store/identity/session-log.ts'

/** What an identity provider says of a user: of an ID token, or of its userinfo endpoint. */
export type Claims = Readonly<Record<string, unknown>>

/** Longer texts are no names, addresses or groups that people gave. */
const MAX_CHARACTERS = 256

/**
 * Values of the role claim: a text, or a list of them. `name` may lead into objects, as
 * `realm_access.roles` does; a claim that has the dots in its own name comes first. Null where there
 * is no such claim.
 */
export function roleValuesOf(claims: Claims, name: string): readonly string[] | null {
  const value = Object.hasOwn(claims, name) ? claims[name] : inside(claims, name.split('.'))
  if (value === undefined || value === null) return null
  return (Array.isArray(value) ? value : [value]).flatMap((entry) => textOf(entry) ?? [])
}

/** Null: the claims do not say who it is in the form that OpenID Connect asks for. */
export function userOf(
  issuer: string,
  claims: Claims,
  roleValues: readonly string[],
): SessionUser | null {
  const { sub: subject } = claims
  // OpenID Connect Core 1.0 §2: at most 255 ASCII characters.
  if (typeof subject !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(subject)) return null
  return {
    issuer,
    subject,
    name: textOf(claims['name']),
    email: textOf(claims['email']),
    emailVerified: claims['email_verified'] === true,
    roleValues: [...roleValues],
  }
}

function inside(value: unknown, path: readonly string[]): unknown {
  const [step, ...rest] = path
  if (step === undefined) return value
  return typeof value === 'object' && value !== null && Object.hasOwn(value, step)
    ? inside((value as Claims)[step], rest)
    : undefined
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && value.length <= MAX_CHARACTERS ? value : null
}
