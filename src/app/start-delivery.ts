import path from 'node:path'
import { metricsSocket } from '../config/data-paths.ts'
import { adoptEarlierFileNames } from '../config/earlier-file-names.ts'
import { metricsPort } from '../config/metrics-port.ts'
import { createAccessLogCounters, createAccessLogTail } from '../delivery/access-log-tail.ts'
import {
  createConnectionDelivery,
  createConnectionDeliveryCounters,
} from '../delivery/connection-delivery.ts'
import { createContentCounters, createContentDelivery } from '../delivery/content-delivery.ts'
import { createDeadLetters, createLetterCounters } from '../delivery/dead-letters.ts'
import { createDeferredUsage } from '../delivery/deferred-usage.ts'
import { createDelivery, createDeliveryCounters } from '../delivery/delivery.ts'
import { adoptEarlierLetters } from '../delivery/earlier-letters.ts'
import { createEndedRuns } from '../delivery/ended-runs.ts'
import { createErasing } from '../delivery/erasing.ts'
import { createQuarantine, createQuarantineCounters } from '../delivery/quarantine.ts'
import { createRecordCounters, createRecordWriter } from '../delivery/record-writer.ts'
import { createRetention, createRetentionCounters, isDayOver } from '../delivery/retention.ts'
import { createMetadataSeal } from '../extproc/call-metadata.ts'
import { HoldsCache } from '../identity/holds-cache.ts'
import { SettingsCache } from '../identity/settings-cache.ts'
import { connectStore, type Installation } from '../installation.ts'
import { deliveryMetrics } from '../metrics/delivery-metrics.ts'
import { serveMetrics } from '../metrics/serve-metrics.ts'
import { lowerPriority, NICENESS } from '../process/priority.ts'
import { repeat, warnOnce } from '../process/repeat.ts'
import { lockRole, type Role, roleLogger } from '../process/role.ts'
import { createSpoolCounters } from '../spool/spool-counters.ts'
import { createCallsOfEndedRuns } from '../store/calls/calls-of-ended-runs.ts'
import { createCallsWithoutClosing } from '../store/calls/calls-without-closing.ts'
import { createQuarterRollup } from '../store/calls/quarter-rollup.ts'
import { createSettler } from '../store/calls/settle.ts'
import { StoreError } from '../store/client/store-error.ts'
import { createErasures } from '../store/evidence/erasures.ts'
import { createExpiredRows } from '../store/evidence/expired-rows.ts'
import { createHeldCalls } from '../store/evidence/held-calls.ts'
import { insertJsonLines } from '../store/evidence/insert-evidence.ts'
import { holdsInForce } from '../store/identity/holds-in-force.ts'
import { createIdentityLog } from '../store/identity/identity-log.ts'
import { contentStore } from './content-store.ts'
import { deliverRates, openPricing } from './pricing.ts'
import { openSpool } from './spools.ts'

/** Promised are 60 s; a change made on this machine is seen at once, in the copy. */
const SETTINGS_REFRESH_MS = 10_000
const LOOK_AT_REST_EVERY_MS = 60_000

/**
 * Acts when rows were delivered since the last time, or something was left then (`act` resolves to
 * how much); else once a minute, for what other replicas delivered.
 */
function unlessNothingCame(
  act: () => Promise<number>,
  deliveredRows: () => number,
): () => Promise<unknown> {
  let [seenRows, left, actedAtMs] = [-1, 0, 0]
  return async () => {
    const rows = deliveredRows()
    const isAtRest = rows === seenRows && left === 0
    if (isAtRest && performance.now() - actedAtMs < LOOK_AT_REST_EVERY_MS) return
    left = await act()
    ;[seenRows, actedAtMs] = [rows, performance.now()]
  }
}

/**
 * What a stop waits for the content store, and for ClickHouse to take the spools; what is left
 * waits on disk for the next start.
 */
const LAST_CONTENT_MS = 5_000
const LAST_DRAIN_MS = 15_000
const HOPELESS_DRAIN_MS = 1_000

/**
 * Spools → ClickHouse and content store, the settling of finished hours, and what must go again:
 * erased and expired calls.
 */
export async function startDelivery(installation: Installation): Promise<Role> {
  const { config, paths, secrets, instance } = installation
  const log = roleLogger(installation, 'delivery')
  const lock = await lockRole(installation, 'delivery')
  adoptEarlierFileNames(paths)
  lowerPriority(NICENESS.delivery, log)
  const counters = createDeliveryCounters()
  const store = connectStore(installation)
  const objects = contentStore(installation)
  const settler = createSettler({ client: store })
  const rollup = createQuarterRollup({ client: store })
  const isRetryable = (error: unknown) => !(error instanceof StoreError) || error.retryable
  const recordCounters = createRecordCounters()
  const records = createRecordWriter({
    settler,
    counters: recordCounters,
    isRetryable,
    onFault: warnOnce(log, 'a record could not be written from its evidence; the settler does it'),
  })
  const insert = async (body: Buffer, token: string) => {
    await insertJsonLines(store, { table: 'evidence', body, token })
    await records.stored(body)
  }
  const erasures = createErasures(store)
  const letterCounters = createLetterCounters()
  const letters = createDeadLetters(paths.deadLetters, { counters: letterCounters })
  const quarantineCounters = createQuarantineCounters()
  const quarantine = createQuarantine({
    directory: paths.quarantine,
    letters,
    insert,
    isRetryable,
    erasedAmong: (calls) => erasures.erasedAmong(calls),
    counters: quarantineCounters,
  })
  adoptEarlierLetters(paths.deadLetters, quarantine)
  const delivery = createDelivery({
    spoolRoot: paths.spool,
    quarantine,
    insert,
    isRetryable,
    isLasting: (error) => error instanceof StoreError && error.lasting,
    counters,
    onRetry: warnOnce(log, 'ClickHouse did not take a batch; it is tried again'),
  })
  const connectionCounters = createConnectionDeliveryCounters()
  const connections = createConnectionDelivery({
    spoolRoot: paths.connectionSpool,
    insert: (body, token) => insertJsonLines(store, { table: 'connections', body, token }),
    isRetryable,
    counters: connectionCounters,
  })
  const accessLogCounters = createAccessLogCounters()
  const spool = openSpool(installation, 'delivery', createSpoolCounters())
  const seal = createMetadataSeal(secrets.metadataSecret, secrets.previousMetadataSecret)
  const accessLogTail = createAccessLogTail({
    logFile: paths.accessLog,
    offsetFile: paths.accessLogOffset,
    spool,
    writer: `${instance}/delivery`,
    isSealedByGate: (fields) => seal.open(fields) !== null,
    withoutClosing: createCallsWithoutClosing(store),
    counters: accessLogCounters,
    isUndelivered: delivery.isUndelivered,
  })
  const identity = createIdentityLog(store)
  const settings = new SettingsCache({
    file: path.join(paths.secrets, 'settings.json'),
    load: () => identity.listSettings(),
    revision: () => identity.revision(),
  })
  const holds = new HoldsCache({
    file: path.join(paths.secrets, 'holds.json'),
    load: () => identity.listHolds(),
    revision: () => identity.revision(),
  })
  const caches = [settings, holds]
  for (const cache of caches) cache.watchCopy()
  const refresh = async () => {
    await Promise.all(caches.map((cache) => cache.refresh()))
  }
  const stopRefreshing = repeat(
    SETTINGS_REFRESH_MS,
    refresh,
    warnOnce(log, 'settings and holds could not be refreshed'),
  )
  // Holds that were never read may hold anything.
  const contentDaysOf = (org: string) =>
    !holds.loaded || holds.isHeld(org)
      ? Number.POSITIVE_INFINITY
      : settings.settingsOf(org).contentRetentionDays
  const contentCounters = createContentCounters()
  const content = createContentDelivery({
    spoolRoot: paths.contentSpool,
    store: objects,
    erasedAmong: (calls) => erasures.erasedAmong(calls),
    isExpired: (org, createdAtMs) => isDayOver(createdAtMs, contentDaysOf(org), Date.now()),
    spool,
    writer: `${instance}/delivery`,
    counters: contentCounters,
  })
  const erasing = createErasing({
    erasures,
    store: objects,
    letters,
    isWaiting: (org) => quarantine.holds(org),
  })
  const retentionCounters = createRetentionCounters()
  const retention = createRetention({
    organisations: () => identity.listOrganisations(),
    settingsOf: (org) => settings.settingsOf(org),
    store: objects,
    rows: createExpiredRows(store),
    holdsOf: async (org) => holdsInForce(await identity.listHolds(), org),
    held: createHeldCalls(store),
    onHeld: (org, inForce) =>
      log.info(
        { org, holds: inForce.map(({ id }) => id) },
        'retention is done, but for what legal holds keep',
      ),
    counters: retentionCounters,
  })
  // Nothing is deleted by settings that were not read: a first start with ClickHouse away must not
  // take the defaults for them.
  const expire = async () => {
    await refresh()
    await retention.pass()
    await letters.expire(contentDaysOf, Date.now())
  }
  const pricing = openPricing(installation, log)
  const deferred = createDeferredUsage({
    store,
    price: pricing.price,
    writer: `${instance}/delivery`,
  })
  const running = delivery.run()
  const asking = (everyMs: number, act: () => Promise<unknown>, failed: string) =>
    repeat(everyMs, delivery.breaker.unlessOpen(act), warnOnce(log, failed))
  const endedRuns = createEndedRuns({
    runFile: paths.envoyRun,
    instance,
    spool,
    abandonedCalls: createCallsOfEndedRuns(store),
    isUndelivered: delivery.isUndelivered,
  })
  const stops = [
    asking(1_000, () => accessLogTail.pass(), 'the JSON log could not be compared; tried again'),
    asking(
      2_000,
      () => endedRuns.pass(),
      'calls of an Envoy that is gone could not be settled; tried again',
    ),
    asking(
      10_000,
      unlessNothingCame(deferred, () => counters.rows),
      'usage of deferred work could not be attributed; tried again',
    ),
    asking(
      1_000,
      () => quarantine.pass(),
      'rows in quarantine could not be worked off; tried again',
    ),
    repeat(
      60_000,
      () => letters.measure(),
      warnOnce(log, 'dead letters could not be counted; tried again'),
    ),
    asking(
      5_000,
      () => deliverRates(paths.ratesOutbox, store),
      'rates could not be stored; tried again',
    ),
    asking(500, () => records.pass(), 'records could not be settled; tried again'),
    asking(
      10_000,
      unlessNothingCame(
        () => settler.run(),
        () => counters.rows,
      ),
      'records could not be settled; tried again',
    ),
    asking(60_000, () => rollup.run(), 'quarters could not be summed up; tried again'),
    asking(500, () => content.pass(), 'prompts could not be stored; they wait in the spool'),
    asking(1_000, () => connections.pass(), 'connections could not be stored; tried again'),
    asking(30_000, () => erasing.pass(), 'erased records are not off the disks yet; tried again'),
    asking(3_600_000, expire, 'what is expired could not be deleted; tried again'),
  ]
  const metrics = await serveMetrics(
    metricsSocket(paths, 'delivery'),
    metricsPort(config, 'delivery'),
    deliveryMetrics({
      counters,
      records: recordCounters,
      delivery,
      quarantine: quarantineCounters,
      letters: letterCounters,
      accessLog: accessLogCounters,
      content: contentCounters,
      connections: connectionCounters,
      retention: retentionCounters,
    }),
  )
  log.info('delivery is up')
  return {
    async close() {
      const stopped = Promise.all(stops.map((stop) => stop()))
      void stopRefreshing()
      for (const cache of caches) cache.stop()
      pricing.close()
      // Prompts of the last moments, whose rows then go the way of all others.
      const lastContent = stopped.then(delivery.breaker.unlessOpen(() => content.pass()))
      await Promise.race([
        lastContent.catch(() => undefined),
        new Promise((resolve) => setTimeout(resolve, LAST_CONTENT_MS)),
      ])
      spool.close()
      delivery.stop(delivery.breaker.isOpen() ? HOPELESS_DRAIN_MS : LAST_DRAIN_MS)
      await running
      await records.close().catch(() => undefined)
      accessLogTail.close()
      metrics.close()
      lock.release()
      objects.close()
      await store.close()
    },
  }
}
