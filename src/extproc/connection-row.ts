import { createHash } from 'node:crypto'
import type { ConnectionPolicy, ConnectionRow } from '../evidence/connection.ts'
import { DAY_MS } from '../evidence/day.ts'
import type { WorkloadIdentity } from '../evidence/identity-basis.ts'
import { derivedRecordId, timestampText } from '../evidence/record-id.ts'
import type { ConnectionEntry, LoggingNode } from './connection-entry.ts'
import type { Peer } from './mesh-identity.ts'
import { flagNames } from './response-flags.ts'

/** What is known of a connection beside what its log entry says. */
export interface KnownOfConnection {
  readonly org: string
  readonly identity: WorkloadIdentity
  readonly host: string
  readonly provider: string
  readonly policy: ConnectionPolicy
  readonly peer: Peer | null
  readonly node: LoggingNode
}

/** Null where the entry does not say when the connection began, or what it says cannot be. */
export function connectionRow(
  entry: ConnectionEntry,
  { org, identity, host, provider, policy, peer, node }: KnownOfConnection,
  nowMs: number,
): ConnectionRow | null {
  const { startedAtMs, source, upstream } = entry
  if (startedAtMs === null || !isPossible(startedAtMs, nowMs)) return null
  const durationMs = entry.durationMs === null ? null : Math.max(0, Math.round(entry.durationMs))
  const openedAtMs = Math.floor(startedAtMs)
  // Of what one connection always has: an entry that comes again folds, and so do those of a
  // connection that is reported while it lasts. The proxy's certificate is among it, so that no proxy
  // can write over what another one reported.
  const hash = createHash('sha256')
    .update(
      JSON.stringify([peer?.spiffeId, node.id, entry.streamId, source, startedAtMs, host, org]),
    )
    .digest('hex')
  return {
    org,
    opened_at: timestampText(openedAtMs),
    connection_id: derivedRecordId(openedAtMs, hash),
    duration_ms: durationMs,
    host,
    provider,
    workload: identity.workload,
    namespace: identity.namespace,
    service_account: identity.serviceAccount,
    cluster: identity.cluster,
    identity_basis: identity.basis,
    source_address: source === null ? null : plain(source.host),
    upstream_address: upstream === null ? null : `${plain(upstream.host)}:${upstream.port}`,
    bytes_sent: entry.receivedBytes,
    bytes_received: entry.sentBytes,
    response_flags: flagNames(entry.flags).join(','),
    policy,
    version: durationMs ?? 0,
  }
}

const LONGEST_DAYS = 31

/** A proxy's clock may be somewhat ahead; connections of other months would each make a part. */
function isPossible(startedAtMs: number, nowMs: number): boolean {
  return startedAtMs > nowMs - LONGEST_DAYS * DAY_MS && startedAtMs < nowMs + DAY_MS / 24
}

/** Addresses only: digits, hex, dots and colons. */
function plain(address: string): string | null {
  return /^[0-9a-fA-F.:]{1,45}$/.test(address) ? address : null
}
