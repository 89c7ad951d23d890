import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../../replace-file.ts'

/** Name of the header without which the embedded server answers every path but /ping with 404. */
export const GATE_HEADER = 'X-Flint-Gate'

/** What is needed to reach the embedded server: anyone who can read it is the operator. */
export interface EmbeddedCredentials {
  readonly url: string
  readonly username: string
  readonly password: string
  readonly gate: string
  /** The socket that leads to it: the port itself is never spoken to. */
  readonly socketPath: string
}

/** How a client reaches a ClickHouse; the argument of `createStoreClient`. */
export interface StoreEndpoint {
  readonly url: string
  readonly username: string
  readonly password: string
  readonly headers: Readonly<Record<string, string>>
  /** Where it is not reached by its url. */
  readonly socketPath?: string
}

/** Secrets are new at each start: one that was overheard once is worth nothing after the next. */
export function writeCredentials(
  dir: string,
  port: number,
  socketPath: string,
): EmbeddedCredentials {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const credentials = {
    url: `http://127.0.0.1:${port}`,
    username: 'flint',
    password: randomBytes(24).toString('base64url'),
    gate: randomBytes(24).toString('base64url'),
    socketPath,
  }
  replaceFile(credentialsFile(dir), `${JSON.stringify(credentials, null, 2)}\n`)
  return credentials
}

/**
 * The endpoint of the server that runs (or last ran) in `dir`; null when none ever did. For the
 * CLI.
 */
export function embeddedEndpoint(dir: string): StoreEndpoint | null {
  const credentials = readCredentials(dir)
  return credentials && toEndpoint(credentials)
}

export function toEndpoint({
  url,
  username,
  password,
  gate,
  socketPath,
}: EmbeddedCredentials): StoreEndpoint {
  return { url, username, password, headers: { [GATE_HEADER]: gate }, socketPath }
}

function credentialsFile(dir: string): string {
  return join(dir, 'credentials.json')
}

function readCredentials(dir: string): EmbeddedCredentials | null {
  let text: string
  try {
    text = readFileSync(credentialsFile(dir), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
  const value: unknown = JSON.parse(text)
  // Damaged, or of a build that knew no socket: the next start writes its own.
  return isCredentials(value) ? value : null
}

function isCredentials(value: unknown): value is EmbeddedCredentials {
  if (typeof value !== 'object' || value === null) return false
  const fields = new Map(Object.entries(value))
  return ['url', 'username', 'password', 'gate', 'socketPath'].every(
    (name) => typeof fields.get(name) === 'string',
  )
}
