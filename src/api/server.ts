import SerializerSelector from '@fastify/fast-json-stringify-compiler'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import fastify, {
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyRequest,
} from 'fastify'
import { uuidv7 } from 'uuidv7'
import type { FairSlots } from '../fair/fair-slots.ts'
import type { ViewAdmin } from '../identity/view-admin.ts'
import type { CallQueries } from '../store/calls/call-queries.ts'
import type { FacetQueries } from '../store/calls/facet-queries.ts'
import type { IdQueries } from '../store/calls/find-by-id.ts'
import type { LossQueries } from '../store/calls/loss-queries.ts'
import type { SummaryQueries } from '../store/calls/summary-queries.ts'
import type { TopQueries } from '../store/calls/top-queries.ts'
import type { Questions, Requester } from '../store/client/questions.ts'
import type { CoverageQueries } from '../store/connections/coverage-queries.ts'
import type { RecordEvidence } from '../store/evidence/record-evidence.ts'
import type { IdentityLog } from '../store/identity/identity-log.ts'
import type { UserNames } from '../store/identity/user-names.ts'
import { AuditRecordPartSchema } from './audit/record-fields.ts'
import { AuditRecordSchema } from './audit/record-schema.ts'
import { auditRoutes } from './audit/routes.ts'
import type { Access, Door } from './authentication.ts'
import { buildValidator, VALIDATION } from './body-validation.ts'
import { compiledOnce } from './compiled-once.ts'
import { coverageRoutes } from './coverage/routes.ts'
import { type ApiDashboard, dashboardRoutes } from './dashboard/dashboard.ts'
import type { Eraser } from './erasures/eraser.ts'
import { erasuresRoutes } from './erasures/routes.ts'
import {
  type ApiLogger,
  answerClientError,
  answerExpectation,
  answerFrameworkError,
  installErrorAnswers,
  view,
} from './error-answers.ts'
import { FlintErrorSchema } from './error-schemas.ts'
import { EventSchema, eventsRoutes } from './events/routes.ts'
import { evidenceRoutes } from './evidence/routes.ts'
import type { Exporter } from './export/exporter.ts'
import { exportRoutes, exportSlots } from './export/routes.ts'
import { facetRoutes } from './facets/routes.ts'
import { findRoutes } from './find/routes.ts'
import { type Health, healthRoutes } from './health/routes.ts'
import { HoldSchema } from './holds/hold-schemas.ts'
import { type ApiHolds, holdsRoutes } from './holds/routes.ts'
import { type KeyAccess, keyDoor } from './key-door.ts'
import { ListedKeySchema } from './keys/key-schemas.ts'
import { keyNamesRoute } from './keys/names-route.ts'
import { type ApiKeys, keysRoutes } from './keys/routes.ts'
import { limitedRoutes, type RateLimits } from './limited-routes.ts'
import type { LiveFeed } from './live/live-feed.ts'
import { liveRoutes, liveSlots } from './live/routes.ts'
import { lossRoutes } from './losses/routes.ts'
import { type ApiMe, meRoutes } from './me/routes.ts'
import { installOpenApi } from './openapi.ts'
import { ownWorkloadsRoute } from './organisations/own-workloads-route.ts'
import {
  type ApiOrganisations,
  OrganisationSchema,
  organisationsRoutes,
} from './organisations/routes.ts'
import { type ApiWorkloads, workloadRoutes } from './organisations/workload-routes.ts'
import type { PromptReader } from './prompts/prompt-reader.ts'
import { type ReadsOfPrompts, readsRoutes } from './prompts/reads-routes.ts'
import { promptRoutes, promptSlots } from './prompts/routes.ts'
import type { Reporter } from './report/reporter.ts'
import { reportRoutes } from './report/routes.ts'
import { type ApiSessions, sessionsRoutes } from './sessions/routes.ts'
import { type ApiSettings, settingsRoutes } from './settings/routes.ts'
import { summaryRoutes } from './summary/routes.ts'
import { SummaryTotalsSchema } from './summary/summary-schema.ts'
import { type ApiSystem, systemRoutes } from './system/routes.ts'
import { topRoutes } from './top/routes.ts'
import { endUnusedConnections } from './unused-connections.ts'
import { viewsRoutes } from './views/routes.ts'
import { ViewSchema } from './views/view-schemas.ts'

export interface ApiOptions {
  readonly access: KeyAccess
  readonly calls: CallQueries
  readonly losses: LossQueries
  readonly coverage: CoverageQueries
  readonly summaries: SummaryQueries
  readonly top: TopQueries
  readonly retentionDaysOf: (org: string) => number
  /** Infinity while an organisation has a legal hold. */
  readonly readableDaysOf: (org: string) => number
  readonly health: Health
  readonly evidence: RecordEvidence
  readonly exporter: Exporter
  readonly facets: FacetQueries
  readonly ids: IdQueries
  readonly live: LiveFeed
  readonly reporter: Reporter
  readonly prompts: PromptReader
  readonly reads: ReadsOfPrompts
  readonly keys: ApiKeys
  readonly settings: ApiSettings
  readonly organisations: ApiOrganisations
  readonly workloads: ApiWorkloads
  readonly events: Pick<IdentityLog, 'listEvents' | 'listKeys'>
  readonly users: UserNames
  readonly eraser: Eraser
  readonly holds: ApiHolds
  readonly me: ApiMe
  readonly system: ApiSystem
  readonly views: ViewAdmin
  readonly sessions: ApiSessions
  /** Null: there is none under `/ui`. */
  readonly dashboard: ApiDashboard | null
  /** Signs cursors; the same in all replicas, or a page's cursor is refused by the next one. */
  readonly cursorSecret: string | Buffer
  readonly limits?: RateLimits
  /** The statements of each request belong to its requester; default: they belong to no one. */
  readonly questions?: Pick<Questions, 'within'>
  readonly logger?: ApiLogger
}

/** For Fastify's `schemaController`. */
const buildSerializer = compiledOnce(SerializerSelector(), ({ schema }) => schema)

/** A whole request has come by then, 32 MB of a report among them, or its connection is closed. */
const REQUEST_WITHIN_MS = 60_000

/** The REST API. The caller listens, on a socket behind Envoy. */
export function createApi(options: ApiOptions): FastifyInstance {
  const { logger } = options
  const api = fastify({
    logger: false,
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: answerClientError,
    requestTimeout: REQUEST_WITHIN_MS,
    // Ours, not the caller's: it stands in our log, and must mean one request.
    genReqId: () => uuidv7(),
    ajv: { customOptions: VALIDATION },
    schemaController: { compilersFactory: { buildSerializer, buildValidator } },
  }).withTypeProvider<TypeBoxTypeProvider>()

  api.server.on('checkExpectation', answerExpectation)
  endUnusedConnections(api)
  for (const schema of [
    FlintErrorSchema,
    AuditRecordSchema,
    AuditRecordPartSchema,
    SummaryTotalsSchema,
    ListedKeySchema,
    EventSchema,
    OrganisationSchema,
    HoldSchema,
    ViewSchema,
  ])
    api.addSchema(schema)
  api.addHook('onRequest', async (request, reply) => {
    reply
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer')
      .header('x-frame-options', 'DENY')
    reply.header('x-request-id', request.id)
    if (/^\/(ui\/)?v1\//.test(request.url)) reply.header('cache-control', 'no-store')
  })
  if (logger !== undefined) {
    api.addHook('onResponse', async (request, reply) => {
      logger.info(
        { ...view(request), status: reply.statusCode, durationMs: Math.round(reply.elapsedTime) },
        'request',
      )
    })
  }
  api.addHook('preParsing', ignoreTypeOfNoBody)
  if (options.questions !== undefined) tellWhoAsks(api, options.questions)
  installErrorAnswers(api, logger)
  installOpenApi(api)
  api.register(healthRoutes(options.health))
  const withKey = { door: keyDoor(options.access) }
  // Of both doors together.
  const slots = { prompts: promptSlots(), exports: exportSlots(), live: liveSlots() }
  api.register(
    limitedRoutes(options.limits, withKey.door, async (limited) => {
      limited.register(peoplesRoutes(options, withKey, slots))
      limited.register(reportRoutes({ access: withKey, reporter: options.reporter }))
      limited.register(
        organisationsRoutes({ operator: options.access, organisations: options.organisations }),
      )
      limited.register(workloadRoutes({ operator: options.access, workloads: options.workloads }))
    }),
  )
  if (options.dashboard !== null) addDashboard(api, options, options.dashboard, slots)
  return api
}

/**
 * What a request starts belongs to its requester: before its body was read and, since that loses
 * the thread, after it.
 */
function tellWhoAsks(api: FastifyInstance, questions: Pick<Questions, 'within'>): void {
  const requesters = new WeakMap<FastifyRequest, Requester>()
  api.addHook('onRequest', (request, reply, done) => {
    const left = new AbortController()
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) left.abort(new Error('the requester has left'))
    })
    const requester = { org: null, signal: left.signal }
    requesters.set(request, requester)
    questions.within(requester, done)
  })
  api.addHook('preHandler', (request, _reply, done) => {
    const requester = requesters.get(request)
    if (requester === undefined) done()
    else questions.within(requester, done)
  })
}

/**
 * Many clients (axios, generated ones) send their content-type with every request, also where there
 * is no body: it then describes nothing, and must not be read as a malformed body (RFC 9110 §8.3).
 */
async function ignoreTypeOfNoBody({ headers }: FastifyRequest): Promise<void> {
  const isEmpty = headers['content-length'] === undefined || headers['content-length'] === '0'
  if (isEmpty && headers['transfer-encoding'] === undefined) delete headers['content-type']
}

function addDashboard(
  api: FastifyInstance,
  options: ApiOptions,
  dashboard: ApiDashboard,
  slots: Slots,
): void {
  const { failures, used } = options.access
  api.get('/', { schema: { hide: true } }, async ({ headers }, reply) =>
    headers.accept?.includes('text/html') ? reply.redirect('/ui/', 303) : reply.callNotFound(),
  )
  api.get('/ui', { schema: { hide: true } }, async (_request, reply) => reply.redirect('/ui/', 303))
  const behind = (door: Door, further: FastifyPluginAsync) =>
    limitedRoutes(options.limits, door, async (limited) => {
      limited.register(further)
      limited.register(peoplesRoutes(options, { door }, slots))
    })
  api.register(dashboardRoutes({ dashboard, failures, used, behind }), { prefix: '/ui' })
}

/** What is done by a few at a time. */
interface Slots {
  readonly prompts: FairSlots
  readonly exports: FairSlots
  readonly live: FairSlots
}

/** What people ask and change, with a key or in a session. */
function peoplesRoutes(options: ApiOptions, access: Access, slots: Slots): FastifyPluginAsync {
  const { calls, retentionDaysOf, readableDaysOf, cursorSecret } = options
  return async (api) => {
    api.register(auditRoutes({ access, calls, retentionDaysOf, readableDaysOf, cursorSecret }))
    api.register(summaryRoutes({ access, summaries: options.summaries }))
    api.register(topRoutes({ access, top: options.top, retentionDaysOf }))
    api.register(evidenceRoutes({ access, calls, evidence: options.evidence }))
    api.register(findRoutes({ access, ids: options.ids }))
    api.register(facetRoutes({ access, facets: options.facets }))
    api.register(exportRoutes({ access, exporter: options.exporter, slots: slots.exports }))
    api.register(
      liveRoutes({
        ...{ access, feed: options.live, slots: slots.live },
        ...{ retentionDaysOf, readableDaysOf, cursorSecret },
      }),
    )
    api.register(lossRoutes({ access, losses: options.losses }))
    api.register(coverageRoutes({ access, coverage: options.coverage }))
    api.register(promptRoutes({ access, prompts: options.prompts, slots: slots.prompts }))
    api.register(
      readsRoutes({ access, prompts: options.prompts, reads: options.reads, cursorSecret }),
    )
    api.register(erasuresRoutes({ access, eraser: options.eraser, cursorSecret }))
    api.register(holdsRoutes({ access, holds: options.holds, retentionDaysOf }))
    const { events, users } = options
    api.register(eventsRoutes({ access, events, users, cursorSecret }))
    api.register(settingsRoutes({ access, settings: options.settings }))
    api.register(keysRoutes({ access, keys: options.keys }))
    api.register(keyNamesRoute({ access, admin: options.keys.admin }))
    api.register(meRoutes({ access, me: options.me }))
    api.register(systemRoutes({ access, system: options.system }))
    api.register(viewsRoutes({ access, views: options.views }))
    api.register(sessionsRoutes({ access, sessions: options.sessions }))
    api.register(ownWorkloadsRoute({ access, admin: options.workloads.admin }))
  }
}
