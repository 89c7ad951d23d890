import type { IncomingHttpHeaders } from 'node:http2'
import type { SightingEvidence } from '../evidence/evidence.ts'
import { evidenceKey } from '../evidence/evidence-key.ts'
import { identityColumns, type WorkloadIdentity } from '../evidence/identity-basis.ts'
import type { CallMetadata } from './call-metadata.ts'
import type { CallerRequest } from './caller-request.ts'
import { HOP_SEAL_HEADER, type HopSeals, type SealedCall } from './hop-seal.ts'
import { connectedBy, isNextAProxy, type Peer } from './mesh-identity.ts'

/**
 * The record that a call on a route of a mesh has already, where the proxy before this one proves
 * it; null for every other call, whatever it sends: it gets a record of its own.
 */
export function callOfProxyBefore(
  { hopSeals, authority, route }: CallerRequest,
  peer: Peer | null,
  attributes: Uint8Array | null,
  seals: HopSeals,
): SealedCall | null {
  const [text, ...more] = hopSeals
  if (text === undefined || more.length > 0 || route === null) return null
  const proxy = connectedBy(peer, attributes)
  return proxy === null ? null : seals.redeem(text, { proxy, authority, path: route.endpoint })
}

/**
 * Says to the proxy that comes next which record the call has; null where none comes that
 * captures, or this one is not known by a certificate.
 */
export function sealForNextProxy(
  call: SealedCall,
  { authority, route }: CallerRequest,
  peer: Peer | null,
  metadata: IncomingHttpHeaders,
  seals: HopSeals,
): readonly [name: string, value: string] | null {
  if (peer === null || route === null || !isNextAProxy(metadata)) return null
  const hop = { proxy: peer.spiffeId, authority, path: route.endpoint }
  return [HOP_SEAL_HEADER, seals.issue(call, hop)]
}

export function sightingOf(
  call: CallMetadata,
  workload: WorkloadIdentity | null,
  version: number,
  writer: string,
): SightingEvidence {
  return {
    kind: 'sighting',
    ...evidenceKey(call, version, writer),
    ...identityColumns(workload),
  }
}
