import { createHash } from 'node:crypto'
import os from 'node:os'
import path from 'node:path'

/**
 * Where things lie in the data directory. Everything in it is 0700/0600: sockets, spool and secrets
 * are the owner's alone.
 */
export interface DataPaths {
  readonly root: string
  /** Sockets, pid files and the lock of the running Flint. */
  readonly run: string
  readonly spool: string
  /**
   * Prompts and completions on their way to the content store; apart from evidence, which is
   * delivered whatever becomes of them.
   */
  readonly contentSpool: string
  /** Connections that nothing could read, on their way to ClickHouse. */
  readonly connectionSpool: string
  readonly clickhouse: string
  readonly secrets: string
  readonly logs: string
  readonly content: string
  /** Rows that ClickHouse refused, one file each. */
  readonly deadLetters: string
  /** Rows of organisations that had one refused, until each is stored or a dead letter. */
  readonly quarantine: string
  /** Newer price books that the operator brought. */
  readonly prices: string
  /** Rates on their way to the table `prices`. */
  readonly ratesOutbox: string
  readonly envoyBootstrap: string
  /**
   * Where Envoy reads which files hold the certificates of the public port: that of `flint up`, and
   * one that others start with the bootstrap that was printed for them.
   */
  readonly envoyTls: string
  readonly printedEnvoyTls: string
  /**
   * Names the running start of Envoy, written before it; its time is that of the start. Only where
   * `flint up` runs Envoy.
   */
  readonly envoyRun: string
  /** Envoy's JSON access log. */
  readonly accessLog: string
  /** How far delivery has read it. */
  readonly accessLogOffset: string
  /**
   * By this name `run` is short enough for a socket; `run` itself, or a link to it
   * (socket-directory.ts).
   */
  readonly socketDirectory: string
  readonly sockets: {
    readonly gate: string
    readonly observer: string
    readonly api: string
    readonly envoyAdmin: string
    readonly clickhouse: string
  }
}

/** A socket's path must fit sockaddr_un (108 bytes on Linux, 104 on macOS). */
const MAX_SOCKET_PATH = 100
const LONGEST_SOCKET_NAME = 'envoy-admin.sock'

function isShort(directory: string): boolean {
  return Buffer.byteLength(path.join(directory, LONGEST_SOCKET_NAME)) <= MAX_SOCKET_PATH
}

/** Of a user's own, so that root may look at what another user runs. */
function shortName(dataDir: string): string {
  const hash = createHash('sha256').update(dataDir).digest('hex').slice(0, 16)
  const name = `flint-${process.getuid?.() ?? 0}-${hash}`
  const inTemporary = path.join(os.tmpdir(), name)
  return isShort(inTemporary) ? inTemporary : path.join('/tmp', name)
}

export function dataPaths(dataDir: string): DataPaths {
  const run = path.join(dataDir, 'run')
  const socketDirectory = isShort(run) ? run : shortName(dataDir)
  const socket = (name: string) => path.join(socketDirectory, `${name}.sock`)
  return {
    root: dataDir,
    run,
    spool: path.join(dataDir, 'spool'),
    contentSpool: path.join(dataDir, 'spool-content'),
    connectionSpool: path.join(dataDir, 'spool-connections'),
    clickhouse: path.join(dataDir, 'clickhouse'),
    secrets: path.join(dataDir, 'secrets'),
    logs: path.join(dataDir, 'logs'),
    content: path.join(dataDir, 'content'),
    deadLetters: path.join(dataDir, 'dead-letters'),
    quarantine: path.join(dataDir, 'quarantine'),
    prices: path.join(dataDir, 'prices'),
    ratesOutbox: path.join(dataDir, 'prices', 'used'),
    envoyBootstrap: path.join(run, 'envoy.yaml'),
    envoyTls: path.join(run, 'tls'),
    printedEnvoyTls: path.join(run, 'tls-printed'),
    envoyRun: path.join(run, 'envoy-run'),
    accessLog: path.join(dataDir, 'logs', 'envoy-access.ndjson'),
    accessLogOffset: path.join(run, 'access-log-offset.json'),
    socketDirectory,
    sockets: {
      gate: socket('gate'),
      observer: socket('observer'),
      api: socket('api'),
      envoyAdmin: socket('envoy-admin'),
      clickhouse: socket('clickhouse'),
    },
  }
}

/** What holds the lock of one `flint up` (no role), or of one role, on a data directory. */
export function lockSocket({ socketDirectory }: DataPaths, role?: string): string {
  return path.join(socketDirectory, role === undefined ? 'flint.sock' : `${role}-l.sock`)
}

/** Where a role serves its metrics: beside the sockets that Envoy knows. */
export function metricsSocket({ socketDirectory }: DataPaths, role: string): string {
  return path.join(socketDirectory, `${role}-m.sock`)
}
