import fs from 'node:fs'

export type Done = (error: Error | null) => void

/** A segment that rows are still written to, or whose flush is under way. */
export interface OpenSegment {
  readonly fd: number
  readonly file: string
  bytes: number
  /**
   * In `fsync` mode: rows of this segment that wait for the flush after the running one. A flush of
   * another file says nothing of them.
   */
  waiting: Done[]
  closed: boolean
}

export function newSegment(fd: number, file: string): OpenSegment {
  return { fd, file, bytes: 0, waiting: [], closed: false }
}

/** Of a segment that holds no row. */
export function discard({ fd, file }: OpenSegment): void {
  fs.closeSync(fd)
  fs.rmSync(file, { force: true })
}
