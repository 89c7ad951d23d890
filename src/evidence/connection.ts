import type { IdentityBasis } from './identity-basis.ts'

/**
 * `opaque`: to a host whose calls the mesh captures, but the app encrypted it itself. `uncovered`:
 * to a host of a known provider that no policy of the mesh is about.
 */
export type ConnectionPolicy = 'opaque' | 'uncovered'

/**
 * A TLS connection to a provider that nothing could read, as a row of the table `connections`. It is
 * no call: it may have carried many, or none.
 */
export interface ConnectionRow {
  readonly org: string
  readonly opened_at: string
  readonly connection_id: string
  readonly duration_ms: number | null
  /** The name that the app asked for in its TLS handshake; what it said, not what answered. */
  readonly host: string
  readonly provider: string
  readonly workload: string | null
  readonly namespace: string | null
  readonly service_account: string | null
  readonly cluster: string | null
  readonly identity_basis: IdentityBasis
  readonly source_address: string | null
  readonly upstream_address: string | null
  /** By the app, TLS included. */
  readonly bytes_sent: number
  readonly bytes_received: number
  readonly response_flags: string
  readonly policy: ConnectionPolicy
  /** The longest of several reports of one connection is the last one. */
  readonly version: number
}
