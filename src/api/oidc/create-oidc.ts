import type { OidcSettings } from '../../config/oidc-settings.ts'
import type { AuthenticationFailures } from '../../identity/authentication-failures.ts'
import { createRoleMapping, type RoleMapping } from '../../identity/role-mapping.ts'
import { createIdentityProvider } from './identity-provider.ts'
import type { ApiOidc } from './oidc-routes.ts'
import { createOidcSignIn } from './oidc-sign-in.ts'

interface OidcOptions extends Pick<ApiOidc, 'stateSecret' | 'onFault'> {
  readonly settings: OidcSettings
  /** Their events are `session.refused`. */
  readonly failures: Pick<AuthenticationFailures, 'note'>
  readonly isOrganisation: (org: string) => Promise<boolean>
  /** Of one request to the provider. */
  readonly timeoutSeconds?: number
}

/** Signing in by OpenID Connect. The provider is asked nothing before someone signs in. */
export function createOidc({
  settings,
  failures,
  isOrganisation,
  timeoutSeconds,
  ...further
}: OidcOptions): { readonly api: ApiOidc; readonly roles: RoleMapping } {
  const { name, org } = settings
  const provider = createIdentityProvider({
    settings,
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
  })
  const roles = createRoleMapping(settings)
  const signIn = createOidcSignIn({ settings, provider, roles, failures, isOrganisation })
  return { roles, api: { name, org, provider, signIn, ...further } }
}
