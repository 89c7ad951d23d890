import type { ConnectionRow } from '../../evidence/connection.ts'

/** Every property of a row: the compiler refuses one too few or one too many. */
const COLUMNS: Readonly<Record<keyof ConnectionRow, true>> = {
  org: true,
  opened_at: true,
  connection_id: true,
  duration_ms: true,
  host: true,
  provider: true,
  workload: true,
  namespace: true,
  service_account: true,
  cluster: true,
  identity_basis: true,
  source_address: true,
  upstream_address: true,
  bytes_sent: true,
  bytes_received: true,
  response_flags: true,
  policy: true,
  version: true,
}
export const CONNECTION_COLUMNS: readonly string[] = Object.keys(COLUMNS)
