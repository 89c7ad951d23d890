import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { FlintError } from '../../errors.ts'
import type { Principal } from '../../identity/principal.ts'
import type { CallQueries } from '../../store/calls/call-queries.ts'
import type { CallRecord } from '../../store/calls/call-row.ts'
import { type Access, requireScope } from '../authentication.ts'
import { errorResponses } from '../error-schemas.ts'
import { jsonExample } from '../json-example.ts'
import { createListCursors } from './list-cursor.ts'
import { ListQuerySchema, toPageRequest } from './list-query.ts'
import { type PublicRecord, RECORD_EXAMPLE, toPublicRecord } from './record-schema.ts'

interface AuditRoutesOptions {
  readonly access: Access
  readonly calls: CallQueries
  /** How long records of an organisation are kept. */
  readonly retentionDaysOf: (org: string) => number
  readonly cursorSecret: string | Buffer
}

const RecordRef = Type.Unsafe<PublicRecord>({ $ref: 'AuditRecord#' })
const PageSchema = Type.Object({
  records: Type.Array(RecordRef),
  nextCursor: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    description: 'Continues the list; null on the last page.',
  }),
  count: Type.Integer({ description: 'Records on this page.' }),
})
const security = [{ flintKey: [] }]

/** `GET /v1/audit` and `GET /v1/audit/:requestId`. */
export function auditRoutes({
  access,
  calls,
  retentionDaysOf,
  cursorSecret,
}: AuditRoutesOptions): FastifyPluginAsyncTypebox {
  const cursors = createListCursors(cursorSecret)
  const { onRequest, principalOf } = requireScope(access, 'read')
  const shownTo = ({ org, scopes }: Principal) => {
    const requester = {
      retentionDays: retentionDaysOf(org),
      mayReadPrompts: scopes.includes('prompts'),
    }
    return (record: CallRecord) => toPublicRecord(record, requester)
  }

  return async (api) => {
    api.get(
      '/v1/audit',
      {
        onRequest,
        schema: {
          operationId: 'listAuditRecords',
          summary: 'List audit records',
          description:
            'Newest first. Calls that are still open are not listed. A record that arrives late never makes paging skip or repeat another.',
          tags: ['audit'],
          security,
          querystring: ListQuerySchema,
          response: {
            200: {
              description: 'One page.',
              content: jsonExample(PageSchema, {
                records: [RECORD_EXAMPLE],
                nextCursor: 'eyJwayI6…',
                count: 1,
              }),
            },
            ...errorResponses([
              'invalid_request',
              'invalid_api_key',
              'forbidden',
              'rate_limited',
              'audit_unavailable',
            ]),
          },
        },
      },
      async (request) => {
        const principal = principalOf(request)
        const { org } = principal
        const { filter, limit, before } = toPageRequest(request.query, org, cursors)
        // One more than asked for shows whether there is a next page.
        const found = await calls.listCalls({ org, ...filter, before, limit: limit + 1 })
        const page = found.slice(0, limit)
        const last = page.at(-1)
        const nextCursor =
          found.length > limit && last !== undefined
            ? cursors.seal({
                pk: { createdAtMs: Date.parse(last.createdAt), recordId: last.requestId },
                org,
                order: 'created_at desc, record_id desc',
                limit,
                filter,
              })
            : null
        return { records: page.map(shownTo(principal)), nextCursor, count: page.length }
      },
    )

    api.get(
      '/v1/audit/:requestId',
      {
        onRequest,
        schema: {
          operationId: 'getAuditRecord',
          summary: 'Get one audit record',
          description:
            'The bare record. While the call is open the answer is 404 with reason `in_progress`.',
          tags: ['audit'],
          security,
          params: Type.Object({
            requestId: Type.String({
              description: 'requestId of the record.',
              examples: [RECORD_EXAMPLE.requestId],
            }),
          }),
          querystring: Type.Object({}, { additionalProperties: false }),
          response: {
            200: { description: 'The record.', content: jsonExample(RecordRef, RECORD_EXAMPLE) },
            ...errorResponses([
              'invalid_request',
              'invalid_api_key',
              'forbidden',
              'not_found',
              'rate_limited',
              'audit_unavailable',
            ]),
          },
        },
      },
      async (request) => {
        const principal = principalOf(request)
        const found = await calls.findCall({
          org: principal.org,
          requestId: request.params.requestId,
        })
        if (found === null) throw new FlintError('not_found', 'There is no record with this id.')
        if (found === 'in_progress')
          throw new FlintError(
            'not_found',
            'The call is still open: its record is made when it ends.',
            { reason: 'in_progress' },
          )
        return shownTo(principal)(found)
      },
    )
  }
}
