import type { IncomingHttpHeaders } from 'node:http2'
import type { WorkloadIdentity } from '../evidence/identity-basis.ts'
import { redact } from '../evidence/redact.ts'
import { filterAttributes } from './attributes.ts'

/**
 * Who made a call that came through a mesh. Nothing here is read from the request's own headers: a
 * caller writes those, `x-forwarded-client-cert` among them.
 */

/** The proxy at the other end of a connection to Flint, known by its certificate. */
export interface Peer {
  readonly spiffeId: string
  /**
   * `gateway`: believed about who connected to it. `sidecar`: believed about itself alone, since
   * its certificate is that of one workload.
   */
  readonly role: 'gateway' | 'sidecar'
}

/** Of the filter's `initial_metadata`, which only Envoy's configuration sets, route by route. */
const MODE_HEADER = 'x-flint-mode'
const CLUSTER_HEADER = 'x-flint-cluster'

/** True on the routes of a mesh; everywhere else a call needs a Flint key. */
export function isMeshMode(metadata: IncomingHttpHeaders): boolean {
  return metadata[MODE_HEADER] === 'mesh'
}

const NEXT_HEADER = 'x-flint-next'

/** True where the route leads to another proxy that captures, and not to the provider. */
export function isNextAProxy(metadata: IncomingHttpHeaders): boolean {
  return metadata[NEXT_HEADER] === 'proxy'
}

const PEER_CERTIFICATE = 'connection.uri_san_peer_certificate'
const SOURCE_ADDRESS = 'source.address'
const NODE = {
  id: 'xds.node.id',
  workload: 'xds.node.metadata.WORKLOAD_NAME',
  namespace: 'xds.node.metadata.NAMESPACE',
  serviceAccount: 'xds.node.metadata.SERVICE_ACCOUNT',
  cluster: 'xds.node.metadata.CLUSTER_ID',
} as const
/** What `request_attributes` of the filter `flint.auth` must name. */
export const MESH_ATTRIBUTES: readonly string[] = [
  PEER_CERTIFICATE,
  SOURCE_ADDRESS,
  ...Object.values(NODE),
]

/** https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md */
const SPIFFE_ID = /^spiffe:\/\/[a-z0-9._-]{1,255}(\/[A-Za-z0-9._-]+)+$/
const MAX_SPIFFE_ID_BYTES = 2_048
/** As Istio names workloads of Kubernetes. */
const IN_KUBERNETES = /^spiffe:\/\/[^/]+\/ns\/([^/]+)\/sa\/([^/]+)$/
/**
 * Proxies that serve many workloads, by Istio's names of nodes: their metadata is not the caller's.
 */
const SHARED_NODE = /^(router|ingress|waypoint|ztunnel)~/

export function isSpiffeId(text: string): boolean {
  return text.length <= MAX_SPIFFE_ID_BYTES && SPIFFE_ID.test(text) && !/\/\.{1,2}(\/|$)/.test(text)
}

/**
 * @param peer null where the proxy came through Flint's own socket, which is the operator's alone
 * @param attributes of the ProcessingRequest, encoded
 */
export function workloadOf(
  peer: Peer | null,
  metadata: IncomingHttpHeaders,
  attributes: Uint8Array | null,
): WorkloadIdentity {
  return identityFrom(peer, metadata, filterAttributes(attributes))
}

/** @param said by the proxy, under the names of MESH_ATTRIBUTES */
export function identityFrom(
  peer: Peer | null,
  metadata: IncomingHttpHeaders,
  said: ReadonlyMap<string, string>,
): WorkloadIdentity {
  const cluster = claim(metadata[CLUSTER_HEADER]) ?? claim(said.get(NODE.cluster))
  // A sidecar says what it wants of others, and no one would know better.
  if (peer?.role === 'sidecar') return ofCertificate('proxy_certificate', peer.spiffeId, cluster)
  const certificate = said.get(PEER_CERTIFICATE) ?? ''
  if (isSpiffeId(certificate)) return ofCertificate('peer_certificate', certificate, cluster)
  const node = SHARED_NODE.test(said.get(NODE.id) ?? '') ? null : ofNode(said, cluster)
  if (node !== null) return node
  const address = claim(withoutPort(said.get(SOURCE_ADDRESS)))
  return {
    basis: address === null ? 'none' : 'source_address',
    workload: address,
    namespace: null,
    serviceAccount: null,
    cluster,
  }
}

/**
 * Whose certificate the proxy was shown by who connected to it; null where there was none, or the
 * proxy is not believed about others.
 */
export function connectedBy(peer: Peer | null, attributes: Uint8Array | null): string | null {
  if (peer?.role === 'sidecar') return null
  const certificate = filterAttributes(attributes).get(PEER_CERTIFICATE) ?? ''
  return isSpiffeId(certificate) ? certificate : null
}

function ofCertificate(
  basis: 'peer_certificate' | 'proxy_certificate',
  workload: string,
  cluster: string | null,
): WorkloadIdentity {
  const [, namespace = null, serviceAccount = null] = IN_KUBERNETES.exec(workload) ?? []
  return { basis, workload, namespace, serviceAccount, cluster }
}

function ofNode(
  said: ReadonlyMap<string, string>,
  cluster: string | null,
): WorkloadIdentity | null {
  const workload = claim(said.get(NODE.workload))
  const namespace = claim(said.get(NODE.namespace))
  const serviceAccount = claim(said.get(NODE.serviceAccount))
  if (workload === null && namespace === null && serviceAccount === null) return null
  return { basis: 'node_metadata', workload, namespace, serviceAccount, cluster }
}

const MAX_CLAIM_CHARACTERS = 256

function claim(value: string | string[] | undefined): string | null {
  const plain = typeof value === 'string' && /^[\x21-\x7e]+$/.test(value) ? value : null
  return plain === null ? null : redact(plain).slice(0, MAX_CLAIM_CHARACTERS)
}

/** `10.1.2.3:4711`, `[fd00::1]:4711`. */
function withoutPort(address: string | undefined): string | undefined {
  return address?.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
}
