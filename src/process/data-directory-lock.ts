import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { ConfigError } from '../config/config-error.ts'

/**
 * One Flint per data directory. A listening socket is the lock: it ends with its process whatever
 * kills it, and a leftover file answers no connection, so neither stale pids nor clean-up are
 * needed.
 */
export async function lockDataDirectory(
  socketPath: string,
  dataDir: string,
): Promise<{ release(): void }> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const server = await listen(socketPath)
    if (server) return { release: () => void server.close() }
    if (await answers(socketPath)) {
      throw new ConfigError(
        `another Flint is running on ${dataDir}: stop it, or set dataDir (FLINT_DATA_DIR) to another directory`,
        'dataDir',
      )
    }
    await removeDead(socketPath)
  }
  throw new ConfigError(
    `the lock ${socketPath} cannot be taken: set dataDir (FLINT_DATA_DIR) to another directory`,
    'dataDir',
  )
}

/**
 * Between the question and the removal somebody else may have taken the lock: so the file is put
 * out of the way, asked once more under its new name, where a living server goes on answering, and
 * put back if it lives: the next attempt then sees it.
 */
async function removeDead(socketPath: string): Promise<void> {
  // Short: a socket's path has few bytes (config/data-paths.ts).
  const moved = path.join(path.dirname(socketPath), `${randomBytes(4).toString('hex')}.old`)
  try {
    fs.renameSync(socketPath, moved)
  } catch {
    // Another process moved it first: the next attempt shows who has the lock.
    return
  }
  if (await answers(moved)) fs.renameSync(moved, socketPath)
  else fs.rmSync(moved, { force: true })
}

function listen(socketPath: string): Promise<net.Server | null> {
  return new Promise((resolve, reject) => {
    const server = net.createServer((connection) => connection.end())
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(null) : reject(error),
    )
    server.listen(socketPath, () => {
      server.unref()
      resolve(server)
    })
  })
}

/** True when somebody accepts connections on the socket. */
export function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = net.connect(socketPath)
    connection.once('connect', () => {
      connection.destroy()
      resolve(true)
    })
    connection.once('error', () => resolve(false))
  })
}
