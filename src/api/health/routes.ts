import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { errorBody } from '../../errors.ts'
import { answersWithin } from './answers-within.ts'

/** What readiness depends on. */
export interface Health {
  /** Whether ClickHouse can be queried; never rejects. */
  storeAnswers(): Promise<boolean>
  /** Whether there are keys to check against, even if from the last good copy. */
  directoryLoaded(): boolean
}

const STORE_WITHIN_MS = 2_000

const ReadySchema = Type.Object({ status: Type.Literal('ready') })
const NotReadySchema = Type.Object({
  status: Type.Literal('unavailable'),
  reasons: Type.Array(Type.String()),
  error: Type.Unsafe<ReturnType<typeof errorBody>['error']>({
    type: 'object',
    additionalProperties: true,
  }),
})

/** `GET /healthz` (this process is up) and `GET /readyz` (it can do its work). */
export function healthRoutes(health: Health): FastifyPluginAsyncTypebox {
  return async (api) => {
    api.get(
      '/healthz',
      {
        schema: {
          operationId: 'healthz',
          summary: 'Is the process up?',
          tags: ['health'],
          security: [],
          response: { 200: Type.Object({ status: Type.Literal('ok') }) },
        },
      },
      async () => ({ status: 'ok' as const }),
    )

    api.get(
      '/readyz',
      {
        schema: {
          operationId: 'readyz',
          summary: 'Can it do its work?',
          description: '503 names what is missing: ClickHouse, or the directory of keys.',
          tags: ['health'],
          security: [],
          response: { 200: ReadySchema, 503: NotReadySchema },
        },
      },
      async (_request, reply) => {
        const reasons = [
          ...((await answersWithin(STORE_WITHIN_MS, health.storeAnswers()))
            ? []
            : ['ClickHouse does not answer']),
          ...(health.directoryLoaded() ? [] : ['the directory of keys is not loaded']),
        ]
        if (reasons.length === 0) return { status: 'ready' as const }
        const { error } = errorBody('audit_unavailable', `Not ready: ${reasons.join('; ')}.`)
        return reply.code(503).send({ status: 'unavailable', reasons, error })
      },
    )
  }
}
