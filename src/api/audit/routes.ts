import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifySerializerCompiler } from 'fastify/types/schema.js'
import { Type } from 'typebox'
import { FlintError } from '../../errors.ts'
import { DAY_MS } from '../../evidence/day.ts'
import type { Principal } from '../../identity/principal.ts'
import type { CallFilter, Position } from '../../store/calls/call-filter.ts'
import type { CallQueries } from '../../store/calls/call-queries.ts'
import { type Access, requireScope } from '../authentication.ts'
import { COMMON_ERRORS, errorResponses } from '../error-schemas.ts'
import { jsonExample } from '../json-example.ts'
import { createListCursors } from './list-cursor.ts'
import { ListQuerySchema, toPageRequest } from './list-query.ts'
import { readPage } from './read-page.ts'
import { ListedRecordSchema, pickFields } from './record-fields.ts'
import { type PublicRecord, RECORD_EXAMPLE, recordsShownTo } from './record-schema.ts'

interface AuditRoutesOptions {
  readonly access: Access
  readonly calls: CallQueries
  /** How long records of an organisation are kept. */
  readonly retentionDaysOf: (org: string) => number
  /** How long they can be read: Infinity while it has a legal hold. */
  readonly readableDaysOf: (org: string) => number
  readonly cursorSecret: string | Buffer
}

const RecordRef = Type.Unsafe<PublicRecord>({ $ref: 'AuditRecord#' })
const cursor = (description: string) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], description })
const PageSchema = Type.Object({
  records: Type.Array(ListedRecordSchema),
  nextCursor: cursor('Continues the list; null on the last page.'),
  prevCursor: cursor('Goes back to the page before this one; null on the first page.'),
  count: Type.Integer({ description: 'Records on this page.' }),
  range: Type.Object(
    {
      from: Type.String({ format: 'date-time', description: 'Inclusive. ISO 8601, UTC.' }),
      to: Type.Unsafe<string | null>({
        type: ['string', 'null'],
        format: 'date-time',
        description: 'Exclusive. ISO 8601, UTC; null where the request names no end.',
      }),
    },
    {
      description:
        'The time by `createdAt` that the list covers: what the request asks for, as far back as records are kept.',
    },
  ),
})
const security = [{ flintKey: [] }]

/** `GET /v1/audit` and `GET /v1/audit/:requestId`. */
export function auditRoutes({
  access,
  calls,
  retentionDaysOf,
  readableDaysOf,
  cursorSecret,
}: AuditRoutesOptions): FastifyPluginAsyncTypebox {
  const cursors = createListCursors(cursorSecret)
  const { onRequest, principalOf } = requireScope(access, 'read')
  const shownTo = (principal: Principal) => recordsShownTo(principal, retentionDaysOf)

  return async (api) => {
    api.get(
      '/v1/audit',
      {
        onRequest,
        serializerCompiler: writeAsItIs,
        schema: {
          operationId: 'listAuditRecords',
          summary: 'List audit records',
          description:
            'Newest first, unless `order` says otherwise. Filters of different names must all be met; a filter by values takes several, any of which is enough, and `!` before a value excludes it: `model=gpt-4o*&model=!gpt-4o-mini&status=4xx`. ' +
            'Where a field is null, every `!value` of it is met, and no range is. A backslash before a leading `!` or a trailing `*` takes its meaning away. ' +
            'Calls that are still open are not listed. A record that arrives late never makes paging skip or repeat another.',
          tags: ['audit'],
          security,
          querystring: ListQuerySchema,
          response: {
            200: {
              description: 'One page.',
              content: jsonExample(PageSchema, {
                records: [RECORD_EXAMPLE],
                nextCursor: 'eyJwayI6…',
                prevCursor: null,
                count: 1,
                range: { from: '2025-05-01T00:00:00.000Z', to: '2025-06-01T00:00:00.000Z' },
              }),
            },
            ...errorResponses([...COMMON_ERRORS, 'not_found']),
          },
        },
      },
      async (request) => {
        const principal = principalOf(request)
        const { org } = principal
        const asked = toPageRequest(request.query, principal, cursors)
        const { filter, order, limit, fields } = asked
        const { records, next, prev } = await readPage(calls, org, asked)
        const shown = shownTo(principal)
        const sealed = (pk: Position, back: boolean) =>
          cursors.seal({
            ...{ pk, org, order, limit, filter },
            ...(back ? { back } : {}),
            ...(fields === null ? {} : { fields: [...fields] }),
          })
        return {
          records: records.map((record) => pickFields(shown(record), fields)),
          nextCursor: next && sealed(next, false),
          prevCursor: prev && sealed(prev, true),
          count: records.length,
          range: coveredRange(filter, Date.now() - readableDaysOf(org) * DAY_MS),
        }
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
            ...errorResponses([...COMMON_ERRORS, 'not_found']),
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

/**
 * A record or a part of one: the compiled serializer would validate each record against both to find
 * out which it is, for a third of the whole request. What `toPublicRecord` gives has no other fields.
 */
const writeAsItIs: FastifySerializerCompiler<unknown> = () => (page) => JSON.stringify(page)

/** An end before anything is kept leaves nothing between the two. */
function coveredRange({ fromMs = 0, toMs }: CallFilter, keptSinceMs: number) {
  const startMs = Math.max(0, fromMs, keptSinceMs)
  return {
    from: new Date(toMs === undefined ? startMs : Math.min(startMs, toMs)).toISOString(),
    to: toMs === undefined ? null : new Date(toMs).toISOString(),
  }
}
