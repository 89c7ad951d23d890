import type { Config } from '../../../src/config/schema.ts'
import type { Manifest } from '../manifest.ts'
import { CERTIFICATES, ENVOY_GATEWAY_API, GATEWAY, GATEWAY_API, toBackend } from './names.ts'

const NAME = 'flint-client-certificate'
/** A name that cannot exist (RFC 2606), and an address at which no one is (RFC 5737). */
const NOWHERE = { host: `${NAME}.invalid`, address: '192.0.2.1', port: 9 }

/**
 * Envoy Gateway hands out a client certificate only where a route leads to a backend that has it;
 * gate and observer, which filters ask, get none, and proxies would wait for it with all listeners.
 * So one route has it, under a name that no call has, and leads nowhere.
 */
export function clientCertificate({ mesh: { manifests: mesh } }: Config): Manifest[] {
  const metadata = { name: NAME, namespace: mesh.namespace }
  return [
    {
      apiVersion: ENVOY_GATEWAY_API,
      kind: 'Backend',
      metadata,
      spec: {
        endpoints: [{ ip: { address: NOWHERE.address, port: NOWHERE.port } }],
        tls: {
          wellKnownCACertificates: 'System',
          sni: NOWHERE.host,
          clientCertificateRef: { name: CERTIFICATES.client },
        },
      },
    },
    {
      apiVersion: GATEWAY_API,
      kind: 'HTTPRoute',
      metadata,
      spec: {
        parentRefs: [{ name: GATEWAY }],
        hostnames: [NOWHERE.host],
        rules: [{ backendRefs: [toBackend(NAME)] }],
      },
    },
  ]
}
