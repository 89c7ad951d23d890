import { signal } from '@preact/signals'
import type { Me } from './answers.ts'
import { ApiError, get, send, whenSignedOut } from './request.ts'

/** What `GET /ui/session` says; asking does not keep a session alive. */
export interface SessionState {
  readonly signedIn: boolean
  /** Why there is no session any more; null where there was none. */
  readonly why: 'idle' | 'expired' | 'revoked' | 'signed_out' | null
  readonly endsAt: string | null
  readonly idleEndsAt: string | null
  readonly methods: { readonly key: boolean; readonly oidc: { readonly name: string } | null }
  /** Of the page's files: another one means that a newer page is there. */
  readonly buildId: string
}

/** Id of who is signed in, as events and sessions name them. */
export function idOf(who: Me | undefined): string | undefined {
  return who?.user?.id ?? who?.keyId ?? undefined
}

/** What people call who is signed in; says so where only they themselves say it. */
export function nameOf(who: Me | undefined): string | undefined {
  if (who?.user == null) return who?.keyName ?? who?.keyId ?? undefined
  return userName(who.user)
}

/** As `nameOf`, of a user of the identity provider. */
export function userName({ subject, name, email, emailVerified }: NonNullable<Me['user']>): string {
  if (email !== null) return emailVerified ? email : `${email} (unverified)`
  return name === null ? subject : `${name} (unverified)`
}

/** undefined until the first answer. */
export const session = signal<SessionState | undefined>(undefined)
/** Who is signed in; undefined before that is known. */
export const me = signal<Me | undefined>(undefined)

/** The last question for the session got no answer. */
export const isApiAway = signal(false)

whenSignedOut(() => {
  void refreshSession()
})

/** Asks who is signed in. Keeps what was known while the API is away. */
export async function refreshSession(): Promise<void> {
  try {
    const state = await send<SessionState>('GET', '/ui/session')
    isApiAway.value = false
    if (!state.signedIn) me.value = undefined
    session.value = state
    if (state.signedIn && me.value === undefined) me.value = await get<Me>('/me')
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    isApiAway.value = error.isAway
  }
}

/** By a Flint key, or by the token of a one-time link. @throws ApiError */
export async function signIn(by: { key: string } | { link: string }): Promise<void> {
  await send('POST', '/ui/session', by)
  await refreshSession()
}

/** A user goes on to sign out of their identity provider too. @throws ApiError */
export async function signOut(): Promise<void> {
  const further = await send<{ continueAt: string } | undefined>('DELETE', '/ui/session')
  if (further === undefined) await refreshSession()
  else location.assign(further.continueAt)
}

/** Asks again who is signed in, after what they see of themselves has changed. */
export async function refreshMe(): Promise<void> {
  me.value = await get<Me>('/me')
}
