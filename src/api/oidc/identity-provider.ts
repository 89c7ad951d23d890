import * as openid from 'openid-client'
import type { OidcSettings } from '../../config/oidc-settings.ts'
import type { Claims } from '../../identity/user-claims.ts'
import { boundedFetch } from './bounded-fetch.ts'

/** What must be the same again when a person comes back; random at each sign-in. */
export interface SignInSecrets {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

/** One OpenID provider, which may be slow, away or broken. Rejects within seconds then. */
export interface IdentityProvider {
  /** Where to send a person, and what their coming back is held against. */
  begin(redirectUri: string): Promise<{ readonly url: URL; readonly secrets: SignInSecrets }>
  /**
   * What the provider says of the person who came back to `url`, the redirect URI with its answer.
   * Where the ID token does not have what is wanted, the userinfo endpoint is asked too. Tokens are
   * checked, read and forgotten.
   */
  finish(url: URL, secrets: SignInSecrets, hasWanted: (claims: Claims) => boolean): Promise<Claims>
  /** Where a person signs out of the provider too; null where it offers none, or is not known yet. */
  signOutUrl(returnTo: string): URL | null
}

/** Of one request to the provider; a sign-in makes three or four. */
const TIMEOUT_SECONDS = 5
/** How long what a provider said of itself is believed without asking again. */
const DISCOVERED_MS = 3_600_000

interface IdentityProviderOptions {
  readonly settings: Pick<OidcSettings, 'issuer' | 'clientId' | 'clientSecret' | 'scope'>
  readonly timeoutSeconds?: number
  readonly nowMs?: () => number
}

export function createIdentityProvider({
  settings,
  timeoutSeconds = TIMEOUT_SECONDS,
  nowMs = Date.now,
}: IdentityProviderOptions): IdentityProvider {
  const { issuer, clientId, clientSecret, scope } = settings
  let known: { readonly config: openid.Configuration; readonly atMs: number } | null = null
  let asking: Promise<openid.Configuration> | null = null

  async function discover(): Promise<openid.Configuration> {
    const config = await openid.discovery(
      new URL(issuer),
      clientId,
      undefined,
      authenticateWith(clientSecret),
      {
        [openid.customFetch]: boundedFetch(),
        timeout: timeoutSeconds,
        execute: [
          // Else a token is believed for the connection that it came by.
          openid.enableNonRepudiationChecks,
          ...(issuer.startsWith('http:') ? [openid.allowInsecureRequests] : []),
        ],
      },
    )
    known = { config, atMs: nowMs() }
    return config
  }

  /** All who sign in meanwhile wait for one answer; a failure is asked again by the next. */
  function askAgain(): Promise<openid.Configuration> {
    asking ??= discover().finally(() => {
      asking = null
    })
    return asking
  }

  async function configuration(): Promise<openid.Configuration> {
    if (known === null) return await askAgain()
    // What was known goes on while the provider does not answer.
    if (nowMs() - known.atMs > DISCOVERED_MS) askAgain().catch(() => undefined)
    return known.config
  }

  return {
    async begin(redirectUri) {
      const config = await configuration()
      const secrets = {
        state: openid.randomState(),
        nonce: openid.randomNonce(),
        verifier: openid.randomPKCECodeVerifier(),
      }
      const url = openid.buildAuthorizationUrl(config, {
        ...{ redirect_uri: redirectUri, scope, state: secrets.state, nonce: secrets.nonce },
        code_challenge: await openid.calculatePKCECodeChallenge(secrets.verifier),
        code_challenge_method: 'S256',
      })
      return { url, secrets }
    },

    async finish(url, { state, nonce, verifier }, hasWanted) {
      const config = await configuration()
      const tokens = await openid.authorizationCodeGrant(config, url, {
        ...{ expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier },
        idTokenExpected: true,
      })
      const claims = tokens.claims()
      if (claims === undefined) throw new Error('the identity provider gave no ID token')
      if (hasWanted(claims) || config.serverMetadata().userinfo_endpoint === undefined)
        return claims
      return { ...(await openid.fetchUserInfo(config, tokens.access_token, claims.sub)), ...claims }
    },

    signOutUrl(returnTo) {
      if (known?.config.serverMetadata().end_session_endpoint === undefined) return null
      return openid.buildEndSessionUrl(known.config, { post_logout_redirect_uri: returnTo })
    },
  }
}

/** `client_secret_basic`, which every provider has to take, unless it says that it does not. */
function authenticateWith(secret: string): openid.ClientAuth {
  const [basic, post] = [openid.ClientSecretBasic(secret), openid.ClientSecretPost(secret)]
  return (server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported
    const takesBasic = methods === undefined || methods.includes('client_secret_basic')
    return (takesBasic ? basic : post)(server, ...rest)
  }
}
