import type { Evidence } from '../evidence/evidence.ts'

/** Where a process leaves the rows that it writes. */
export interface EvidenceSpool {
  /**
   * `done` is called once the row is as durable as the spool promises, or with the reason why it is
   * not.
   */
  append(row: Evidence, done: (error: Error | null) => void): void
}

/**
 * Resolves once the row is as durable as the spool promises; rejects with the reason why it is not.
 */
export function appendEvidence(spool: EvidenceSpool, row: Evidence): Promise<void> {
  return new Promise((resolve, reject) =>
    spool.append(row, (error) => (error ? reject(error) : resolve())),
  )
}
