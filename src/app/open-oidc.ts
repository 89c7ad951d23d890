import type { Logger } from 'pino'
import { createOidc } from '../api/oidc/create-oidc.ts'
import { oidcSettings } from '../config/oidc-settings.ts'
import type { AuthenticationFailures } from '../identity/authentication-failures.ts'
import type { Installation } from '../installation.ts'
import { errorName } from '../process/error-name.ts'
import type { IdentityLog } from '../store/identity/identity-log.ts'

/** Signing in by OpenID Connect; null where it is not set. */
export function openOidc(
  { config, secrets }: Installation,
  log: Logger,
  identity: Pick<IdentityLog, 'listOrganisations'>,
  failures: Pick<AuthenticationFailures, 'note'>,
): ReturnType<typeof createOidc> | null {
  const settings = oidcSettings(config)
  if (settings === null) return null
  const { issuer } = settings
  return createOidc({
    ...{ settings, failures, stateSecret: secrets.signInStateSecret },
    isOrganisation: async (org) =>
      (await identity.listOrganisations()).some(({ id }) => id === org),
    onFault: (error) =>
      log.warn({ issuer, error: errorName(error), code: codeOf(error) }, 'a sign-in failed'),
  })
}

/** `ECONNREFUSED`, `OAUTH_TIMEOUT`: a name of Node's or of the protocol, never an answer's text. */
function codeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  const code = 'code' in error ? String(error.code) : ''
  return /^[A-Z0-9_]{1,60}$/.test(code) ? code : codeOf(error.cause)
}
