import fs from 'node:fs'
import { ConfigError } from './config/config-error.ts'

/**
 * Refuses a folder that somebody else made, or may write to: they would choose the secrets and take
 * the files in it. A link must be ours as well as what it leads to. A folder that is not there yet
 * will be made, and is ours.
 */
export function refuseForeign(directory: string): void {
  let link: fs.Stats
  let folder: fs.Stats
  try {
    link = fs.lstatSync(directory)
    folder = fs.statSync(directory)
  } catch {
    // Not there, or not to be looked at: the code that makes it or reads it says why that is not
    // possible.
    return
  }
  const uid = process.getuid?.()
  if (uid !== undefined && (link.uid !== uid || folder.uid !== uid))
    throw new ConfigError(
      `${directory} belongs to another user: set dataDir (FLINT_DATA_DIR) to a directory of your own`,
      'dataDir',
    )
  if ((folder.mode & 0o022) !== 0)
    throw new ConfigError(
      `${directory} can be written by others: chmod it to 0700, or set dataDir (FLINT_DATA_DIR) to another directory`,
      'dataDir',
    )
}
