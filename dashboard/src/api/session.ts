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
/** Who is signed in, or was until the session ended by itself; undefined before that is known. */
export const me = signal<Me | undefined>(undefined)

whenSignedOut(() => {
  void refreshSession()
})

function personOf(who: Me): string {
  return `${who.org.id} ${idOf(who)}`
}

/** End of the session that `me` is of. */
let known: string | null = null

/** Asks who is signed in. Keeps what was known while the API is away. */
export async function refreshSession(): Promise<void> {
  try {
    const state = await send<SessionState>('GET', '/ui/session')
    // Each session has an end of its own: another one may be of somebody else.
    const isNew = state.signedIn && (me.value === undefined || state.endsAt !== known)
    if (isNew) {
      const now = await get<Me>('/me')
      // Nothing that this page holds is for anybody else.
      if (me.value !== undefined && personOf(me.value) !== personOf(now)) return location.reload()
      me.value = now
    }
    if (state.signedIn) known = state.endsAt
    session.value = state
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
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
  // Loaded anew: nothing that this page holds is for whoever signs in next.
  location.assign(further?.continueAt ?? '/ui/signin')
}

/** Asks again who is signed in, after what they see of themselves has changed. */
export async function refreshMe(): Promise<void> {
  me.value = await get<Me>('/me')
}
