import { FlintError } from '../../errors.ts'
import { type AuthenticationFailures, failureOf } from '../../identity/authentication-failures.ts'
import {
  type Authenticator,
  isRefused,
  type KeyAuthentication,
  type KeyHolders,
  type KeyPrincipal,
  maySignIn,
} from '../../identity/principal.ts'
import type { SessionAdmin, StartedSession } from '../../identity/session-admin.ts'
import type { SessionRow } from '../../store/identity/session-log.ts'

/** What a person signs in with: a Flint key, or the token of a link that was made for them. */
type SignInProof = { readonly key: string } | { readonly link: string }

interface SignInOptions {
  readonly keys: Authenticator & KeyHolders
  readonly admin: Pick<SessionAdmin, 'start' | 'findLink'>
  /** Their events are `session.refused`. */
  readonly failures: Pick<AuthenticationFailures, 'note'>
}

/** `replaces`: the session that the same browser had, which ends. */
export type SignIn = (proof: SignInProof, replaces: SessionRow | null) => Promise<StartedSession>

/** Starts a session for one who proves to be let in; throws what they are answered otherwise. */
export function createSignIn({ keys, admin, failures }: SignInOptions): SignIn {
  /** Whom a key stands for, if it may be signed in with. */
  function admitted(known: KeyAuthentication): KeyPrincipal {
    if (isRefused(known)) {
      const failure = failureOf(known)
      if (failure === null)
        throw new FlintError('audit_unavailable', 'Keys cannot be checked right now. Retry later.')
      failures.note(...failure)
      throw new FlintError('invalid_api_key', 'This Flint key is unknown, expired or revoked.', {
        reason: known.refused,
      })
    }
    if (maySignIn(known.scopes)) return known
    failures.note('forbidden', known)
    throw new FlintError(
      'forbidden',
      `This Flint key has the scopes ${known.scopes.join(', ')}. To sign in it needs "read" or "admin": npx flint keys create --name … --scopes read`,
      { reason: 'no_scope' },
    )
  }

  /** The link that was made for them, and whom it stands for. */
  async function byLink(token: string) {
    const link = await admin.findLink(token)
    if (link !== null) return { link, principal: admitted(keys.holderOf(link.keyId)) }
    failures.note('unknown', null)
    throw linkIsOver()
  }

  return async (proof, replaces) => {
    const by =
      'link' in proof
        ? await byLink(proof.link)
        : { link: null, principal: admitted(keys.authenticate(proof.key)) }
    const started = await admin.start({ ...by, replaces })
    if (started === 'used') throw linkIsOver()
    return started
  }
}

function linkIsOver(): FlintError {
  return new FlintError(
    'not_signed_in',
    'This link was used before, or is older than ten minutes: npx flint dashboard makes another.',
    { reason: 'link_over' },
  )
}
