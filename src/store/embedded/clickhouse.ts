import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { packageRoot } from '../../config/package-root.ts'
import { replaceFile } from '../../replace-file.ts'
import { createStoreClient } from '../client/client.ts'
import { type ClusterMember, renderServerConfig, renderUsersConfig } from './config.ts'
import {
  embeddedEndpoint,
  type StoreEndpoint,
  toEndpoint,
  writeCredentials,
} from './credentials.ts'
import { freePort } from './free-port.ts'
import { EmbeddedUnavailableError, findEmbeddedLibrary } from './library.ts'

interface PrepareOptions {
  /** Folder of data, configuration and `credentials.json`. */
  readonly dir: string
  readonly port: number
  /** Default: in `dir`. */
  readonly socketPath?: string
  readonly database?: string
  /** Default 2 GiB. */
  readonly maxMemoryBytes?: number
  readonly member?: ClusterMember
}

/**
 * How to spawn the server and how to reach it. Spawn with a stdin pipe (its closing ends the
 * server) and `detached`.
 */
export interface PreparedEmbedded extends StoreEndpoint {
  readonly command: string
  readonly args: readonly string[]
}

export interface EmbeddedClickHouse extends StoreEndpoint {
  readonly pid: number
  /** Resolves when the process is gone. */
  stop(): Promise<void>
}

/** Keeps the engine alive. */
const SERVE_FOREVER =
  'SELECT sleepEachRow(3) FROM numbers(1000000000) SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 3000000 FORMAT Null'

/**
 * Writes the configuration (0600; secrets are new at each start) and says how to start the server.
 * Starts nothing.
 */
export function prepareEmbedded({
  dir,
  port,
  socketPath = join(resolve(dir), 'clickhouse.sock'),
  database = 'flint',
  maxMemoryBytes = 2 * 1024 ** 3,
  member,
}: PrepareOptions): PreparedEmbedded {
  const library = findEmbeddedLibrary()
  const program = join(packageRoot(), 'dist', 'src', 'store', 'embedded', 'server-child.js')
  if (!existsSync(program))
    throw new EmbeddedUnavailableError(`${program} is missing, run \`npm run build\`.`)
  const root = resolve(dir)
  const credentials = writeCredentials(root, port, socketPath)
  const [dataDir, scriptsDir, configFile, usersFile] = [
    join(root, 'data'),
    join(root, 'scripts'),
    join(root, 'server.xml'),
    join(root, 'users.xml'),
  ]
  for (const folder of [dataDir, scriptsDir]) mkdirSync(folder, { recursive: true, mode: 0o700 })
  replaceFile(
    configFile,
    renderServerConfig({
      dataDir,
      usersFile,
      scriptsDir,
      port,
      gate: credentials.gate,
      maxMemoryBytes,
      member,
    }),
  )
  replaceFile(
    usersFile,
    renderUsersConfig({
      username: credentials.username,
      password: credentials.password,
      database,
      maxMemoryBytes,
      member,
    }),
  )
  const interfaces = member === undefined ? ['HTTP'] : ['HTTP', 'TCP']
  return {
    ...toEndpoint(credentials),
    command: process.execPath,
    // Its own heap is next to nothing: all work is the engine's.
    args: [
      '--max-semi-space-size=4',
      program,
      library,
      configFile,
      socketPath,
      '--multiquery',
      '--query',
      [...interfaces.map((name) => `SYSTEM START LISTEN ${name}`), SERVE_FOREVER].join('; '),
    ],
  }
}

interface StartOptions extends Omit<PrepareOptions, 'port'> {
  /** Default: a free one. */
  readonly port?: number
  readonly readyWithinMs?: number
}

/**
 * Starts the server and waits until it answers; a server that dies or hangs is an error with its
 * last output.
 */
export async function startEmbeddedClickHouse({
  port,
  readyWithinMs = 30_000,
  ...rest
}: StartOptions): Promise<EmbeddedClickHouse> {
  // Checked before the credentials of the running one are overwritten with our port; the engine's
  // own lock is the guarantee.
  const earlier = embeddedEndpoint(rest.dir)
  if (earlier && (await answers(earlier)))
    throw new Error(`A ClickHouse is already running in ${rest.dir} (${earlier.url})`)
  const { command, args, ...endpoint } = prepareEmbedded({
    ...rest,
    port: port ?? (await freePort()),
  })
  const child = spawn(command, args, { stdio: ['pipe', 'ignore', 'pipe'], detached: true })
  // A failed spawn shows in `exitCode` and stderr below; an unheard 'error' event would kill this
  // process.
  child.on('error', () => {})
  const lastOutput = tail(child)
  const stop = () => stopChild(child)
  try {
    await waitUntilReady(endpoint, child, readyWithinMs)
  } catch (cause) {
    await stop()
    throw new Error(
      `The embedded ClickHouse in ${rest.dir} did not start. Its last output:\n${lastOutput()}`,
      { cause },
    )
  }
  if (child.pid === undefined) throw new Error('The embedded ClickHouse answered without a process')
  return { ...endpoint, pid: child.pid, stop }
}

/** Polls until the server answers a query; rejects when the child ends or time is up. */
export async function waitUntilReady(
  endpoint: StoreEndpoint,
  child: Pick<ChildProcess, 'exitCode' | 'signalCode'>,
  withinMs: number,
): Promise<void> {
  const deadline = performance.now() + withinMs
  while (performance.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('the process ended')
    if (await answers(endpoint)) return
    await new Promise((wake) => setTimeout(wake, 25))
  }
  throw new Error(`no answer within ${withinMs} ms`)
}

/** A query, not /ping: it must be ready to be asked. */
async function answers(endpoint: StoreEndpoint): Promise<boolean> {
  const client = createStoreClient({ ...endpoint, database: 'system', timeoutMs: 2_000 })
  try {
    return await client.ping()
  } finally {
    await client.close()
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>((resolveGone) => child.once('exit', () => resolveGone()))
  child.stdin?.end()
  const timer = setTimeout(() => child.kill('SIGKILL'), 2_000)
  await gone
  clearTimeout(timer)
}

function tail(child: ChildProcess): () => string {
  let text = ''
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-4_000)
  })
  return () => text.trim().split('\n').slice(-12).join('\n')
}
