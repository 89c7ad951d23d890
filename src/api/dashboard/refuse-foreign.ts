import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { FlintError } from '../../errors.ts'
import type { Site } from './site.ts'

/** Methods that change nothing here; leaving an event is no change. */
const SAFE: readonly string[] = ['GET', 'HEAD', 'OPTIONS']

/** Refuses requests under a name that is not ours: its owner could read the answers. */
export function refuseForeignHost(site: Site): onRequestAsyncHookHandler {
  return async ({ headers }) => {
    if (site.placeOf(headers.host) === 'foreign')
      throw new FlintError(
        'misdirected',
        'The dashboard is not served under this host name. Open it at localhost, or set dashboard.publicUrl (FLINT_DASHBOARD_PUBLIC_URL) to its https address; a proxy in front must pass Host on.',
      )
  }
}

/**
 * Refuses changes that a page of another site made a browser ask for. The browser says itself where
 * a request comes from, and none sends these two headers across origins without asking first, which
 * is not answered.
 */
export function refuseCrossSite(site: Site): onRequestAsyncHookHandler {
  return async (request) => {
    if (SAFE.includes(request.method)) return
    if (!isFromOurPage(request, site))
      throw new FlintError('forbidden', 'This request comes from another site.', {
        reason: 'cross_site',
      })
    const { headers } = request
    const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase()
    if (type !== 'application/json' || headers['x-flint-ui'] === undefined)
      throw new FlintError(
        'forbidden',
        'A change needs the headers `content-type: application/json` and `x-flint-ui: 1`.',
        { reason: 'cross_site' },
      )
  }
}

function isFromOurPage({ headers }: FastifyRequest, site: Site): boolean {
  const from = headers['sec-fetch-site']
  if (from !== undefined) return from === 'same-origin'
  return headers.origin !== undefined && headers.origin === site.originOf(headers.host)
}
