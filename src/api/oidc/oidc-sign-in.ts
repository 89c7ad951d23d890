import { AuthorizationResponseError, ResponseBodyError } from 'openid-client'
import type { OidcSettings } from '../../config/oidc-settings.ts'
import type { AuthenticationFailures } from '../../identity/authentication-failures.ts'
import { maySignIn } from '../../identity/principal.ts'
import type { RoleMapping } from '../../identity/role-mapping.ts'
import { roleValuesOf, userOf } from '../../identity/user-claims.ts'
import type { SessionUser } from '../../store/identity/session-log.ts'
import type { IdentityProvider, SignInSecrets } from './identity-provider.ts'

type SignInResult =
  | { readonly user: SessionUser }
  /** Why not, in paragraphs for the person. */
  | { readonly refused: readonly string[] }
  /** The provider is away, or its answer cannot be believed. */
  | { readonly fault: unknown }

/** Whom the provider sent back to `url`, if they have a role here. */
export type OidcSignIn = (url: URL, secrets: SignInSecrets) => Promise<SignInResult>

interface OidcSignInOptions {
  readonly settings: Pick<OidcSettings, 'issuer' | 'name' | 'org' | 'roleClaim'>
  readonly provider: Pick<IdentityProvider, 'finish'>
  readonly roles: RoleMapping
  /** Their events are `session.refused`. */
  readonly failures: Pick<AuthenticationFailures, 'note'>
  readonly isOrganisation: (org: string) => Promise<boolean>
}

const NO_ORGANISATION =
  'The setting oidc.org names no organisation of this Flint; `npx flint orgs list` shows their ids.'

/** Values of the claim beyond these are counted, not shown. */
const MAX_SHOWN = 30

export function createOidcSignIn({
  settings: { issuer, name, org, roleClaim },
  provider,
  roles,
  failures,
  isOrganisation,
}: OidcSignInOptions): OidcSignIn {
  const hasRoleClaim = (claims: Parameters<typeof roleValuesOf>[0]) =>
    roleValuesOf(claims, roleClaim) !== null

  return async (url, secrets) => {
    let claims: Awaited<ReturnType<typeof provider.finish>>
    try {
      claims = await provider.finish(url, secrets, hasRoleClaim)
    } catch (error) {
      const code = refusalOf(error)
      if (code === null) return { fault: error }
      failures.note('unknown', null)
      return { refused: [`${name} did not complete the sign-in: ${code}.`] }
    }
    const values = roleValuesOf(claims, roleClaim)
    const user = userOf(issuer, claims, roles.mapped(values ?? []))
    if (user === null) return { fault: new Error('the claim sub is not as OpenID Connect asks') }
    if (!maySignIn(roles.rightsOf(org, user))) {
      failures.note('forbidden', { org, user })
      return { refused: noRole(name, roleClaim, values) }
    }
    return await isOrganisation(org).then(
      (isThere) => (isThere ? { user } : { refused: [NO_ORGANISATION] }),
      (fault: unknown) => ({ fault }),
    )
  }
}

/** The provider's own code for what it refused, such as `access_denied`; null: it did not. */
function refusalOf(error: unknown): string | null {
  const isRefusal =
    error instanceof AuthorizationResponseError || error instanceof ResponseBodyError
  if (!isRefusal) return null
  // Of a registered list, and all the same the text of another party.
  return /^[a-z_]{1,60}$/.test(error.error) ? error.error : 'an error without a name'
}

function noRole(name: string, claim: string, values: readonly string[] | null): string[] {
  const shown = (values ?? []).slice(0, MAX_SHOWN).join(', ')
  const more = (values?.length ?? 0) - MAX_SHOWN
  return [
    `${name} knows you, and Flint has no role for you.`,
    values === null
      ? `Your account carries no claim “${claim}”, by which Flint gives roles.`
      : `Your claim “${claim}” is: ${shown === '' ? 'empty' : shown}${more > 0 ? `, and ${more} more` : ''}.`,
    'Who runs Flint gives roles to values of this claim in the setting oidc.roles.',
  ]
}
