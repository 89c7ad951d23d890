import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { closedSegments } from '../spool/segment-files.ts'

export interface ConnectionDeliveryOptions {
  /** `spool-connections/`: the segments of every instance and role below it. */
  readonly spoolRoot: string
  /** Resolves only once the rows are durable in ClickHouse. */
  readonly insert: (lines: Buffer, token: string) => Promise<void>
  /** False for rows that ClickHouse will refuse forever. */
  readonly isRetryable: (error: unknown) => boolean
  readonly counters: ConnectionDeliveryCounters
}

/** Counted per process since its start; read by the metrics page. */
export interface ConnectionDeliveryCounters {
  stored: number
  /** Segments that ClickHouse refused for what they hold. */
  refused: number
}

export function createConnectionDeliveryCounters(): ConnectionDeliveryCounters {
  return { stored: 0, refused: 0 }
}

/**
 * Connections: spool → ClickHouse, a segment at a time and oldest first. One is removed after its
 * insert is confirmed; a second delivery folds. A refused one is given up and counted: no call
 * depends on it.
 */
export function createConnectionDelivery({
  spoolRoot,
  insert,
  isRetryable,
  counters,
}: ConnectionDeliveryOptions): { pass(): Promise<void> } {
  return {
    async pass() {
      for (const { file } of closedSegments(spoolRoot)) {
        const token = createHash('sha256').update(file).digest('hex').slice(0, 32)
        try {
          await insert(fs.readFileSync(file), token)
          counters.stored += 1
        } catch (error) {
          if (isRetryable(error)) throw error
          counters.refused += 1
        }
        fs.unlinkSync(file)
      }
    },
  }
}
