import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { SummaryQueries } from '../../store/calls/summary-queries.ts'
import { type Access, requireScope } from '../authentication.ts'
import { COMMON_ERRORS, errorResponses } from '../error-schemas.ts'
import { jsonExample } from '../json-example.ts'
import { orTooWide } from '../too-wide.ts'
import { summaryAnswer } from './summary-answer.ts'
import { SUMMARY_OF_EXAMPLE } from './summary-example.ts'
import { SummaryQuerySchema, toSummaryRequest } from './summary-query.ts'
import { SummarySchema } from './summary-schema.ts'

interface SummaryRoutesOptions {
  readonly access: Access
  readonly summaries: SummaryQueries
  readonly nowMs?: () => number
}

const EXAMPLE = summaryAnswer(
  SUMMARY_OF_EXAMPLE,
  toSummaryRequest(
    { from: '2025-05-04', to: '2025-05-05', bucket: '1d', groupBy: 'model', compare: 'previous' },
    [],
    0,
  ),
)

/** `GET /v1/audit/summary`: sums over records. */
export function summaryRoutes({
  access,
  summaries,
  nowMs = Date.now,
}: SummaryRoutesOptions): FastifyPluginAsyncTypebox {
  const { onRequest, principalOf } = requireScope(access, 'read')

  return async (api) => {
    api.get(
      '/v1/audit/summary',
      {
        onRequest,
        schema: {
          operationId: 'summariseAuditRecords',
          summary: 'Sums over audit records',
          description:
            'Calls, tokens, cost and times of all records that meet the filters, over time and by group. Never a partial sum: what takes longer than 5 seconds is 503 with reason `too_wide`.',
          tags: ['audit'],
          security: [{ flintKey: [] }],
          querystring: SummaryQuerySchema,
          response: {
            200: {
              description: 'The sums of the range.',
              content: jsonExample(SummarySchema, EXAMPLE),
            },
            ...errorResponses(COMMON_ERRORS),
          },
        },
      },
      async (request) => {
        const { org, scopes } = principalOf(request)
        const asked = toSummaryRequest(request.query, scopes, nowMs())
        return summaryAnswer(await orTooWide(summaries.summary({ org, ...asked.query })), asked)
      },
    )
  }
}
