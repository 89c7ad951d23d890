import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { randomUUID } from 'node:crypto'
import pino, { type Logger } from 'pino'
import { createApi } from './api/server.ts'
import { type DataPaths, dataPaths } from './config/data-paths.ts'
import { ConfigError } from './config/config-error.ts'
import type { Config } from './config/schema.ts'
import { createDelivery, createDeliveryCounters } from './delivery/delivery.ts'
import { createWitnessCounters, createWitnessTail } from './delivery/witness-tail.ts'
import { createMetadataSeal } from './extproc/call-metadata.ts'
import { createGate, createGateCounters } from './extproc/gate.ts'
import { createGrpcServer, type GrpcMethod } from './extproc/grpc-server.ts'
import { watchLoopLag } from './extproc/loop-lag.ts'
import { createObserver } from './extproc/observer.ts'
import { createObserverCounters } from './extproc/observer-counters.ts'
import { createKeyAdmin, type KeyAdmin } from './identity/key-admin.ts'
import { KeyDirectory } from './identity/key-directory.ts'
import { type InstallationSecrets, installationSecrets } from './identity/secrets.ts'
import { type Metric, metricsOf, serveMetrics } from './metrics.ts'
import { createSpoolCounters, SegmentSpool, type SpoolCounters } from './spool/segment-spool.ts'
import { createCallsWithoutClosing } from './store/calls-without-closing.ts'
import { createCallQueries } from './store/call-queries.ts'
import { createStoreClient, type StoreClient } from './store/client.ts'
import { embeddedEndpoint } from './store/embedded-credentials.ts'
import { createIdentityTables } from './store/identity-tables.ts'
import { insertJsonLines } from './store/insert-evidence.ts'
import { createSettler } from './store/settle.ts'
import { StoreError } from './store/store-error.ts'

/** What every role of one installation shares. */
export interface Installation {
  readonly config: Config
  readonly paths: DataPaths
  readonly secrets: InstallationSecrets
  /** Stable name of this data directory among replicas; part of every row's `witness`. */
  readonly instance: string
}

/** A running role; `close` ends it in order: stop taking work, finish, flush. */
export interface Role {
  close(): Promise<void>
}

export function openInstallation(config: Config): Installation {
  const paths = dataPaths(config.dataDir)
  const directories = [paths.root, paths.run, paths.spool, paths.secrets, paths.logs, path.dirname(paths.sockets.gate)]
  for (const directory of directories) {
    try {
      fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
    } catch (cause) {
      throw new ConfigError(`dataDir (FLINT_DATA_DIR) cannot be used: ${directory} cannot be made`, 'dataDir', { cause })
    }
  }
  return { config, paths, secrets: installationSecrets(config.keyPepper, paths.secrets), instance: instanceName(paths.root) }
}

function instanceName(root: string): string {
  const file = path.join(root, 'instance')
  if (!fs.existsSync(file)) fs.writeFileSync(file, `${randomUUID().slice(0, 8)}\n`, { mode: 0o600, flag: 'wx' })
  return fs.readFileSync(file, 'utf8').trim()
}

export function connectStore({ config, paths }: Installation): StoreClient {
  const { url, username, password, database } = config.clickhouse
  if (url !== undefined) return createStoreClient({ url, username, password: password ?? '', headers: {}, database })
  const embedded = embeddedEndpoint(paths.clickhouse)
  if (embedded === null) {
    throw new ConfigError(`no Flint has run in ${paths.root} yet: start it first, or set dataDir (FLINT_DATA_DIR) or clickhouse.url (FLINT_CLICKHOUSE_URL)`, 'dataDir')
  }
  return createStoreClient({ ...embedded, database })
}

export function keyAdmin(installation: Installation, store: StoreClient): KeyAdmin {
  return createKeyAdmin({ tables: createIdentityTables(store), pepper: installation.secrets.keyPepper })
}

/** `flint.auth` on its socket. */
export async function startGate(installation: Installation): Promise<Role> {
  const { paths, secrets, instance } = installation
  const log = roleLogger(installation, 'gate')
  const counters = createGateCounters()
  const spoolCounters = createSpoolCounters()
  const spool = openSpool(installation, 'gate', spoolCounters)
  const store = connectStore(installation)
  const directory = openDirectory(installation, store)
  const gate = createGate({ authenticator: directory, seal: createMetadataSeal(secrets.metadataSecret), spool, witness: `${instance}/gate`, counters })
  const lag = watchLoopLag()
  // Tried once before the first caller, so that a key made a moment ago is known; without ClickHouse the copy on disk serves.
  await directory.refresh().catch(() => log.warn('ClickHouse does not answer: keys are served from the last copy'))
  directory.start(warnOnce(log, 'the key directory could not be refreshed'))
  const server = await listenGrpc(paths.sockets.gate, { '/envoy.service.ext_proc.v3.ExternalProcessor/Process': gate }, log)
  const metrics = await serveRoleMetrics(paths, 'gate', [
    ...metricsOf('gate', counters),
    ...metricsOf('gate_spool', spoolCounters),
    { name: 'flint_gate_directory_stale_seconds', help: 'age of the key directory in memory', read: () => directory.staleMs() / 1000 },
    { name: 'flint_gate_loop_lag_ms', help: 'lateness of the event loop', read: lag.lagMs },
  ])
  log.info('gate is up')
  return {
    async close() {
      directory.stop()
      await server.close()
      spool.close()
      metrics.close()
      lag.stop()
      await store.close()
    },
  }
}

/** `flint.observe` and the access log stream on their socket. */
export async function startObserver(installation: Installation): Promise<Role> {
  const { paths, secrets, instance } = installation
  const log = roleLogger(installation, 'observer')
  yieldToCallers()
  const counters = createObserverCounters()
  const spoolCounters = createSpoolCounters()
  const spool = openSpool(installation, 'observer', spoolCounters)
  const lag = watchLoopLag()
  const observer = createObserver({ seal: createMetadataSeal(secrets.metadataSecret), spool, witness: `${instance}/observer`, counters, overloaded: lag.overloaded })
  const server = await listenGrpc(
    paths.sockets.observer,
    {
      '/envoy.service.ext_proc.v3.ExternalProcessor/Process': observer.process,
      '/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs': observer.accessLog,
    },
    log,
    // A stopped or late observer must not hold callers back: Envoy may run this far ahead of us.
    8 * 1024 * 1024,
  )
  const metrics = await serveRoleMetrics(paths, 'observer', [
    ...metricsOf('observer', counters),
    ...metricsOf('observer_spool', spoolCounters),
    { name: 'flint_observer_loop_lag_ms', help: 'lateness of the event loop', read: lag.lagMs },
  ])
  log.info('observer is up')
  return {
    async close() {
      await server.close()
      observer.close()
      spool.close()
      metrics.close()
      lag.stop()
    },
  }
}

/** Spool → ClickHouse, and the settling of finished hours. */
export async function startDelivery(installation: Installation): Promise<Role> {
  const { paths, instance } = installation
  const log = roleLogger(installation, 'delivery')
  yieldToCallers()
  const counters = createDeliveryCounters()
  const store = connectStore(installation)
  const settler = createSettler({ client: store })
  const delivery = createDelivery({
    spoolRoot: paths.spool,
    deadLetterDirectory: paths.deadLetters,
    insert: (body, token) => insertJsonLines(store, { table: 'evidence', body, token }),
    isRetryable: (error) => !(error instanceof StoreError) || error.retryable,
    counters,
    onRetry: warnOnce(log, 'ClickHouse did not take a batch; it is tried again'),
  })
  const witnessCounters = createWitnessCounters()
  const spool = openSpool(installation, 'delivery', createSpoolCounters())
  const witness = createWitnessTail({
    logFile: paths.witnessLog,
    stateFile: path.join(paths.run, 'witness-offset.json'),
    spool,
    witness: `${instance}/delivery`,
    withoutClosing: createCallsWithoutClosing(store),
    counters: witnessCounters,
  })
  const running = delivery.run()
  const stopWitness = repeat(1_000, () => witness.pass(), warnOnce(log, 'the JSON log could not be compared; tried again'))
  const stopSettling = repeat(60_000, () => settler.run(), warnOnce(log, 'hours could not be settled; tried again'))
  const metrics = await serveRoleMetrics(paths, 'delivery', [...metricsOf('delivery', counters), ...metricsOf('witness', witnessCounters)])
  log.info('delivery is up')
  return {
    async close() {
      stopSettling()
      stopWitness()
      spool.close()
      delivery.stop(3_000)
      await running
      witness.close()
      metrics.close()
      await store.close()
    },
  }
}

/** REST and OpenAPI on a socket behind Envoy. */
export async function startApi(installation: Installation): Promise<Role> {
  const { paths, secrets } = installation
  const log = roleLogger(installation, 'api')
  const store = connectStore(installation)
  const directory = openDirectory(installation, store)
  await directory.refresh().catch(() => log.warn('ClickHouse does not answer: keys are served from the last copy'))
  directory.start(warnOnce(log, 'the key directory could not be refreshed'))
  const api = createApi({
    authenticator: directory,
    calls: createCallQueries({ client: store }),
    health: { storeAnswers: () => store.ping(), directoryLoaded: () => directory.loaded },
    cursorSecret: secrets.cursorSecret,
    logger: log,
  })
  fs.rmSync(paths.sockets.api, { force: true })
  await api.listen({ path: paths.sockets.api })
  fs.chmodSync(paths.sockets.api, 0o600)
  const metrics = await serveRoleMetrics(paths, 'api', [{ name: 'flint_api_directory_stale_seconds', help: 'age of the key directory in memory', read: () => directory.staleMs() / 1000 }])
  log.info('api is up')
  return {
    async close() {
      directory.stop()
      await api.close()
      metrics.close()
      await store.close()
    },
  }
}

function roleLogger({ config }: Installation, role: string): Logger {
  return pino({ name: `flint-${role}`, level: config.logLevel, base: { role } })
}

function openSpool({ config, paths, instance }: Installation, role: string, counters: SpoolCounters): SegmentSpool {
  return new SegmentSpool({
    directory: path.join(paths.spool, instance, role),
    durability: role === 'gate' ? config.intentDurability : 'write',
    maxBytes: config.spool.maxBytes,
    reserveBytes: role === 'gate' ? config.spool.reserveBytes : 0,
    counters,
  })
}

function openDirectory({ paths, secrets }: Installation, store: StoreClient): KeyDirectory {
  const tables = createIdentityTables(store)
  const time = (text: string | null) => (text === null ? null : Date.parse(text))
  return new KeyDirectory({
    pepper: secrets.keyPepper,
    file: path.join(paths.secrets, 'key-directory.json'),
    load: async () => (await tables.listKeys()).map((key) => ({ keyHash: key.keyHash, org: key.org, keyId: key.id, scopes: key.scopes, expiresAtMs: time(key.expiresAt), revokedAtMs: time(key.revokedAt) })),
  })
}

async function listenGrpc(socketPath: string, methods: Readonly<Record<string, GrpcMethod>>, log: Logger, streamWindowBytes?: number): Promise<Role> {
  const server = createGrpcServer({ methods, onError: (error) => log.error({ error: errorName(error) }, 'a stream failed'), ...(streamWindowBytes === undefined ? {} : { streamWindowBytes }) })
  fs.rmSync(socketPath, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socketPath, resolve)
  })
  fs.chmodSync(socketPath, 0o600)
  const sessions = new Set<{ close(): void; destroy(): void }>()
  server.on('session', (session) => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
  })
  return {
    async close() {
      // GOAWAY: streams under way may finish, new ones go elsewhere; Envoy keeps access log streams open for ever.
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const session of sessions) session.close()
      const patience = setTimeout(() => {
        for (const session of sessions) session.destroy()
      }, 1_000)
      await closed
      clearTimeout(patience)
    },
  }
}

function serveRoleMetrics(paths: DataPaths, role: string, metrics: readonly Metric[]): Promise<{ close(): void }> {
  return serveMetrics(path.join(path.dirname(paths.sockets.gate), `${role}-m.sock`), metrics)
}

/** What may be said of an error in a log: never its message, which may quote what a stranger sent. */
export function errorName(error: unknown): string {
  if (error instanceof StoreError) return `StoreError ${error.code ?? 'without code'}`
  return error instanceof Error ? error.name : typeof error
}

/** Nobody waits for observer and delivery: where cores are scarce, Envoy and the gate go first. */
function yieldToCallers(): void {
  os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL)
}

/** Logs a lasting trouble once a minute, not once a try. */
function warnOnce(log: Logger, message: string): (error: unknown) => void {
  let lastAtMs = Number.NEGATIVE_INFINITY
  return (error) => {
    if (performance.now() - lastAtMs < 60_000) return
    lastAtMs = performance.now()
    log.warn({ error: errorName(error) }, message)
  }
}

function repeat(everyMs: number, act: () => Promise<unknown>, onError: (error: unknown) => void): () => void {
  let stopped = false
  let timer: NodeJS.Timeout | null = null
  const tick = () => {
    act()
      .catch(onError)
      .finally(() => {
        if (!stopped) timer = setTimeout(tick, everyMs)
      })
  }
  tick()
  return () => {
    stopped = true
    if (timer) clearTimeout(timer)
  }
}
