import type { Config } from '../../../src/config/schema.ts'

/** Of the gateway and of all that belongs to it alone. */
export const GATEWAY = 'flint-egress'
export const GATE = 'flint-gate'
export const OBSERVER = 'flint-observer'

/**
 * Of the customer: what the gateway shows, and whom it believes. No manifest has a secret in it.
 */
export const CERTIFICATES = {
  /** Secret (tls.crt, tls.key): of the listener, with the names of the providers. */
  listener: 'flint-egress-listener',
  /** Secret (tls.crt, tls.key): the gateway's identity towards gate and observer. */
  client: 'flint-egress-client',
  /** ConfigMap (ca.crt): authority of the workloads. */
  workloads: 'flint-workloads-ca',
  /** ConfigMap (ca.crt): authority of gate and observer. */
  processors: 'flint-processors-ca',
  /** ConfigMap (ca.crt): authorities of the providers, where `mesh.manifests.caFile` is set. */
  providers: 'flint-providers-ca',
} as const

export const GATEWAY_API = 'gateway.networking.k8s.io/v1'
export const ENVOY_GATEWAY_API = 'gateway.envoyproxy.io/v1alpha1'

export const THE_GATEWAY = { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: GATEWAY }

/** Of the gateway's only listener; with the gateway's it is the name of Envoy's listener. */
export function listenerName({ mesh: { manifests: mesh } }: Config): string {
  return mesh.clientCertificates === 'none' ? 'http' : 'https'
}

export const toBackend = (name: string) => ({
  group: 'gateway.envoyproxy.io',
  kind: 'Backend',
  name,
})
