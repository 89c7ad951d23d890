import fs from 'node:fs'
import path from 'node:path'
import type { DataPaths } from './data-paths.ts'

/** What earlier builds called a file of the data directory that has another name today. */
const EARLIER_ACCESS_LOG_OFFSET = 'witness-offset.json'

/**
 * Gives files that an earlier build left in the data directory their names of today, where none
 * has that name yet. Several processes may do this at once; throws where the disk takes no change.
 */
export function adoptEarlierFileNames({ run, accessLogOffset }: DataPaths): void {
  if (fs.existsSync(accessLogOffset)) return
  try {
    fs.renameSync(path.join(run, EARLIER_ACCESS_LOG_OFFSET), accessLogOffset)
  } catch (error) {
    // A new data directory, or another process was first.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}
