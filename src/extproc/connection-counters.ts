/** Why a connection of the TCP access log is not kept. */
const SKIPPED = {
  /** The app named no host in its TLS handshake. */
  no_host: 0,
  /** No provider definition knows the host. */
  other_host: 0,
  /** No organisation has the workload. */
  no_organisation: 0,
  /** The workload opened more in this minute than are kept. */
  too_many: 0,
  /** The spool did not take it. */
  no_space: 0,
  /** The entry does not say who logged it, or when the connection began. */
  unreadable: 0,
}

/** Counted per process since its start; read by the metrics page. */
export interface ConnectionCounters {
  connections: number
  readonly connectionsSkipped: Record<keyof typeof SKIPPED, number>
}

export function createConnectionCounters(): ConnectionCounters {
  return { connections: 0, connectionsSkipped: { ...SKIPPED } }
}
