import type { DataPaths } from '../src/config/data-paths.ts'
import type { Config } from '../src/config/schema.ts'
import { ERRORS, type ErrorCode, errorBody } from '../src/errors.ts'
import type { ActiveProviders } from '../src/providers/active-providers.ts'
import { affordableConnections } from './open-files.ts'

/** For what a browser would show, or run, as if it were the dashboard's own. */
const PAGE_REQUEST =
  'Calls to providers are made by programs: a browser asked for this as a page, a frame or a script.'
/** For what Envoy refuses by itself: which of these it was, the status says. */
const UNANSWERABLE =
  'The request line, Host, Expect, Upgrade or the framing of the body is not valid here.'
/** Profile acked: the observer was lost after the call had gone out. */
const ANSWER_WITHHELD =
  'The audit service is not available; the provider was called, but its answer could not be recorded and is withheld. A retry is a second call.'

/**
 * What the names of bootstrap.yaml stand for; `tls.ca_file`, which providers need, is not among
 * them.
 */
export function bootstrapValues(
  config: Config,
  providers: ActiveProviders,
  paths: DataPaths,
  instance: string,
): Map<string, string | number | boolean> {
  const values = new Map<string, string | number | boolean>([
    ['node.id', instance],
    ['listen.host', config.host],
    ['listen.port', config.port],
    ['listen.both_families', config.host === '::'],
    ['trusted_hops', config.trustedHops],
    ['limit.connections', config.limits.connections ?? affordableConnections()],
    ['limit.address.per_second', config.limits.callsPerSecondPerAddress],
    ['limit.address.burst', 2 * config.limits.callsPerSecondPerAddress],
    ['socket.gate', paths.sockets.gate],
    ['socket.observer', paths.sockets.observer],
    ['socket.api', paths.sockets.api],
    ['socket.admin', paths.sockets.envoyAdmin],
    ['log.access', paths.accessLog],
    ['route.idle_timeout', `${config.providers.idleTimeoutSeconds}s`],
  ])
  for (const code of Object.keys(ERRORS) as ErrorCode[])
    values.set(`error.${code}`, JSON.stringify(errorBody(code)))
  values.set(
    'error.unknown_provider',
    JSON.stringify(
      errorBody(
        'unknown_provider',
        `${ERRORS.unknown_provider.message} As provider use ${providers.list}.`,
      ),
    ),
  )
  values.set(
    'error.answer_withheld',
    JSON.stringify(errorBody('audit_unavailable', ANSWER_WITHHELD)),
  )
  values.set(
    'error.page_request',
    JSON.stringify(errorBody('forbidden', PAGE_REQUEST, 'page_request')),
  )
  values.set('error.unanswerable', JSON.stringify(errorBody('invalid_request', UNANSWERABLE)))
  return values
}
