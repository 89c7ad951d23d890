import { CommanderError } from 'commander'
import { ConfigError } from '../config/config-error.ts'
import { errorName, framesOf } from '../process/error-name.ts'

/** Ends the process. A crash says where, never what: messages may quote what a stranger sent. */
export function crash(error: unknown): never {
  if (error instanceof CommanderError) process.exit(error.exitCode)
  if (error instanceof ConfigError) console.error(`flint: ${error.message}`)
  else {
    // What `up` reports of its own children holds nothing of a stranger's; a role's crash is named
    // only.
    const isUp = process.argv[2] === 'up'
    const message = error instanceof Error && isUp ? error.message : errorName(error)
    console.error([`flint: ${message}`, ...(isUp ? [] : framesOf(error))].join('\n'))
  }
  process.exit(1)
}
