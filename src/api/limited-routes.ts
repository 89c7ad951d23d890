import rateLimit from '@fastify/rate-limit'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { FlintError } from '../errors.ts'
import { type Door, limitedAs } from './authentication.ts'

/**
 * Per process: of a Flint key, and of a client address all of whose requests without a good key or
 * session are counted together.
 */
export interface RateLimits {
  readonly requestsPerMinute: number
  readonly reportsPerMinute: number
  readonly failuresPerMinute: number
}

const MANY = Number.MAX_SAFE_INTEGER
const NO_LIMITS = { requestsPerMinute: MANY, reportsPerMinute: MANY, failuresPerMinute: MANY }

/** Routes within the limits of whom a door knows, and of the addresses of those it does not. */
export function limitedRoutes(
  limits: RateLimits | undefined,
  door: Door,
  routes: FastifyPluginAsync,
): FastifyPluginAsync {
  const access = { door }
  const { requestsPerMinute, reportsPerMinute, failuresPerMinute } = limits ?? NO_LIMITS
  return async (limited) => {
    await limited.register(rateLimit, { global: false })
    // A hook of the whole scope comes before those of its routes, which check the key: guessing is
    // limited as well.
    limited.addHook(
      'onRequest',
      limited.rateLimit({
        timeWindow: 60_000,
        max: (request) => {
          if (!limitedAs(access, request).isKnown) return failuresPerMinute
          return isReport(request) ? reportsPerMinute : requestsPerMinute
        },
        keyGenerator: (request) => {
          const { name, isKnown } = limitedAs(access, request)
          return isKnown && isReport(request) ? `${name} reports` : name
        },
        errorResponseBuilder: () => new FlintError('rate_limited'),
      }),
    )
    if (door.prepare !== undefined) limited.addHook('onRequest', door.prepare)
    limited.register(routes)
  }
}

/** Reports come as often as calls are made, and have a limit of their own. */
function isReport({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.url === '/v1/audit/report'
}
