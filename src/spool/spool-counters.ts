/** Counted per process since its start; read by the metrics page. */
export interface SpoolCounters {
  rows: number
  bytes: number
  refused: number
  /**
   * Half rows: cut off at start, left by a process that died while it wrote, or left by a disk that
   * could not take them back.
   */
  tornTails: number
  reserveReleased: number
  /** 1 while space for intents is reserved. */
  reserveHeld: number
  /** Segments that could not be given their closed name. */
  strayed: number
  /**
   * Faults where no one waits: of a segment that could not be closed or opened, of those who were
   * to learn what became of their row.
   */
  faults: number
}

export function createSpoolCounters(): SpoolCounters {
  return {
    rows: 0,
    bytes: 0,
    refused: 0,
    tornTails: 0,
    reserveReleased: 0,
    reserveHeld: 0,
    strayed: 0,
    faults: 0,
  }
}
