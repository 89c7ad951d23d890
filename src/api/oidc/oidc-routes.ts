import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { SessionAdmin } from '../../identity/session-admin.ts'
import { isActive, type SessionDirectory } from '../../identity/session-directory.ts'
import type { SessionRow } from '../../store/identity/session-log.ts'
import { clientAddress } from '../authentication.ts'
import type { Site } from '../dashboard/site.ts'
import { FailureLimit } from '../sessions/failure-limit.ts'
import type { SessionCookie } from '../sessions/session-cookie.ts'
import type { IdentityProvider } from './identity-provider.ts'
import { nextPath } from './next-path.ts'
import type { OidcSignIn } from './oidc-sign-in.ts'
import { sendPlainPage } from './plain-page.ts'
import { createStateCookie, STATE_MS } from './state-cookie.ts'

/** What the API needs for signing in by OpenID Connect. */
export interface ApiOidc {
  /** Of the provider, for people. */
  readonly name: string
  readonly org: string
  readonly provider: IdentityProvider
  /** Of the claims with which a person came back. */
  readonly signIn: OidcSignIn
  /** Signs what a browser keeps meanwhile. */
  readonly stateSecret: string | Buffer
  /** Called with what went wrong at the provider or the store. */
  readonly onFault: (error: unknown) => void
}

interface OidcRoutesOptions {
  readonly oidc: ApiOidc
  readonly directory: SessionDirectory
  readonly admin: Pick<SessionAdmin, 'start'>
  readonly cookie: SessionCookie
  readonly site: Site
  readonly refreshDirectory: () => Promise<void>
  /** Of one client address. */
  readonly failuresPerMinute?: number
  readonly nowMs?: () => number
}

const BACK = { path: '/ui/signin', text: 'Back to signing in' }
const hidden = { schema: { hide: true } }

/** `/ui/oidc/login` and `/ui/oidc/callback`: to the identity provider and back from it. */
export function oidcRoutes({
  oidc,
  directory,
  admin,
  cookie,
  site,
  refreshDirectory,
  failuresPerMinute = 10,
  nowMs = Date.now,
}: OidcRoutesOptions): FastifyPluginAsync {
  const { name, org, provider, signIn, stateSecret, onFault } = oidc
  const states = createStateCookie({ site, secret: stateSecret, org, nowMs })
  const limit = new FailureLimit(failuresPerMinute, nowMs)
  const redirectUriFor = ({ headers }: FastifyRequest) =>
    `${site.originOf(headers.host)}/ui/oidc/callback`

  /** The session that this browser has, which ends when the next one starts. */
  function sessionOf(request: FastifyRequest): SessionRow | null {
    const token = cookie.read(request)
    const standing = token === null ? 'unknown' : directory.standingOf(token)
    return isActive(standing) ? standing.session : null
  }

  function sendFault(reply: FastifyReply, error: unknown, line: string): FastifyReply {
    onFault(error)
    return sendPlainPage(reply, {
      ...{ status: 503, title: 'Signing in does not work right now', link: BACK },
      lines: [line, 'Try again in a moment, or sign in with a Flint key.'],
    })
  }
  const sendProviderFault = (reply: FastifyReply, error: unknown) =>
    sendFault(reply, error, `${name} does not answer, or not as OpenID Connect asks for.`)

  return async (ui) => {
    ui.get<{ Querystring: { next?: unknown } }>('/oidc/login', hidden, async (request, reply) => {
      if (!['secure', 'loopback'].includes(site.placeOf(request.headers.host)))
        return sendPlainPage(reply, {
          ...{ status: 403, title: 'Not over this connection', link: BACK },
          lines: [
            'Others could read along. Open the dashboard at its https address (dashboard.publicUrl).',
          ],
        })
      try {
        const { url, secrets } = await provider.begin(redirectUriFor(request))
        const before = sessionOf(request)
        states.set(request, reply, {
          ...{ org, secrets, next: nextPath(request.query.next), endsAtMs: nowMs() + STATE_MS },
          before: before && { org: before.org, id: before.id },
        })
        return reply.header('cache-control', 'no-store').redirect(url.href, 303)
      } catch (error) {
        return sendProviderFault(reply, error)
      }
    })

    ui.get<{ Querystring: { state?: unknown } }>(
      '/oidc/callback',
      hidden,
      async (request, reply) => {
        const attempt = limit.attempt(clientAddress(request))
        const state = states.take(request, reply, request.query.state)
        if (state === null)
          return sendPlainPage(reply, {
            ...{ status: 400, title: 'This sign-in is over', link: BACK },
            lines: [
              'It was begun in another browser or tab, more than ten minutes ago, or is done already. Begin again.',
            ],
          })
        const came = new URL(redirectUriFor(request))
        came.search = request.url.slice(request.url.indexOf('?'))
        const result = await signIn(came, state.secrets)
        if ('fault' in result) {
          attempt.succeeded()
          return sendProviderFault(reply, result.fault)
        }
        if ('refused' in result)
          return sendPlainPage(reply, {
            ...{ status: 403, title: 'You are not let in', link: BACK },
            lines: result.refused,
          })
        attempt.succeeded()
        const { before } = state
        const replaces =
          before === null
            ? undefined
            : directory.activeOf(before.org).find(({ session }) => session.id === before.id)
        const started = await admin
          .start({
            principal: { org, user: result.user },
            ...{ link: null, replaces: replaces?.session ?? null },
          })
          .catch(asError)
        if (started instanceof Error || started === 'used')
          return sendFault(reply, started, 'Flint cannot store who signed in.')
        // It is stored by then: the next request finds it, if this look does not.
        await refreshDirectory().catch(() => undefined)
        cookie.set(request, reply, started.token, Date.parse(started.session.endsAt))
        // After a redirect the chain of requests still began at the provider's site, and the browser
        // would hold the Strict cookie back from the page.
        return sendPlainPage(reply, {
          ...{ status: 200, title: 'You are signed in', lines: [], goesOn: true },
          link: { path: state.next, text: 'Go on' },
        })
      },
    )
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('it failed', { cause: error })
}
