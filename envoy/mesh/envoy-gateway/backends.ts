import { isIP } from 'node:net'
import type { Config } from '../../../src/config/schema.ts'
import type { Manifest } from '../manifest.ts'
import { ENVOY_GATEWAY_API, GATEWAY_API } from './names.ts'

interface Place {
  readonly name: string
  readonly host: string
  readonly port: number
  /** Fields beside the endpoint. */
  readonly more?: Readonly<Record<string, unknown>>
  /** How it proves who it is. */
  readonly validation: Readonly<Record<string, unknown>>
}

/** A place outside of the gateway, and whose certificate it must show. */
export function backend(
  { mesh: { manifests: mesh } }: Config,
  { name, host, port, more = {}, validation }: Place,
): Manifest[] {
  const metadata = { name, namespace: mesh.namespace }
  return [
    {
      apiVersion: ENVOY_GATEWAY_API,
      kind: 'Backend',
      metadata,
      spec: {
        endpoints: [
          isIP(host) === 0 ? { fqdn: { hostname: host, port } } : { ip: { address: host, port } },
        ],
        ...more,
      },
    },
    {
      apiVersion: GATEWAY_API,
      kind: 'BackendTLSPolicy',
      metadata,
      spec: {
        targetRefs: [{ group: 'gateway.envoyproxy.io', kind: 'Backend', name }],
        // Only a name can be asked for.
        validation: { hostname: isIP(host) === 0 ? host : name, ...validation },
      },
    },
  ]
}

/** Authorities that a ConfigMap has. */
export const authorityIn = (name: string) => ({
  caCertificateRefs: [{ group: '', kind: 'ConfigMap', name }],
})
