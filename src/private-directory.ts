import fs from 'node:fs'
import { ConfigError } from './config/config-error.ts'

/**
 * Refuses a folder that somebody else made, or may write to: they would choose the secrets and take the files in it. A link
 * must be ours as well as what it leads to. A folder that is not there yet will be made, and is ours.
 */
export function refuseForeign(directory: string): void {
  const link = fs.lstatSync(directory, { throwIfNoEntry: false })
  if (link === undefined) return
  const folder = fs.statSync(directory)
  const uid = process.getuid?.()
  if (uid !== undefined && (link.uid !== uid || folder.uid !== uid))
    throw new ConfigError(`${directory} belongs to another user: set dataDir (FLINT_DATA_DIR) to a directory of your own`, 'dataDir')
  if ((folder.mode & 0o022) !== 0)
    throw new ConfigError(
      `${directory} can be written by others: chmod it to 0700, or set dataDir (FLINT_DATA_DIR) to another directory`,
      'dataDir',
    )
}
