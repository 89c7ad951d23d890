import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { FlintError } from '../../errors.ts'
import { actedBy } from '../../identity/principal.ts'
import type { SessionAdmin } from '../../identity/session-admin.ts'
import {
  isActive,
  type SessionDirectory,
  type SessionEnd,
  type SessionStanding,
} from '../../identity/session-directory.ts'
import { clientAddress } from '../authentication.ts'
import type { Site } from '../dashboard/site.ts'
import type { ApiOidc } from '../oidc/oidc-routes.ts'
import { FailureLimit } from './failure-limit.ts'
import type { SessionCookie } from './session-cookie.ts'
import type { SignIn } from './sign-in.ts'

const closed = { additionalProperties: false } as const
const ProofSchema = Type.Union([
  Type.Object({ key: Type.String({ minLength: 1, maxLength: 512 }) }, closed),
  Type.Object({ link: Type.String({ minLength: 1, maxLength: 512 }) }, closed),
])

/** How a browser stands, and how one may sign in here. */
interface SignInState {
  readonly signedIn: boolean
  /** Why the session that this browser had is over; null: it had none, or has one. */
  readonly why: SessionEnd | null
  /** ISO 8601. */
  readonly endsAt: string | null
  /** When the session ends unless it is used. */
  readonly idleEndsAt: string | null
  readonly methods: {
    /** False where the connection could be listened to: then a key must not be typed in. */
    readonly key: boolean
    readonly oidc: { readonly name: string } | null
  }
  /** Of the page that is served now; null where it was not built. */
  readonly buildId: string | null
}

export interface SignInRoutesOptions {
  readonly directory: SessionDirectory
  readonly admin: Pick<SessionAdmin, 'end'>
  readonly signIn: SignIn
  readonly cookie: SessionCookie
  readonly site: Site
  readonly buildId: () => string | null
  /** Null: there is no identity provider. */
  readonly oidc: Pick<ApiOidc, 'name' | 'provider'> | null
  readonly refreshDirectory: () => Promise<void>
  /** Of one client address. */
  readonly failuresPerMinute?: number
}

const INSECURE =
  'Signing in here would send the key over a connection that others can read. Open the dashboard at localhost (for example `ssh -L`), or put TLS in front and set dashboard.publicUrl (FLINT_DASHBOARD_PUBLIC_URL).'

/** `/ui/session`: signing in, signing out, and whether one is. For the page alone. */
export function signInRoutes({
  directory,
  admin,
  signIn,
  cookie,
  site,
  buildId,
  oidc,
  refreshDirectory,
  failuresPerMinute = 10,
}: SignInRoutesOptions): FastifyPluginAsyncTypebox {
  const limit = new FailureLimit(failuresPerMinute)

  const standingOf = (request: FastifyRequest): SessionStanding => {
    const token = cookie.read(request)
    return token === null ? 'unknown' : directory.standingOf(token)
  }
  const isSafeHere = ({ headers }: FastifyRequest) =>
    ['secure', 'loopback'].includes(site.placeOf(headers.host))

  function stateOf(request: FastifyRequest, standing: SessionStanding): SignInState {
    const active = isActive(standing) ? standing : null
    const iso = (ms: number | undefined) => (ms === undefined ? null : new Date(ms).toISOString())
    return {
      signedIn: active !== null,
      why: typeof standing === 'object' && 'ended' in standing ? standing.ended : null,
      endsAt: iso(active?.endsAtMs),
      idleEndsAt: iso(active?.idleEndsAtMs),
      methods: {
        key: isSafeHere(request),
        oidc: oidc !== null && isSafeHere(request) ? { name: oidc.name } : null,
      },
      buildId: buildId(),
    }
  }

  /** Where a user signs out of the provider too. */
  const signOutUrl = ({ headers }: FastifyRequest) =>
    oidc?.provider.signOutUrl(`${site.originOf(headers.host)}/ui/signin`)?.href ?? null

  return async (ui) => {
    ui.get('/session', { schema: { hide: true } }, async (request) => {
      const standing = standingOf(request)
      if (standing === 'unavailable')
        throw new FlintError(
          'audit_unavailable',
          'Sessions cannot be checked right now. Retry later.',
        )
      return stateOf(request, standing)
    })

    ui.post('/session', { schema: { hide: true, body: ProofSchema } }, async (request, reply) => {
      if (!isSafeHere(request))
        throw new FlintError('forbidden', INSECURE, { reason: 'insecure_origin' })
      const attempt = limit.attempt(clientAddress(request))
      const before = standingOf(request)
      const replaces = isActive(before) ? before.session : null
      const proof: Static<typeof ProofSchema> = request.body
      const { token, session } = await signIn(proof, replaces)
      attempt.succeeded()
      // It is stored by then: the next request finds it, if this look does not.
      await refreshDirectory().catch(() => undefined)
      cookie.set(request, reply, token, Date.parse(session.endsAt))
      return reply.code(201).send(stateOf(request, directory.standingOf(token)))
    })

    ui.delete('/session', { schema: { hide: true } }, async (request, reply) => {
      const standing = standingOf(request)
      cookie.clear(request, reply)
      if (isActive(standing)) {
        const { session, principal } = standing
        // First here, so that a copy of the cookie is of no use while the store does not answer.
        directory.endHere(standing)
        await admin.end({ session, ...actedBy(principal) })
        await refreshDirectory().catch(() => undefined)
        const continueAt = session.user === null ? null : signOutUrl(request)
        if (continueAt !== null) return reply.send({ continueAt })
      }
      return reply.code(204).send(null)
    })
  }
}
