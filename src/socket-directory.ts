import fs from 'node:fs'
import { ConfigError } from './config/config-error.ts'
import type { DataPaths } from './config/data-paths.ts'
import { refuseForeign } from './private-directory.ts'

/**
 * Makes sure that the data directory's `run/`, where sockets and locks lie, can be reached by a
 * name short enough for a socket: where its own is too long, by a link in the temporary folder.
 * Every process makes the link for itself, so that neither another TMPDIR nor a private /tmp leads
 * to other sockets, or to a second lock.
 */
export function openSocketDirectory({
  run,
  socketDirectory,
}: Pick<DataPaths, 'run' | 'socketDirectory'>): void {
  if (socketDirectory !== run) {
    const refuse = (why: string, cause?: unknown) =>
      new ConfigError(
        `${socketDirectory}, the short name of ${run}, ${why}: set dataDir (FLINT_DATA_DIR) to a shorter path`,
        'dataDir',
        {
          cause,
        },
      )
    try {
      fs.symlinkSync(run, socketDirectory)
    } catch (cause) {
      if (!isExists(cause)) throw refuse('cannot be made', cause)
      // In a folder that everybody may write to, somebody else could have been first.
      const known = fs.lstatSync(socketDirectory)
      const isOurs = process.getuid === undefined || known.uid === process.getuid()
      if (!isOurs || !known.isSymbolicLink() || fs.readlinkSync(socketDirectory) !== run)
        throw refuse('is not ours', cause)
    }
  }
  refuseForeign(run)
}

function isExists(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST'
}
