import pino, { type Logger } from 'pino'
import { lockSocket } from '../config/data-paths.ts'
import type { Installation } from '../installation.ts'
import { lockDataDirectory } from './data-directory-lock.ts'

/** A running role; `close` ends it in order: stop taking work, finish, flush. */
export interface Role {
  close(): Promise<void>
}

/**
 * A second process of a role on one data directory would replace the first one's socket and repair
 * a spool that is in use.
 */
export function lockRole({ paths }: Installation, role: string): Promise<{ release(): void }> {
  return lockDataDirectory(lockSocket(paths, role), `${paths.root} (${role})`)
}

export function roleLogger({ config }: Installation, role: string): Logger {
  return pino({ name: `flint-${role}`, level: config.logLevel, base: { role } })
}
