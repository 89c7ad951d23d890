import type { SpoolCounters } from '../spool/spool-counters.ts'
import { counter, type Definitions, state } from './metric.ts'

/**
 * The disk queue of a role. `prefix`: `flint_gate_spool`; `rows`: what its rows are, for the help.
 */
export function spoolDefinitions(prefix: string, rows: string): Definitions<SpoolCounters> {
  return {
    rows: counter(`${prefix}_rows_total`, `Rows of ${rows} written to the spool.`),
    bytes: counter(`${prefix}_written_bytes_total`, `Bytes of ${rows} written to the spool.`),
    refused: counter(
      `${prefix}_refused_total`,
      `Rows of ${rows} that the spool did not take: it is full, or the disk failed.`,
    ),
    tornTails: counter(
      `${prefix}_torn_tails_total`,
      `Half rows of ${rows} that were cut off: of a killed process, or of a failing disk.`,
    ),
    reserveReleased: counter(
      `${prefix}_reserve_released_total`,
      'Times that the space reserved for a full disk was given back.',
    ),
    reserveHeld: state(`${prefix}_reserve_held`, '1 while space is reserved for a full disk.'),
    strayed: counter(
      `${prefix}_strayed_segments_total`,
      `Segments of ${rows} that could not be given their closed name.`,
    ),
    faults: counter(
      `${prefix}_faults_total`,
      'Faults where no caller waits: a segment could not be closed or opened.',
    ),
  }
}
