import type { SessionUser } from '../store/identity/session-log.ts'

/**
 * A user of an identity provider as events name them. Issuers have no fragment (OpenID Connect
 * Discovery 1.0 §4), so the first `#` parts the two, and no key's id has a scheme.
 */
export function userId({ issuer, subject }: Pick<SessionUser, 'issuer' | 'subject'>): string {
  return `${issuer}#${subject}`
}

/** Whether an actor of an event is such a user. */
export function isUserId(actor: string): boolean {
  return /^https?:\/\//.test(actor)
}

/**
 * What people call a user. Names, and addresses that the provider does not vouch for, may be of
 * the user's own choice: they say so wherever they are shown.
 */
export function nameOfUser({ subject, name, email, emailVerified }: SessionUser): string {
  if (email !== null) return emailVerified ? email : `${email} (unverified)`
  return name === null ? subject : `${name} (unverified)`
}
