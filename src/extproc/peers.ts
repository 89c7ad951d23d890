import type { TLSSocket } from 'node:tls'
import { isSpiffeId, type Peer } from './mesh-identity.ts'

/** SPIFFE IDs of the proxies that may connect; a `*` at the end stands for anything. */
export interface AllowedPeers {
  readonly gateways: readonly string[]
  readonly sidecars: readonly string[]
}

export type PeerOf = (
  socket: Pick<TLSSocket, 'authorized' | 'getPeerX509Certificate'>,
) => Peer | null

/** Null for a connection of anyone else: it must be closed at once. */
export function createPeerOf({ gateways, sidecars }: AllowedPeers): PeerOf {
  const isAmong = (names: readonly string[], id: string) =>
    names.some((name) => (name.endsWith('*') ? id.startsWith(name.slice(0, -1)) : id === name))
  return (socket) => {
    const spiffeId = socket.authorized
      ? spiffeIdIn(socket.getPeerX509Certificate()?.subjectAltName)
      : null
    if (spiffeId === null) return null
    if (isAmong(gateways, spiffeId)) return { spiffeId, role: 'gateway' }
    return isAmong(sidecars, spiffeId) ? { spiffeId, role: 'sidecar' } : null
  }
}

const URI = 'URI:'

/**
 * The one SPIFFE ID of a certificate (a second URI makes it none); Node gives names as one text, in
 * which those that hold a comma or a quote are quoted.
 */
export function spiffeIdIn(subjectAltName: string | undefined): string | null {
  if (subjectAltName === undefined || subjectAltName.includes('"')) return null
  const uris = subjectAltName.split(', ').filter((name) => name.startsWith(URI))
  const [id = ''] = uris.map((name) => name.slice(URI.length))
  return uris.length === 1 && isSpiffeId(id) ? id : null
}
