import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { type IdQueries, MAX_FOUND } from '../../store/calls/find-by-id.ts'
import { RECORD_EXAMPLE } from '../audit/record-schema.ts'
import { type Access, requireScope } from '../authentication.ts'
import { COMMON_ERRORS, errorResponses } from '../error-schemas.ts'
import { jsonExample } from '../json-example.ts'
import { orTooWide } from '../too-wide.ts'

const FoundSchema = Type.Object({
  requestIds: Type.Array(Type.String(), {
    description: `Records that have it, newest first, at most ${MAX_FOUND}; empty where there is none.`,
  }),
})

/** `GET /v1/audit/find`: the records that have an id, whichever of their ids it is. */
export function findRoutes({
  access,
  ids,
}: {
  access: Access
  ids: IdQueries
}): FastifyPluginAsyncTypebox {
  const { onRequest, principalOf } = requireScope(access, 'read')

  return async (api) => {
    api.get(
      '/v1/audit/find',
      {
        onRequest,
        schema: {
          operationId: 'findAuditRecords',
          summary: 'Find records by any id',
          description:
            'By `requestId`, `providerRequestId`, `responseId`, `traceId`, `callerRequestId` or `claimedRequestId`, exactly as it stands there.',
          tags: ['audit'],
          security: [{ flintKey: [] }],
          querystring: Type.Object(
            {
              id: Type.String({
                minLength: 1,
                maxLength: 256,
                description: 'The id.',
                examples: [RECORD_EXAMPLE.responseId],
              }),
            },
            { additionalProperties: false },
          ),
          response: {
            200: {
              description: 'What was found.',
              content: jsonExample(FoundSchema, { requestIds: [RECORD_EXAMPLE.requestId] }),
            },
            ...errorResponses(COMMON_ERRORS),
          },
        },
      },
      async (request) => {
        const { org } = principalOf(request)
        const found = await orTooWide(ids.findById({ org, id: request.query.id }))
        return { requestIds: [...found] }
      },
    )
  }
}
