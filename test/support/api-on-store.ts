import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { ApiDashboard } from '../../src/api/dashboard/dashboard.ts'
import { createEraser } from '../../src/api/erasures/eraser.ts'
import { createExporter } from '../../src/api/export/exporter.ts'
import { createLiveFeed } from '../../src/api/live/live-feed.ts'
import { createOidc } from '../../src/api/oidc/create-oidc.ts'
import { createPromptReader } from '../../src/api/prompts/prompt-reader.ts'
import { createReporter } from '../../src/api/report/reporter.ts'
import { createApi } from '../../src/api/server.ts'
import type { Backlog, PartsHere } from '../../src/api/system/parts.ts'
import { createContentCapture } from '../../src/content/content-capture.ts'
import type { ContentLine } from '../../src/content/content-line.ts'
import type { ContentStore } from '../../src/content/content-store.ts'
import { createDiskContentStore } from '../../src/content/disk-content-store.ts'
import {
  createContentCounters,
  createContentDelivery,
} from '../../src/delivery/content-delivery.ts'
import { isDayOver } from '../../src/delivery/retention.ts'
import type { Evidence } from '../../src/evidence/evidence.ts'
import { jsonLine } from '../../src/evidence/json-line.ts'
import {
  createAuthenticationFailures,
  createFailureCounters,
} from '../../src/identity/authentication-failures.ts'
import { createHoldAdmin } from '../../src/identity/hold-admin.ts'
import { HoldsCache } from '../../src/identity/holds-cache.ts'
import { createKeyAdmin, type NewKey } from '../../src/identity/key-admin.ts'
import { KeyCache, toCachedKey } from '../../src/identity/key-cache.ts'
import { createMeshAdmin } from '../../src/identity/mesh-admin.ts'
import { NO_USERS } from '../../src/identity/role-mapping.ts'
import { createSessionAdmin } from '../../src/identity/session-admin.ts'
import { SessionCache } from '../../src/identity/session-cache.ts'
import { SessionDirectory } from '../../src/identity/session-directory.ts'
import { createSettingsAdmin } from '../../src/identity/settings-admin.ts'
import { SettingsCache } from '../../src/identity/settings-cache.ts'
import { createUseNotes } from '../../src/identity/use-notes.ts'
import { createViewAdmin } from '../../src/identity/view-admin.ts'
import { SegmentSpool } from '../../src/spool/segment-spool.ts'
import { addEvidence } from '../../src/store/calls/add-evidence.ts'
import { createCallQueries } from '../../src/store/calls/call-queries.ts'
import { createExportQueries } from '../../src/store/calls/export-queries.ts'
import { createFacetQueries } from '../../src/store/calls/facet-queries.ts'
import { createIdQueries } from '../../src/store/calls/find-by-id.ts'
import { createLiveQueries } from '../../src/store/calls/live-queries.ts'
import { createLossQueries } from '../../src/store/calls/loss-queries.ts'
import { createSummaryQueries } from '../../src/store/calls/summary-queries.ts'
import { createTopQueries } from '../../src/store/calls/top-queries.ts'
import { createCoverageQueries } from '../../src/store/connections/coverage-queries.ts'
import {
  startTemporaryStore,
  type TemporaryStore,
} from '../../src/store/embedded/temporary-store.ts'
import { createContentQueries } from '../../src/store/evidence/content-queries.ts'
import { createErasures } from '../../src/store/evidence/erasures.ts'
import { createHeldCalls } from '../../src/store/evidence/held-calls.ts'
import { createRecordEvidence } from '../../src/store/evidence/record-evidence.ts'
import type { ListedEvent } from '../../src/store/identity/identity-event.ts'
import { createIdentityLog } from '../../src/store/identity/identity-log.ts'
import { createKeyUses } from '../../src/store/identity/key-uses.ts'
import { createPromptActivities } from '../../src/store/identity/prompt-activity.ts'
import { createPromptReads } from '../../src/store/identity/prompt-reads.ts'
import { createReportKeys } from '../../src/store/identity/report-keys.ts'
import { createSessionLog } from '../../src/store/identity/session-log.ts'
import { createSettingsSeen } from '../../src/store/identity/settings-seen.ts'
import { createUserNames } from '../../src/store/identity/user-names.ts'
import type { ListedRecord } from './flint.ts'

/** A 204 has no body; a test that looks into it gets what JSON would: nothing. */
const NOTHING = JSON.parse('{}') as Body

const NO_BACKLOG: Backlog = {
  ...{ evidenceBytes: null, oldestEvidenceAt: null, promptBytes: null, quarantineBytes: null },
  deadLetters: null,
}
const NOTHING_HERE = { parts: [], backlog: NO_BACKLOG, envoyVersion: null }

export const OPERATOR_KEY = 'operator-key-of-a-test-0001'

/** Members of the bodies that the tests look at; each route answers with its own of them. */
interface Body {
  readonly error: { readonly code: string; readonly message: string; readonly reason?: string }
  readonly id: string
  readonly key: NewKey & string
  readonly organisation: { readonly id: string; readonly name: string }
  readonly organisations: readonly { readonly name: string }[]
  readonly keys: readonly { readonly id: string; readonly lastUsedAt: string | null }[]
  readonly events: ReadonlyArray<
    Omit<ListedEvent, 'new'> & { readonly new: Readonly<Record<string, unknown>> }
  >
  readonly records: readonly ListedRecord[]
  readonly nextCursor: string | null
  readonly sessions: readonly { readonly id: string; readonly keyId: string }[]
  readonly count: number
  readonly revision: number
  readonly promptCapture: boolean
  readonly retentionDays: number
  readonly requestId: string
  readonly createdAt?: string
  readonly expiresAt?: string
  readonly prompt: string | null
  readonly messages: ReadonlyArray<{ readonly parts: ReadonlyArray<{ readonly text?: string }> }>
  readonly attachments: ReadonlyArray<{ readonly key: string | null; readonly sha256: string }>
  readonly matched: number
  readonly held: number
  readonly holds: ReadonlyArray<string & { readonly id: string }>
  readonly workloads: ReadonlyArray<{ readonly id: string; readonly namespace: string | null }>
  readonly views: ReadonlyArray<{ readonly id: string; readonly name: string }>
  readonly keptBeyondRetention: number | null
  readonly releasedAt: string | null
  readonly confirm: string | null
  readonly erasureId: string
  readonly erased: number
  readonly groups: ReadonlyArray<{ readonly name: string | null }>
  readonly hosts: readonly object[]
  readonly isCut: boolean
  readonly groupBy: string
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: Body
}

export interface ApiOnStore {
  readonly store: TemporaryStore
  readonly api: FastifyInstance
  readonly objects: ContentStore
  readonly settings: SettingsCache
  readonly directory: string
  readonly dashboard: ApiDashboard
  /** Two organisations' first keys, with all scopes. */
  readonly ours: NewKey
  readonly theirs: NewKey
  ask(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    url: string,
    options?: { key?: string; body?: unknown },
  ): Promise<Answer>
  /** Evidence as delivery puts it. */
  put(...rows: readonly Evidence[]): Promise<void>
  /** What waits in the spools of reports and content is delivered. */
  deliver(): Promise<void>
  tell(): Promise<void>
  stop(): Promise<void>
}

/**
 * The whole API on a real ClickHouse and a real content store, without Envoy and without processes.
 */
export async function startApiOnStore(
  overrides: {
    readonly objects?: ContentStore
    readonly parts?: PartsHere
    /** The clock by which sessions start and end. */
    readonly sessionNowMs?: () => number
    /** Signing in by OpenID Connect, into the first organisation. */
    readonly oidc?: (
      org: string,
    ) => Pick<Parameters<typeof createOidc>[0], 'settings' | 'timeoutSeconds' | 'onFault'>
  } = {},
): Promise<ApiOnStore> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'flint-api-'))
  const store = await startTemporaryStore()
  const { client } = store
  const pepper = Buffer.from('the pepper of a test')
  const log = createIdentityLog(client)
  const admin = createKeyAdmin({ log, pepper })
  const { key: ours } = await admin.createOrganisation({ actor: 'cli', name: 'ours' })
  const { key: theirs } = await admin.createOrganisation({ actor: 'cli', name: 'theirs' })
  const keys = new KeyCache({
    pepper,
    file: path.join(directory, 'keys.json'),
    load: async () => (await log.listKeys()).map(toCachedKey),
  })
  const settings = new SettingsCache({
    file: path.join(directory, 'settings.json'),
    load: () => log.listSettings(),
  })
  const holds = new HoldsCache({
    file: path.join(directory, 'holds.json'),
    load: () => log.listHolds(),
  })
  const refreshDirectory = async () => {
    await Promise.all([keys.refresh(), settings.refresh(), holds.refresh()])
  }
  await refreshDirectory()
  const failures = createAuthenticationFailures({
    log,
    where: 'api',
    counters: createFailureCounters(),
  })
  const keyUses = createKeyUses(client)
  const uses = createUseNotes(keyUses)
  const sessionLog = createSessionLog(client)
  const secret = Buffer.from('secret of sessions')
  const sessions = new SessionCache({
    file: path.join(directory, 'sessions.json'),
    load: () => sessionLog.listSessions(),
  })
  await sessions.refresh()
  const signInFailures = createAuthenticationFailures({
    log,
    where: 'dashboard',
    counters: createFailureCounters(),
  })
  const withOidc = overrides.oidc?.(ours.org)
  const oidc =
    withOidc &&
    createOidc({
      ...withOidc,
      failures: signInFailures,
      stateSecret: 'secret of states',
      isOrganisation: async (org) => (await log.listOrganisations()).some(({ id }) => id === org),
    })
  const sessionClock = overrides.sessionNowMs === undefined ? {} : { nowMs: overrides.sessionNowMs }
  const sessionDirectory = new SessionDirectory({
    ...sessionClock,
    cache: sessions,
    keys,
    users: oidc?.roles ?? NO_USERS,
    secret,
    idleMs: 30 * 60_000,
    noteUses: (used) => sessionLog.noteUses(used),
  })
  const dashboard = {
    publicUrl: 'https://flint.example.com',
    pageDirectory: path.join(directory, 'page'),
    keys,
    directory: sessionDirectory,
    admin: createSessionAdmin({ log, sessions: sessionLog, secret, ...sessionClock }),
    oidc: oidc?.api ?? null,
    signInFailures,
    refreshDirectory: () => sessions.refresh(),
  }
  const objects = overrides.objects ?? createDiskContentStore(path.join(directory, 'content'))
  const contentSpool = path.join(directory, 'spool-content')
  // Reports are held here until `deliver`, as segments are until delivery takes them.
  const reported: Evidence[] = []
  const spool = {
    append(row: Evidence, done: (error: Error | null) => void) {
      reported.push(row)
      done(null)
    },
  }
  const content = new SegmentSpool<ContentLine>({
    directory: path.join(contentSpool, 'i', 'api'),
    maxSegmentBytes: 1,
    toLine: jsonLine,
  })
  const retentionDaysOf = (org: string) => settings.settingsOf(org).retentionDays
  const readableDaysOf = (org: string) =>
    holds.isHeld(org) ? Number.POSITIVE_INFINITY : retentionDaysOf(org)
  // Made anew each time: a test may have set the clock.
  const calls = () => createCallQueries({ client, retentionDaysOf: readableDaysOf })
  const erasures = createErasures(client)
  const summaries = createSummaryQueries({ client, retentionDaysOf })
  const api = createApi({
    access: { authenticator: keys, failures, used: uses.used, operatorKey: OPERATOR_KEY },
    calls: {
      listCalls: (query) => calls().listCalls(query),
      findCall: (query) => calls().findCall(query),
    },
    retentionDaysOf,
    readableDaysOf,
    losses: createLossQueries(client),
    summaries,
    coverage: createCoverageQueries({ client, summaries, retentionDaysOf }),
    top: createTopQueries({ client, retentionDaysOf: readableDaysOf }),
    evidence: createRecordEvidence(client),
    ids: createIdQueries(client),
    facets: createFacetQueries(client),
    live: createLiveFeed({ queries: createLiveQueries(client) }),
    exporter: createExporter({
      queries: createExportQueries({ client, maxCountSeconds: 50 }),
      log,
    }),
    health: { storeAnswers: () => client.ping(), directoryLoaded: () => keys.loaded },
    reporter: createReporter({
      spool,
      contentSpool: content,
      content: createContentCapture({ programDirectory: null, onFault: () => {} }),
      keys: createReportKeys(client),
      settings,
      promptHashSecret: Buffer.from('secret of hashes'),
      writer: 'i/api',
    }),
    prompts: createPromptReader({
      queries: createContentQueries(client),
      store: objects,
      settings,
      holds,
      log,
    }),
    reads: { ...createPromptReads(client), admin, users: createUserNames(client) },
    keys: { admin, lastUses: (org) => keyUses.lastUses(org), refreshDirectory },
    settings: { admin: createSettingsAdmin(log), refreshDirectory },
    organisations: { admin, refreshDirectory },
    workloads: { admin: createMeshAdmin({ log: log }), refreshDirectory },
    events: log,
    users: createUserNames(client),
    eraser: createEraser({ erasures, log }),
    holds: { admin: createHoldAdmin({ log }), held: createHeldCalls(client), refreshDirectory },
    me: { admin, settings, promptReads: createPromptActivities(client) },
    system: {
      parts: overrides.parts ?? { look: async () => NOTHING_HERE },
      admin,
      settings,
      seen: createSettingsSeen(client),
      version: '0.0.0-test',
      priceBook: () => ({
        ...{ source: 'genai-prices@0.1.8', publishedOn: '2026-09-23', broughtOn: null },
      }),
    },
    views: createViewAdmin({ log }),
    sessions: dashboard,
    dashboard,
    cursorSecret: 'secret of cursors',
  })
  await api.ready()
  const delivery = createContentDelivery({
    spoolRoot: contentSpool,
    store: objects,
    erasedAmong: (calls) => erasures.erasedAmong(calls),
    isExpired: (org, createdAtMs) =>
      isDayOver(createdAtMs, settings.settingsOf(org).contentRetentionDays, Date.now()),
    spool,
    writer: 'i/delivery',
    counters: createContentCounters(),
  })
  let batches = 0
  const put = async (...rows: readonly Evidence[]) => {
    batches += 1
    await addEvidence(client, rows, `batch-${batches}`)
  }
  return {
    store,
    api,
    objects,
    settings,
    directory,
    dashboard,
    ours,
    theirs,
    put,
    async ask(method, url, { key = ours.key, body } = {}) {
      const answer = await api.inject({
        method,
        url,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
      })
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: answer.body === '' ? NOTHING : answer.json<Body>(),
      }
    },
    async deliver() {
      // A segment gets its name a moment after the row that filled it.
      while (
        fs.existsSync(path.join(contentSpool, 'i', 'api')) &&
        hasOpenRows(path.join(contentSpool, 'i', 'api'))
      )
        await new Promise(setImmediate)
      await delivery.pass()
      if (reported.length > 0) await put(...reported.splice(0))
    },
    async tell() {
      await Promise.all([
        failures.flush(),
        uses.flush(),
        signInFailures.flush(),
        sessionDirectory.flush(),
      ])
    },
    async stop() {
      await api.close()
      content.close()
      objects.close()
      await store.stop()
      fs.rmSync(directory, { recursive: true, force: true })
    },
  }
}

function hasOpenRows(directory: string): boolean {
  return fs
    .readdirSync(directory)
    .some(
      (name) =>
        name.endsWith('.open') &&
        (fs.statSync(path.join(directory, name), { throwIfNoEntry: false })?.size ?? 0) > 0,
    )
}
