import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { TOP_BY, type TopBy, type TopQueries } from '../../store/calls/top-queries.ts'
import { DEFAULT_RANGE_PROPERTIES, withBothEnds } from '../audit/default-range.ts'
import { FilterQueryProperties, toCallFilter } from '../audit/filter-query.ts'
import { type PublicRecord, RECORD_EXAMPLE, recordsShownTo } from '../audit/record-schema.ts'
import { type Access, requireScope } from '../authentication.ts'
import { COMMON_ERRORS, errorResponses } from '../error-schemas.ts'
import { jsonExample } from '../json-example.ts'
import { orTooWide } from '../too-wide.ts'

interface TopRoutesOptions {
  readonly access: Access
  readonly top: TopQueries
  /** How long records of an organisation are kept. */
  readonly retentionDaysOf: (org: string) => number
  readonly nowMs?: () => number
}

const DEFAULT_LIMIT = 20
const MAX_LIMIT = 100

const QuerySchema = Type.Object(
  {
    ...FilterQueryProperties,
    ...DEFAULT_RANGE_PROPERTIES,
    by: Type.Unsafe<TopBy>({
      type: 'string',
      enum: [...TOP_BY],
      description: 'What to be the highest of.',
    }),
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_LIMIT,
        description: `Calls to give, default ${DEFAULT_LIMIT}.`,
      }),
    ),
  },
  { additionalProperties: false },
)
const TopSchema = Type.Object({
  from: Type.String({ description: 'Inclusive.' }),
  to: Type.String({ description: 'Exclusive.' }),
  records: Type.Array(Type.Unsafe<PublicRecord>({ $ref: 'AuditRecord#' }), {
    description: 'Highest first; of equal ones the newest first.',
  }),
})
const EXAMPLE = {
  from: '2025-05-04T00:00:00.000Z',
  to: '2025-05-05T00:00:00.000Z',
  records: [RECORD_EXAMPLE],
}

/** `GET /v1/audit/top`: the dearest, slowest or largest calls of a range. */
export function topRoutes({
  access,
  top,
  retentionDaysOf,
  nowMs = Date.now,
}: TopRoutesOptions): FastifyPluginAsyncTypebox {
  const { onRequest, principalOf } = requireScope(access, 'read')

  return async (api) => {
    api.get(
      '/v1/audit/top',
      {
        onRequest,
        schema: {
          operationId: 'listTopAuditRecords',
          summary: 'Dearest, slowest or largest calls',
          description:
            'The calls of a range with the highest cost, latency or number of tokens. Calls of which that is not known are not among them. What takes longer than 5 seconds is 503 with reason `too_wide`.',
          tags: ['audit'],
          security: [{ flintKey: [] }],
          querystring: QuerySchema,
          response: {
            200: { description: 'The calls.', content: jsonExample(TopSchema, EXAMPLE) },
            ...errorResponses(COMMON_ERRORS),
          },
        },
      },
      async (request) => {
        const { by, limit = DEFAULT_LIMIT, ...filtered } = request.query
        const principal = principalOf(request)
        const { org, scopes } = principal
        const filter = toCallFilter(filtered, scopes)
        const { fromMs, toMs } = withBothEnds(filter, nowMs())
        const records = await orTooWide(top.topCalls({ org, by, fromMs, toMs, filter, limit }))
        return {
          from: new Date(fromMs).toISOString(),
          to: new Date(toMs).toISOString(),
          records: records.map(recordsShownTo(principal, retentionDaysOf)),
        }
      },
    )
  }
}
