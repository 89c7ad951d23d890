import fastifyCookie from '@fastify/cookie'
import type { FastifyPluginAsync } from 'fastify'
import type { AuthenticationFailures } from '../../identity/authentication-failures.ts'
import type { Authenticator, KeyHolders, Principal } from '../../identity/principal.ts'
import type { SessionAdmin } from '../../identity/session-admin.ts'
import type { SessionDirectory } from '../../identity/session-directory.ts'
import type { Door } from '../authentication.ts'
import { type ApiOidc, oidcRoutes } from '../oidc/oidc-routes.ts'
import { createSessionCookie } from '../sessions/session-cookie.ts'
import { sessionDoor } from '../sessions/session-door.ts'
import { createSignIn } from '../sessions/sign-in.ts'
import { signInRoutes } from '../sessions/sign-in-routes.ts'
import { pageFiles } from './page-files.ts'
import { addPageHeaders } from './page-headers.ts'
import { refuseCrossSite, refuseForeignHost } from './refuse-foreign.ts'
import { createSite } from './site.ts'

/** What the API needs to serve the dashboard. */
export interface ApiDashboard {
  /** Its https origin; undefined: it is reached at loopback alone. */
  readonly publicUrl: string | undefined
  /** Where the built page lies. */
  readonly pageDirectory: string
  readonly keys: Authenticator & KeyHolders
  readonly directory: SessionDirectory
  readonly admin: SessionAdmin
  /** Null: people sign in with keys and links alone. */
  readonly oidc: ApiOidc | null
  /** Of signing in. */
  readonly signInFailures: Pick<AuthenticationFailures, 'note'>
  /** Makes this API's own directory know a session at once. */
  readonly refreshDirectory: () => Promise<void>
}

interface DashboardOptions {
  readonly dashboard: ApiDashboard
  readonly failures: Pick<AuthenticationFailures, 'note'>
  /** Called for every request of a session that was let in. */
  readonly used: (principal: Principal) => void
  /** The routes of `/v1` that people use, behind this door and its limits, and further ones. */
  readonly behind: (door: Door, further: FastifyPluginAsync) => FastifyPluginAsync
}

/** All that is under `/ui`: the page, its sign-in, and the API behind a session. */
export function dashboardRoutes({
  dashboard,
  failures,
  used,
  behind,
}: DashboardOptions): FastifyPluginAsync {
  const { directory, admin, keys, oidc, signInFailures, refreshDirectory } = dashboard
  const site = createSite(dashboard.publicUrl)
  const cookie = createSessionCookie(site)
  const files = pageFiles(dashboard.pageDirectory)
  const door = sessionDoor({ directory, cookie, failures, used, refreshDirectory })
  const signIn = createSignIn({ keys, admin, failures: signInFailures })

  return async (ui) => {
    ui.addHook('onRequest', addPageHeaders(site))
    ui.addHook('onRequest', refuseForeignHost(site))
    ui.addHook('onRequest', refuseCrossSite(site))
    // docs/openapi.json describes /v1: what is here is the same once more, for the page alone.
    ui.addHook('onRoute', (route) => {
      route.schema = { ...route.schema, hide: true }
    })
    await ui.register(fastifyCookie)
    await ui.register(files.routes)
    const doors = { directory, admin, cookie, site, refreshDirectory }
    await ui.register(
      behind(door, async (further) => {
        further.register(signInRoutes({ ...doors, signIn, oidc, buildId: files.buildId }))
        if (oidc !== null) further.register(oidcRoutes({ ...doors, oidc }))
      }),
    )
  }
}
