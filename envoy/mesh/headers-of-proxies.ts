import { HOP_SEAL_HEADER } from '../../src/extproc/hop-seal.ts'

/**
 * What proxies and meshes add to a request: the provider gets the caller's headers and no others.
 * `x-forwarded-client-cert` would be the certificate of the workload. An HTTPRoute removes no more
 * than 16.
 */
export const ADDED_ON_THE_WAY = [
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
