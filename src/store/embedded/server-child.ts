/**
 * The program of the child process: ClickHouse out of libchdb.so, serving its own HTTP interface,
 * and a Unix socket in front of it.
 *
 * Arguments: the library's path, the configuration's path, the socket's path, then the arguments of
 * `clickhouse local`. It ends when its stdin closes, that is, when its parent died: SIGKILL of the
 * parent too leaves no server behind.
 */
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import type { EmbeddedEngine } from './engine.ts'
import { bindablePort } from './free-port.ts'
import { releaseStartUpPages } from './release-start-up-pages.ts'
import { PROOF_PLACEHOLDER, serveWhenProven } from './socket.ts'

/** By then the engine serves, and what only its start needed lies idle. */
const STARTED_AFTER_MS = 10_000

const [libraryPath, configFile, socketPath, ...serverArguments] = process.argv.slice(2)
if (libraryPath === undefined || configFile === undefined || socketPath === undefined)
  throw new Error(
    'usage: server-child <libchdb.so> <server.xml> <socket> <arguments of clickhouse local>',
  )

// process.exit() waits for the engine's threads, which never end. Confirmed inserts are fsynced, so
// nothing is lost.
const die = () => process.kill(process.pid, 'SIGKILL')
process.stdin.on('end', die).on('close', die).on('error', die).resume()
// Ctrl-C reaches the whole process group; the parent decides when the store may go, after its last
// delivery.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

// New at each start, and known to no one but this process and its engine.
const proof = randomBytes(24).toString('base64url')
const template = fs.readFileSync(configFile, 'utf8')
const wanted = Number(/<http_port>(\d{1,5})<\/http_port>/.exec(template)?.[1])
const port = await bindablePort(wanted)
const config = template
  .replace(PROOF_PLACEHOLDER, proof)
  .replace(`<http_port>${wanted}<`, `<http_port>${port}<`)
const ownConfigFile = configFile.replace(/(\.xml)?$/, '.running.xml')
fs.writeFileSync(ownConfigFile, config, { mode: 0o600 })

serveWhenProven({ socketPath, port, proof, onFault: die })
setTimeout(() => {
  try {
    releaseStartUpPages(fs.realpathSync(libraryPath))
  } catch {
    // No /proc, or no such call: then the pages stay, and the engine serves.
  }
}, STARTED_AFTER_MS)

const engine = new Worker(new URL('./engine.js', import.meta.url), {
  workerData: {
    libraryPath,
    argv: ['clickhouse', `--config-file=${ownConfigFile}`, ...serverArguments],
    folder: path.dirname(configFile),
  } satisfies EmbeddedEngine,
  // Its own heap is next to nothing.
  resourceLimits: { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 32 },
})
engine.on('error', (error) => process.stderr.write(`${error.message}\n`))
engine.on('exit', () => {
  process.stderr.write('the engine returned: its never-ending query ended or could not start\n')
  die()
})
