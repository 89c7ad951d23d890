import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { findEnvoy } from '../../envoy/find-envoy.ts'
import { writePublicSecrets } from '../../envoy/public-tls.ts'
import { renderBootstrap } from '../../envoy/render-bootstrap.ts'
import { checkCertificates } from '../config/certificate-files.ts'
import { lockSocket, metricsSocket } from '../config/data-paths.ts'
import { adoptEarlierFileNames } from '../config/earlier-file-names.ts'
import { glibcVersion } from '../config/glibc.ts'
import { packageRoot } from '../config/package-root.ts'
import { publicOrigin, publicTls } from '../config/public-listener.ts'
import type { NewKey } from '../identity/key-admin.ts'
import { connectStore, type Installation, prepareInstallation } from '../installation.ts'
import { answers, lockDataDirectory } from '../process/data-directory-lock.ts'
import { openSocketDirectory } from '../socket-directory.ts'
import { adoptDeadDirectories } from '../spool/segment-files.ts'
import { prepareEmbedded } from '../store/embedded/clickhouse.ts'
import { freePort } from '../store/embedded/free-port.ts'
import { findEmbeddedLibrary } from '../store/embedded/library.ts'
import { keepLogsBounded } from './bounded-logs.ts'
import { envoyAdmin } from './envoy-admin.ts'
import { EnvoyOutput } from './envoy-output.ts'
import { stopInOrder } from './orderly-stop.ts'
import { checkPort, servesCallers } from './public-port.ts'
import { followCertificates } from './renewed-certificates.ts'
import { Supervised, type SupervisedOptions } from './supervised.ts'
import { sayUnresolvedProviders } from './unresolved-providers.ts'

export interface RunningFlint {
  readonly baseUrl: string
  /** The first organisation's key, when this start made it. */
  readonly firstKey: NewKey | null
  stop(): Promise<void>
}

export interface UpOptions {
  readonly installation: Installation
  /** The `flint` program for the roles: node and main.js. */
  readonly program: readonly [command: string, ...args: string[]]
  readonly say: (line: string) => void
}

/** Brings up every part on this machine, in the order in which each needs the one before it. */
export async function up({ installation, program, say }: UpOptions): Promise<RunningFlint> {
  const { config, paths, providers } = installation
  const lock = await lockDataDirectory(lockSocket(paths), paths.root)
  // Before logs are bounded: they are not rotated while delivery still reads them.
  adoptEarlierFileNames(paths)
  const children = new Map<string, Supervised>()
  const logs = keepLogsBounded({
    logDirectory: paths.logs,
    accessLog: paths.accessLog,
    accessLogOffsetFile: paths.accessLogOffset,
    adminSocket: paths.sockets.envoyAdmin,
  })
  // Temporary folders are swept; without the link Envoy could not connect to a part that was
  // started again.
  const link = setInterval(() => {
    try {
      openSocketDirectory(paths)
    } catch {
      // Tried again: a full or forbidden temporary folder must not end what runs.
    }
  }, LINK_EVERY_MS)
  link.unref()
  let certificates: { stop(): void } | null = null
  const stop = async () => {
    logs.stop()
    certificates?.stop()
    clearInterval(link)
    await stopInOrder(children, paths, say)
    lock.release()
  }
  try {
    // All that can fail without a download comes before the download.
    const tls = publicTls(config)
    if (tls !== null) checkCertificates(tls)
    await checkPort(config.host, config.port)
    if (config.clickhouse.url === undefined) findEmbeddedLibrary()
    const envoy = await findEnvoy({ configuredPath: config.envoy.path, say })
    const adopted = [paths.spool, paths.contentSpool, paths.connectionSpool].map(
      (root) => adoptDeadDirectories(root, installation.instance).tornTails,
    )
    if (adopted.some((tornTails) => tornTails > 0))
      say(
        'half a row of a dead instance was cut off its spool: it had not been confirmed to any caller',
      )

    const supervise = async (
      options: Omit<SupervisedOptions, 'logDirectory' | 'runDirectory' | 'say'>,
    ) => {
      const child = new Supervised({
        ...options,
        logDirectory: paths.logs,
        runDirectory: paths.run,
        say,
      })
      children.set(options.name, child)
      await child.start()
    }
    const [command, ...programArgs] = program
    const role = (name: string, isReady: () => Promise<boolean>, stopWithinMs: number) => {
      return supervise({
        name,
        command,
        args: [...REST_QUIETLY, ...programArgs, name, '--supervised'],
        isReady,
        stopWithinMs,
      })
    }

    if (config.clickhouse.url === undefined) {
      say('starting ClickHouse (embedded) …')
      const embedded = prepareEmbedded({
        dir: paths.clickhouse,
        port: await freePort(),
        socketPath: paths.sockets.clickhouse,
        database: config.clickhouse.database,
      })
      await supervise({
        name: 'clickhouse',
        command: embedded.command,
        args: embedded.args,
        isReady: () => storeAnswers(installation),
      })
    }
    const firstKey = await prepareInstallation(installation)
    say('starting gate, observer, delivery and API …')
    const deliveryMetrics = metricsSocket(paths, 'delivery')
    fs.rmSync(deliveryMetrics, { force: true })
    await Promise.all([
      // It waits up to 20 s for the stores to take what is in the spools.
      role('delivery', () => answers(deliveryMetrics), 30_000),
      // What is decoded in other threads may take two seconds.
      role('observer', () => answers(paths.sockets.observer), 10_000),
      role('gate', () => answers(paths.sockets.gate), 5_000),
      role('api', () => answers(paths.sockets.api), 5_000),
    ])
    say('starting Envoy …')
    const admin = envoyAdmin(paths.sockets.envoyAdmin)
    const baseUrl = publicOrigin(config)
    if (tls !== null) {
      writePublicSecrets(tls, paths.envoyTls, paths.envoyTls)
      // Before Envoy reads them: none is renewed unseen while it starts.
      certificates = followCertificates({ tls, directory: paths.envoyTls, say })
    }
    await supervise({
      name: 'envoy',
      ...deafToSignals(envoy, envoyArguments(installation)),
      beforeStart: () => {
        const run = randomUUID()
        fs.writeFileSync(
          paths.envoyBootstrap,
          renderBootstrap(config, paths, installation.instance, run),
          { mode: 0o600 },
        )
        fs.writeFileSync(paths.envoyRun, run, { mode: 0o600 })
        fs.rmSync(paths.sockets.envoyAdmin, { force: true })
      },
      filter: (write) => new EnvoyOutput(write),
      askToEnd: () => admin.post('/quitquitquit'),
      isReady: () => servesCallers(baseUrl, paths),
    })
    void sayUnresolvedProviders(admin, providers, say)
    return { baseUrl, firstKey, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/**
 * A process that does next to nothing is cleaned up again and again otherwise, to give back memory
 * that it soon takes again.
 */
const REST_QUIETLY = ['--no-memory-reducer']

const LINK_EVERY_MS = 60_000

/**
 * Envoy has no setting by which SIGTERM does not end it, but needs to outlive a signal that goes to
 * every process of a service. Without glibc's or macOS's C library it is run as it is.
 */
function deafToSignals(
  command: string,
  args: readonly string[],
): { command: string; args: readonly string[] } {
  if (process.platform !== 'darwin' && glibcVersion() === undefined) return { command, args }
  const program = path.join(packageRoot(), 'dist', 'src', 'supervisor', 'exec-deaf.js')
  return { command: process.execPath, args: [program, command, ...args] }
}

/**
 * Quiet and private: Envoy's http, http2 and ext_proc loggers print headers below info, so Flint's
 * level never lowers Envoy's.
 */
function envoyArguments({ config, paths }: Installation): string[] {
  return [
    '-c',
    paths.envoyBootstrap,
    '--log-level',
    config.logLevel === 'debug' ? 'info' : config.logLevel === 'warn' ? 'warning' : config.logLevel,
    '--concurrency',
    String(config.envoy.concurrency),
    '--file-flush-interval-msec',
    '200',
    '--disable-hot-restart',
  ]
}

async function storeAnswers(installation: Installation): Promise<boolean> {
  const store = connectStore(installation)
  try {
    await store.ensureDatabase()
    return await store.ping()
  } catch {
    // Not up yet; the supervisor asks again until its deadline.
    return false
  } finally {
    await store.close()
  }
}
