import fs from 'node:fs'
import path from 'node:path'
import type { Logger } from 'pino'
import { createReporter } from './api/report/reporter.ts'
import { createApi } from './api/server.ts'
import { packageRoot } from './config/package-root.ts'
import { createDeferredUsage } from './deferred-usage.ts'
import { createDelivery, createDeliveryCounters } from './delivery/delivery.ts'
import { createWitnessCounters, createWitnessTail } from './delivery/witness-tail.ts'
import { createMetadataSeal } from './extproc/call-metadata.ts'
import { createGate, createGateCounters } from './extproc/gate.ts'
import { watchLoopLag } from './extproc/loop-lag.ts'
import { createObserver } from './extproc/observer.ts'
import { createObserverCounters } from './extproc/observer-counters.ts'
import { KeyDirectory } from './identity/key-directory.ts'
import { connectStore, type Installation, keyAdmin } from './installation.ts'
import { metricsOf } from './metrics.ts'
import { createPriceCall, type PriceCall } from './pricing/cost.ts'
import { watchPriceBook } from './pricing/price-files.ts'
import { createRatesOutbox, waitingRates } from './pricing/rates-outbox.ts'
import { createRetentionBudget } from './providers/counting/retained-exchange.ts'
import { createTokenCounter } from './providers/counting/token-counter.ts'
import { errorName, listenGrpc, lockRole, type Role, repeat, roleLogger, serveRoleMetrics, warnOnce, yieldToCallers } from './role.ts'
import { SegmentSpool } from './spool/segment-spool.ts'
import { createSpoolCounters, type SpoolCounters } from './spool/spool-counters.ts'
import { createCallQueries } from './store/call-queries.ts'
import { createCallsWithoutClosing } from './store/calls-without-closing.ts'
import type { StoreClient } from './store/client.ts'
import { createIdentityTables } from './store/identity-tables.ts'
import { insertJsonLines } from './store/insert-evidence.ts'
import { insertPriceRates } from './store/price-rates.ts'
import { createReportKeys } from './store/report-keys.ts'
import { createSettler } from './store/settle.ts'
import { StoreError } from './store/store-error.ts'

/* The composition root: the only place where rooms are put together. One function per role, each a process of its own. */

/** `flint.auth` on its socket. */
export async function startGate(installation: Installation): Promise<Role> {
  const { paths, secrets, instance } = installation
  const log = roleLogger(installation, 'gate')
  const lock = await lockRole(installation, 'gate')
  const counters = createGateCounters()
  const spoolCounters = createSpoolCounters()
  const spool = openSpool(installation, 'gate', spoolCounters)
  const store = connectStore(installation)
  const directory = openDirectory(installation, store)
  const gate = createGate({
    authenticator: directory,
    seal: createMetadataSeal(secrets.metadataSecret),
    spool,
    witness: `${instance}/gate`,
    counters,
  })
  const lag = watchLoopLag()
  // Tried once before the first caller, so that a key made a moment ago is known; without ClickHouse the copy on disk serves.
  await firstRefresh(directory, log)
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
      lock.release()
      lag.stop()
      await store.close()
    },
  }
}

/** `flint.observe` and the access log stream on their socket. */
export async function startObserver(installation: Installation): Promise<Role> {
  const { paths, secrets, instance } = installation
  const log = roleLogger(installation, 'observer')
  const lock = await lockRole(installation, 'observer')
  yieldToCallers()
  const counters = createObserverCounters()
  const spoolCounters = createSpoolCounters()
  const spool = openSpool(installation, 'observer', spoolCounters)
  const lag = watchLoopLag()
  const pricing = openPricing(installation, log)
  const counter = createTokenCounter({ programDirectory: path.join(packageRoot(), 'dist') })
  const observer = createObserver({
    seal: createMetadataSeal(secrets.metadataSecret),
    spool,
    witness: `${instance}/observer`,
    counters,
    overloaded: lag.overloaded,
    price: pricing.price,
    counting: { counter, retention: createRetentionBudget() },
  })
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
      counter.close()
      pricing.close()
      // Compressed answers are decoded in other threads: their rows come a moment later.
      for (const deadline = Date.now() + 2_000; counters.finishing > 0 && Date.now() < deadline; )
        await new Promise((resolve) => setTimeout(resolve, 10))
      spool.close()
      metrics.close()
      lock.release()
      lag.stop()
    },
  }
}

/** Spool → ClickHouse, and the settling of finished hours. */
export async function startDelivery(installation: Installation): Promise<Role> {
  const { paths, instance } = installation
  const log = roleLogger(installation, 'delivery')
  const lock = await lockRole(installation, 'delivery')
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
    stateFile: paths.witnessState,
    spool,
    witness: `${instance}/delivery`,
    withoutClosing: createCallsWithoutClosing(store),
    counters: witnessCounters,
    isUndelivered: (atMs) => counters.oldestSegmentAtMs > 0 && counters.oldestSegmentAtMs < atMs,
  })
  const running = delivery.run()
  const stopWitness = repeat(1_000, () => witness.pass(), warnOnce(log, 'the JSON log could not be compared; tried again'))
  const pricing = openPricing(installation, log)
  const deferred = createDeferredUsage({ store, price: pricing.price, witness: `${instance}/delivery` })
  const stopDeferred = repeat(10_000, deferred, warnOnce(log, 'usage of deferred work could not be attributed; tried again'))
  const stopRates = repeat(5_000, () => deliverRates(paths.ratesOutbox, store), warnOnce(log, 'rates could not be stored; tried again'))
  const stopSettling = repeat(60_000, () => settler.run(), warnOnce(log, 'hours could not be settled; tried again'))
  const metrics = await serveRoleMetrics(paths, 'delivery', [...metricsOf('delivery', counters), ...metricsOf('witness', witnessCounters)])
  log.info('delivery is up')
  return {
    async close() {
      stopSettling()
      stopRates()
      stopDeferred()
      pricing.close()
      stopWitness()
      spool.close()
      delivery.stop(3_000)
      await running
      witness.close()
      metrics.close()
      lock.release()
      await store.close()
    },
  }
}

/** REST and OpenAPI on a socket behind Envoy. */
export async function startApi(installation: Installation): Promise<Role> {
  const { paths, secrets, instance } = installation
  const log = roleLogger(installation, 'api')
  const lock = await lockRole(installation, 'api')
  const store = connectStore(installation)
  const directory = openDirectory(installation, store)
  await firstRefresh(directory, log)
  directory.start(warnOnce(log, 'the key directory could not be refreshed'))
  const spoolCounters = createSpoolCounters()
  const spool = openSpool(installation, 'api', spoolCounters)
  const pricing = openPricing(installation, log)
  const api = createApi({
    authenticator: directory,
    calls: createCallQueries({ client: store }),
    health: { storeAnswers: () => store.ping(), directoryLoaded: () => directory.loaded },
    reporter: createReporter({ spool, keys: createReportKeys(store), witness: `${instance}/api`, price: pricing.price }),
    keys: { admin: keyAdmin(installation, store), refreshDirectory: () => directory.refresh() },
    cursorSecret: secrets.cursorSecret,
    logger: log,
  })
  fs.rmSync(paths.sockets.api, { force: true })
  await api.listen({ path: paths.sockets.api })
  fs.chmodSync(paths.sockets.api, 0o600)
  const metrics = await serveRoleMetrics(paths, 'api', [
    ...metricsOf('api_spool', spoolCounters),
    { name: 'flint_api_directory_stale_seconds', help: 'age of the key directory in memory', read: () => directory.staleMs() / 1000 },
  ])
  log.info('api is up')
  return {
    async close() {
      directory.stop()
      await api.close()
      pricing.close()
      spool.close()
      metrics.close()
      lock.release()
      await store.close()
    },
  }
}

/** A store that hangs must not keep callers waiting for a gate whose copy of the keys is good. */
async function firstRefresh(directory: KeyDirectory, log: Logger): Promise<void> {
  const late = new Promise<void>((resolve) => setTimeout(resolve, 1_000))
  const refreshed = directory.refresh().catch(() => log.warn('ClickHouse does not answer: keys are served from the last copy'))
  await Promise.race([refreshed, late])
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

/** How this process prices: the book in use, contracts, and the rates left for delivery. */
function openPricing({ config, paths }: Installation, log: Logger): { readonly price: PriceCall; close(): void } {
  const book = watchPriceBook(paths.prices, (error) =>
    log.warn({ error: errorName(error) }, 'the price book that was brought cannot be read'),
  )
  const price = createPriceCall({ book, overrides: config.pricing.overrides, onRates: createRatesOutbox(paths.ratesOutbox) })
  return { price, close: book.close }
}

async function deliverRates(outbox: string, store: StoreClient): Promise<void> {
  const waiting = waitingRates(outbox)
  await insertPriceRates(store, waiting.rows)
  waiting.taken()
}

function openDirectory({ paths, secrets }: Installation, store: StoreClient): KeyDirectory {
  const tables = createIdentityTables(store)
  const time = (text: string | null) => (text === null ? null : Date.parse(text))
  return new KeyDirectory({
    pepper: secrets.keyPepper,
    file: path.join(paths.secrets, 'key-directory.json'),
    load: async () =>
      (await tables.listKeys()).map((key) => ({
        keyHash: key.keyHash,
        org: key.org,
        keyId: key.id,
        scopes: key.scopes,
        expiresAtMs: time(key.expiresAt),
        revokedAtMs: time(key.revokedAt),
      })),
  })
}
