import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Site } from '../dashboard/site.ts'

/** The token of a session in a browser: no script can read it, no other site makes it be sent. */
export interface SessionCookie {
  /** Null where there is none, or none is trusted under this `Host`. */
  read(request: FastifyRequest): string | null
  set(request: FastifyRequest, reply: FastifyReply, token: string, endsAtMs: number): void
  clear(request: FastifyRequest, reply: FastifyReply): void
}

/** Under `/ui` alone: it never reaches `/v1/proxy`, and so never a provider. */
const SCOPE = { path: '/ui', httpOnly: true, sameSite: 'strict' } as const

export function createSessionCookie(site: Site): SessionCookie {
  const isSecure = ({ headers }: FastifyRequest) => site.placeOf(headers.host) === 'secure'
  // A name with this prefix is taken by browsers only with `Secure`, which not every one takes over
  // http from the machine itself.
  const nameFor = (request: FastifyRequest) =>
    isSecure(request) ? '__Secure-flint_session' : 'flint_session'

  return {
    read(request) {
      const place = site.placeOf(request.headers.host)
      if (place !== 'secure' && place !== 'loopback') return null
      return request.cookies[nameFor(request)] ?? null
    },
    set(request, reply, token, endsAtMs) {
      reply.setCookie(nameFor(request), token, {
        ...SCOPE,
        secure: isSecure(request),
        expires: new Date(endsAtMs),
      })
    },
    clear(request, reply) {
      reply.clearCookie(nameFor(request), { ...SCOPE, secure: isSecure(request) })
    },
  }
}
