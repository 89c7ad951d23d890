import type { IncomingHttpHeaders } from 'node:http2'
import type { ConnectionRow } from '../evidence/connection.ts'
import { isVerified } from '../evidence/identity-basis.ts'
import type { MeshOrganisations } from '../identity/mesh-organisations.ts'
import type { ActiveProviders } from '../providers/active-providers.ts'
import { createProviderOfHost } from '../providers/provider-of-host.ts'
import type { ConnectionCounters } from './connection-counters.ts'
import {
  type ConnectionEntry,
  type LoggingNode,
  readConnections,
  readLoggingNode,
} from './connection-entry.ts'
import { type ConnectionLimits, createConnectionRates } from './connection-rates.ts'
import { connectionRow } from './connection-row.ts'
import { identityFrom, MESH_ATTRIBUTES, type Peer } from './mesh-identity.ts'

/** `log_name` of the TCP access logs that are about connections to providers, and of no others. */
export const CONNECTIONS_LOG = 'flint-connections'

/** Where rows of connections are left for delivery. */
interface ConnectionSpool {
  append(row: ConnectionRow, done: (error: Error | null) => void): void
}

export interface ConnectionLogOptions {
  readonly spool: ConnectionSpool
  readonly providers: ActiveProviders
  readonly organisations: MeshOrganisations
  /** Hosts whose calls the mesh captures where apps do not encrypt them. */
  readonly coveredHosts: ReadonlySet<string>
  readonly counters: ConnectionCounters
  readonly nowMs?: () => number
  readonly limits?: ConnectionLimits
}

/** What takes the messages of one access log stream. */
export type ConnectionLog = (
  metadata: IncomingHttpHeaders,
  peer: Peer | null,
) => (message: Uint8Array) => void

/** RFC 6066 §3: a DNS name, without the dot at its end. */
const HOST_NAME = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/

/**
 * Connections that Envoy passed on without reading them, out of its TCP access log. Whose one is, is
 * known as in mesh mode: by the proxy's certificate, by what the proxy says of itself, by an address.
 */
export function createConnectionLog({
  spool,
  providers,
  organisations,
  coveredHosts,
  counters,
  nowMs = Date.now,
  limits,
}: ConnectionLogOptions): ConnectionLog {
  const providerOf = createProviderOfHost(providers)
  const rates = createConnectionRates(nowMs, limits)

  return (metadata, peer) => {
    let node: LoggingNode | null = null
    const take = (entry: ConnectionEntry) => {
      const skipped = node === null ? 'unreadable' : keep(entry, node)
      if (skipped !== null) counters.connectionsSkipped[skipped] += 1
    }
    const keep = (entry: ConnectionEntry, from: LoggingNode) => {
      const host = entry.sni.toLowerCase()
      if (!HOST_NAME.test(host)) return 'no_host' as const
      const provider = providerOf(host)
      if (provider === undefined) return 'other_host' as const
      const identity = identityFrom(peer, metadata, saidOf(from, entry))
      const owner = organisations.organisationOf({
        ...identity,
        isVerified: isVerified(identity.basis),
      })
      if (owner === null) return 'no_organisation' as const
      if (!rates.takes(identity.workload ?? '')) return 'too_many' as const
      const policy = coveredHosts.has(host) ? ('opaque' as const) : ('uncovered' as const)
      const row = connectionRow(
        entry,
        { org: owner.org, identity, host, provider: provider.name, policy, peer, node: from },
        nowMs(),
      )
      if (row === null) return 'unreadable' as const
      spool.append(row, (error) => {
        if (error) counters.connectionsSkipped.no_space += 1
        else counters.connections += 1
      })
      return null
    }
    return (message) => {
      node ??= readLoggingNode(message)
      if (node?.logName === CONNECTIONS_LOG) readConnections(message, take)
    }
  }
}

const [PEER_CERTIFICATE = '', SOURCE_ADDRESS = ''] = MESH_ATTRIBUTES
const OF_NODE = 'xds.node.metadata.'

/** The log entry under the names of the attributes that a call in mesh mode has. */
function saidOf(node: LoggingNode, { peerUris, source }: ConnectionEntry) {
  const said = new Map<string, string>([['xds.node.id', node.id]])
  for (const [name, value] of node.metadata) said.set(`${OF_NODE}${name}`, value)
  const [uri, ...others] = peerUris
  if (uri !== undefined && others.length === 0) said.set(PEER_CERTIFICATE, uri)
  if (source !== null) said.set(SOURCE_ADDRESS, `${source.host}:${source.port}`)
  return said
}
