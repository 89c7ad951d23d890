import { HOP_SEAL_HEADER } from '../../../src/extproc/hop-seal.ts'
import type { MeshHost } from '../mesh-hosts.ts'
import { HTTP_PORT } from './providers.ts'

/**
 * What proxies and meshes add to a request: the provider gets the caller's headers and no others.
 * `x-forwarded-client-cert` would be the certificate of the workload.
 */
const ADDED_ON_THE_WAY = [
  // The gate has taken it out; no provider gets one even where a route is not as it was rendered.
  HOP_SEAL_HEADER,
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-forwarded-client-cert',
  'x-request-id',
  'x-envoy-attempt-count',
  'x-envoy-decorator-operation',
  'x-envoy-expected-rq-timeout-ms',
  'x-envoy-external-address',
  'x-envoy-internal',
  'x-envoy-original-host',
  'x-envoy-original-path',
  'x-envoy-peer-metadata',
  'x-envoy-peer-metadata-id',
]

/** A retry would bill twice, and SDKs make their own; a mesh makes two unless this is said. */
export const NO_RETRIES = { retries: { attempts: 0 } }

/** The rest of a route that ends at the provider. */
export function toProvider({ host }: MeshHost) {
  return {
    ...NO_RETRIES,
    headers: { request: { remove: ADDED_ON_THE_WAY } },
    route: [{ destination: { host, port: { number: HTTP_PORT } } }],
  }
}
