import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import fastify, { type FastifyInstance } from 'fastify'
import type { Authenticator } from '../identity/principal.ts'
import type { CallQueries } from '../store/call-queries.ts'
import type { LossQueries } from '../store/loss-queries.ts'
import { AuditRecordSchema } from './audit/record-schema.ts'
import { auditRoutes } from './audit/routes.ts'
import { type ApiLogger, answerFrameworkError, installErrorAnswers, view } from './error-answers.ts'
import { FlintErrorSchema } from './error-schemas.ts'
import { type Health, healthRoutes } from './health/routes.ts'
import { ListedKeySchema } from './keys/key-schemas.ts'
import { type ApiKeys, keysRoutes } from './keys/routes.ts'
import { lossRoutes } from './losses/routes.ts'
import { installOpenApi } from './openapi.ts'
import type { Reporter } from './report/reporter.ts'
import { reportRoutes } from './report/routes.ts'

export interface ApiOptions {
  readonly authenticator: Authenticator
  readonly calls: CallQueries
  readonly health: Health
  readonly reporter: Reporter
  readonly keys: ApiKeys
  readonly losses: LossQueries
  /** Signs cursors; the same in all replicas, or a page's cursor is refused by the next one. */
  readonly cursorSecret: string | Buffer
  readonly logger?: ApiLogger
}

/** The REST API. The caller listens, on a socket behind Envoy. */
export function createApi({ authenticator, calls, health, reporter, keys, losses, cursorSecret, logger }: ApiOptions): FastifyInstance {
  const api = fastify({
    logger: false,
    frameworkErrors: answerFrameworkError,
    // Fastify would drop what it does not know; a misspelt filter must not become a wider answer.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: true } },
  }).withTypeProvider<TypeBoxTypeProvider>()

  api.addSchema(FlintErrorSchema)
  api.addSchema(AuditRecordSchema)
  api.addSchema(ListedKeySchema)
  api.addHook('onRequest', async (request, reply) => {
    reply.header('x-content-type-options', 'nosniff').header('referrer-policy', 'no-referrer').header('x-frame-options', 'DENY')
    if (request.url.startsWith('/v1/')) reply.header('cache-control', 'no-store')
  })
  if (logger !== undefined) {
    api.addHook('onResponse', async (request, reply) => {
      logger.info({ ...view(request), status: reply.statusCode, durationMs: Math.round(reply.elapsedTime) }, 'request')
    })
  }
  installErrorAnswers(api, logger)
  installOpenApi(api)
  api.register(healthRoutes(health))
  api.register(auditRoutes({ authenticator, calls, cursorSecret }))
  api.register(lossRoutes({ authenticator, losses }))
  api.register(reportRoutes({ authenticator, reporter }))
  api.register(keysRoutes({ authenticator, keys }))
  return api
}
