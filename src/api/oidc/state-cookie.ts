import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { FlintError } from '../../errors.ts'
import { createCursorCodec } from '../cursor.ts'
import type { Site } from '../dashboard/site.ts'

const StateSchema = Type.Object({
  org: Type.String(),
  secrets: Type.Object({ state: Type.String(), nonce: Type.String(), verifier: Type.String() }),
  /** Path of the page to go on at. */
  next: Type.String(),
  endsAtMs: Type.Number(),
  /** Session that this browser had; null: none. */
  before: Type.Union([Type.Object({ org: Type.String(), id: Type.String() }), Type.Null()]),
})
/** What is kept while a person is at their identity provider. */
type SignInState = Static<typeof StateSchema>

/** How long signing in at the provider may take. */
export const STATE_MS = 10 * 60_000

/** Keeps the state in the browser that began, so that no other one finishes. */
export interface StateCookie {
  set(request: FastifyRequest, reply: FastifyReply, state: SignInState): void
  /**
   * Null where there is none, it is too old, Flint did not make it, or it is of another sign-in
   * than `given`, the parameter `state` that came back. It is taken out of the browser.
   */
  take(request: FastifyRequest, reply: FastifyReply, given: unknown): SignInState | null
}

/** Lax: the provider's site sends the browser back, and a Strict cookie would stay behind. */
const SCOPE = { path: '/ui/oidc', httpOnly: true, sameSite: 'lax' } as const

export function createStateCookie({
  site,
  secret,
  org,
  nowMs = Date.now,
}: {
  readonly site: Site
  /** The same in all replicas: any may be the one that is come back to. */
  readonly secret: string | Buffer
  readonly org: string
  readonly nowMs?: () => number
}): StateCookie {
  const codec = createCursorCodec(secret, {
    purpose: 'sign-in state',
    schema: StateSchema,
    parameter: 'The cookie',
  })
  const isSecure = ({ headers }: FastifyRequest) => site.placeOf(headers.host) === 'secure'
  const nameFor = (request: FastifyRequest) =>
    isSecure(request) ? '__Secure-flint_oidc' : 'flint_oidc'

  function opened(text: string): SignInState | null {
    try {
      return codec.open(text, org)
    } catch (error) {
      if (error instanceof FlintError) return null
      throw error
    }
  }

  return {
    set(request, reply, state) {
      reply.setCookie(nameFor(request), codec.seal(state), {
        ...SCOPE,
        secure: isSecure(request),
        maxAge: STATE_MS / 1_000,
      })
    },
    take(request, reply, given) {
      const text = request.cookies[nameFor(request)]
      if (text === undefined) return null
      const state = opened(text)
      // Another site could send a browser here: it must not end what that one began.
      if (state === null || state.secrets.state !== given) return null
      reply.clearCookie(nameFor(request), { ...SCOPE, secure: isSecure(request) })
      return state.endsAtMs > nowMs() ? state : null
    },
  }
}
