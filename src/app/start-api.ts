import fs from 'node:fs'
import path from 'node:path'
import { createEraser } from '../api/erasures/eraser.ts'
import { createExporter } from '../api/export/exporter.ts'
import { createLiveFeed } from '../api/live/live-feed.ts'
import { createPromptReader } from '../api/prompts/prompt-reader.ts'
import { createReporter } from '../api/report/reporter.ts'
import { createApi } from '../api/server.ts'
import { metricsSocket } from '../config/data-paths.ts'
import { metricsPort } from '../config/metrics-port.ts'
import { packageRoot } from '../config/package-root.ts'
import { packageVersion } from '../config/package-version.ts'
import { createContentCapture } from '../content/content-capture.ts'
import { FairSlots } from '../fair/fair-slots.ts'
import {
  createAuthenticationFailures,
  createFailureCounters,
} from '../identity/authentication-failures.ts'
import { createHoldAdmin } from '../identity/hold-admin.ts'
import { createMeshAdmin } from '../identity/mesh-admin.ts'
import { createSettingsAdmin } from '../identity/settings-admin.ts'
import { createUseNotes } from '../identity/use-notes.ts'
import { createViewAdmin } from '../identity/view-admin.ts'
import { connectStore, type Installation, keyAdmin } from '../installation.ts'
import { apiMetrics } from '../metrics/api-metrics.ts'
import { serveMetrics } from '../metrics/serve-metrics.ts'
import { errorName, framesOf } from '../process/error-name.ts'
import { repeat, warnOnce } from '../process/repeat.ts'
import { lockRole, type Role, roleLogger } from '../process/role.ts'
import { createSpoolCounters } from '../spool/spool-counters.ts'
import { createCallQueries } from '../store/calls/call-queries.ts'
import { createExportQueries } from '../store/calls/export-queries.ts'
import { createFacetQueries } from '../store/calls/facet-queries.ts'
import { createIdQueries } from '../store/calls/find-by-id.ts'
import { createLiveQueries } from '../store/calls/live-queries.ts'
import { createLossQueries } from '../store/calls/loss-queries.ts'
import { createSummaryQueries } from '../store/calls/summary-queries.ts'
import { createTopQueries } from '../store/calls/top-queries.ts'
import { Questions } from '../store/client/questions.ts'
import { createCoverageQueries } from '../store/connections/coverage-queries.ts'
import { createContentQueries } from '../store/evidence/content-queries.ts'
import { createErasures } from '../store/evidence/erasures.ts'
import { createHeldCalls } from '../store/evidence/held-calls.ts'
import { createRecordEvidence } from '../store/evidence/record-evidence.ts'
import { createIdentityLog } from '../store/identity/identity-log.ts'
import { createKeyUses } from '../store/identity/key-uses.ts'
import { createPromptActivities } from '../store/identity/prompt-activity.ts'
import { createPromptReads } from '../store/identity/prompt-reads.ts'
import { createReportKeys } from '../store/identity/report-keys.ts'
import { createSettingsSeen } from '../store/identity/settings-seen.ts'
import { createUserNames } from '../store/identity/user-names.ts'
import { openCaches } from './caches.ts'
import { contentStore } from './content-store.ts'
import { openDashboard } from './open-dashboard.ts'
import { createPartsHere } from './parts-here.ts'
import { openPricing } from './pricing.ts'
import { openContentSpool, openSpool } from './spools.ts'

/** A revoked key ends its sessions: the API knows it as soon as other gates and APIs do. */
const REFRESH_MS = 1_500
/** Envoy ends an export that has sent nothing for a minute. */
const MAX_COUNT_SECONDS = 50

/** REST and OpenAPI on a socket behind Envoy. */
export async function startApi(installation: Installation): Promise<Role> {
  const { config, paths, providers, secrets, instance } = installation
  const log = roleLogger(installation, 'api')
  const lock = await lockRole(installation, 'api')
  const store = connectStore(installation)
  // What requests ask has connections of its own: the refreshing of keys never waits for them.
  const asked = connectStore(installation)
  const questions = new Questions(
    asked,
    new FairSlots({ max: 8, maxPerOrg: 3, maxWaitingPerOrg: 64 }),
  )
  const objects = contentStore(installation)
  const directories = await openCaches(installation, store, log, REFRESH_MS)
  const { keys, settings, holds } = directories
  const identity = createIdentityLog(store)
  const failureCounters = createFailureCounters()
  const failures = createAuthenticationFailures({
    log: identity,
    where: 'api',
    counters: failureCounters,
  })
  const { dashboard, ...sessions } = openDashboard(installation, store, log, keys, failureCounters)
  const keyUses = createKeyUses(store)
  const uses = createUseNotes(keyUses)
  const tell = async () => {
    await Promise.all([failures.flush(), uses.flush(), sessions.flush()])
  }
  const stopTelling = repeat(
    60_000,
    tell,
    warnOnce(log, 'key uses and failed authentication could not be stored; they are kept'),
  )
  const spoolCounters = createSpoolCounters()
  const contentCounters = createSpoolCounters()
  const spool = openSpool(installation, 'api', spoolCounters)
  const contentSpool = openContentSpool(installation, 'api', contentCounters)
  const pricing = openPricing(installation, log)
  const content = createContentCapture({
    programDirectory: path.join(packageRoot(), 'dist'),
    onFault: (error) =>
      log.error(
        { error: errorName(error), frames: framesOf(error) },
        'the text of a report could not be prepared',
      ),
  })
  const admin = keyAdmin(installation, store)
  const users = createUserNames(questions.client)
  const retentionDaysOf = (org: string) => settings.settingsOf(org).retentionDays
  const readableDaysOf = (org: string) =>
    holds.isHeld(org) ? Number.POSITIVE_INFINITY : retentionDaysOf(org)
  const refreshDirectory = () => directories.refresh()
  const summaries = createSummaryQueries({ client: questions.client, retentionDaysOf })
  const api = createApi({
    access: {
      authenticator: keys,
      failures,
      used(principal) {
        uses.used(principal)
        questions.askedBy(principal.org)
      },
      operatorKey: config.operatorKey,
    },
    questions,
    calls: createCallQueries({ client: questions.client, retentionDaysOf: readableDaysOf }),
    losses: createLossQueries(questions.client),
    summaries,
    coverage: createCoverageQueries({ client: questions.client, summaries, retentionDaysOf }),
    top: createTopQueries({ client: questions.client, retentionDaysOf: readableDaysOf }),
    evidence: createRecordEvidence(questions.client),
    ids: createIdQueries(questions.client),
    facets: createFacetQueries(questions.client),
    live: createLiveFeed({ queries: createLiveQueries(store) }),
    exporter: createExporter({
      queries: createExportQueries({ client: store, maxCountSeconds: MAX_COUNT_SECONDS }),
      log: identity,
    }),
    retentionDaysOf,
    readableDaysOf,
    health: { storeAnswers: () => store.ping(), directoryLoaded: () => keys.loaded },
    reporter: createReporter({
      providers,
      spool,
      contentSpool,
      content,
      keys: createReportKeys(store),
      settings,
      price: pricing.price,
      promptHashSecret: secrets.promptHashSecret,
      writer: `${instance}/api`,
    }),
    prompts: createPromptReader({
      queries: createContentQueries(questions.client),
      store: objects,
      settings,
      holds,
      log: identity,
    }),
    reads: { ...createPromptReads(questions.client), admin, users },
    keys: { admin, lastUses: (org) => keyUses.lastUses(org), refreshDirectory },
    settings: { admin: createSettingsAdmin(identity), refreshDirectory },
    organisations: { admin, refreshDirectory },
    workloads: { admin: createMeshAdmin({ log: identity }), refreshDirectory },
    events: createIdentityLog(questions.client),
    users,
    eraser: createEraser({ erasures: createErasures(questions.client), log: identity }),
    holds: {
      admin: createHoldAdmin({ log: identity }),
      held: createHeldCalls(questions.client),
      refreshDirectory,
    },
    me: { admin, settings, promptReads: createPromptActivities(questions.client) },
    system: {
      parts: createPartsHere({ paths, storeAnswers: () => store.ping() }),
      admin,
      settings,
      seen: createSettingsSeen(questions.client),
      version: packageVersion(),
      priceBook: pricing.bookInUse,
    },
    views: createViewAdmin({ log: identity }),
    sessions: dashboard,
    dashboard,
    cursorSecret: secrets.cursorSecret,
    limits: config.api,
    logger: log,
  })
  fs.rmSync(paths.sockets.api, { force: true })
  await api.listen({ path: paths.sockets.api })
  fs.chmodSync(paths.sockets.api, 0o600)
  const metrics = await serveMetrics(
    metricsSocket(paths, 'api'),
    metricsPort(config, 'api'),
    apiMetrics({
      authenticationFailed: failureCounters,
      keys,
      settings,
      spool: spoolCounters,
      contentSpool: contentCounters,
    }),
  )
  log.info('api is up')
  return {
    async close() {
      directories.stop()
      sessions.stop()
      await api.close()
      pricing.close()
      await stopTelling()
      await tell().catch(() => undefined)
      content.close()
      contentSpool.close()
      spool.close()
      metrics.close()
      lock.release()
      objects.close()
      await asked.close()
      await store.close()
    },
  }
}
