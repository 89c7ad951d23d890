import http from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'

/** What the provider says of one of its people. */
interface Person {
  readonly email?: string
  readonly email_verified?: boolean
  readonly name?: string
  readonly groups?: readonly string[]
}

/** A real OpenID provider on loopback, whose people need no password. */
export interface TestIdentityProvider {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** Who signs in at the next sign-in page; null: they decline. */
  signsIn: string | null
  close(): Promise<void>
}

interface StartIdentityProvider {
  /** By their subject. */
  readonly people: Readonly<Record<string, Person>>
  /** Where people may be sent back to. */
  readonly redirectUris: readonly string[]
  readonly signedOutUris?: readonly string[]
  /** Claims are in the ID token; else at the userinfo endpoint alone. */
  readonly claimsInToken?: boolean
  /** The scope that gives `groups`. */
  readonly groupsWith?: 'openid' | 'profile'
}

/** In place of the provider's own page, which asks another host for its letters. */
function askToSignOut(context: { body: unknown }, form: string): void {
  context.body = `<!doctype html><html lang="en"><title>Provider</title><body>${form}
    <button form="op.logoutForm" name="logout" value="yes">Sign out here too</button></body></html>`
}

const CLIENT = { clientId: 'flint', clientSecret: 'the secret that Flint shows its provider' }

export async function startIdentityProvider({
  people,
  redirectUris,
  signedOutUris = [],
  claimsInToken = true,
  groupsWith = 'openid',
}: StartIdentityProvider): Promise<TestIdentityProvider> {
  const server = http.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const state: { signsIn: string | null } = { signsIn: null }
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.clientId,
        client_secret: CLIENT.clientSecret,
        redirect_uris: [...redirectUris],
        post_logout_redirect_uris: [...signedOutUris],
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    ],
    findAccount: (_context: unknown, sub: string) => ({
      accountId: sub,
      claims: () => ({ sub, ...people[sub] }),
    }),
    claims: {
      openid: ['sub', ...(groupsWith === 'openid' ? ['groups'] : [])],
      email: ['email', 'email_verified'],
      profile: ['name', ...(groupsWith === 'profile' ? ['groups'] : [])],
    },
    conformIdTokenClaims: !claimsInToken,
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { logoutSource: askToSignOut },
    },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    cookies: { keys: ['a key of cookies in tests'] },
  })

  /** The sign-in page of this provider, filled in at once. */
  async function signIn(request: http.IncomingMessage, response: http.ServerResponse) {
    const { prompt, params } = await provider.interactionDetails(request, response)
    if (prompt.name === 'login') {
      const login = { accountId: state.signsIn }
      const result = state.signsIn === null ? { error: 'access_denied' } : { login }
      return await provider.interactionFinished(request, response, result)
    }
    const grant = new provider.Grant({
      accountId: state.signsIn,
      clientId: String(params.client_id),
    })
    grant.addOIDCScope(String(params.scope))
    const consent = { grantId: await grant.save() }
    return await provider.interactionFinished(request, response, { consent })
  }

  const answer = provider.callback()
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/interaction/'))
      signIn(request, response).catch(() => response.writeHead(500).end())
    else void answer(request, response)
  })
  return Object.assign(state, {
    ...CLIENT,
    issuer,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
}
