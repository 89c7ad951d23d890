import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { FlintError } from '../../errors.ts'
import { FairSlots } from '../../fair/fair-slots.ts'
import { actedBy } from '../../identity/principal.ts'
import { type Access, requireScope } from '../authentication.ts'
import { COMMON_ERRORS, errorResponses } from '../error-schemas.ts'
import { orTooWide } from '../too-wide.ts'
import { ExportQuerySchema, toExport } from './export-query.ts'
import { EXPORT_TYPES } from './export-types.ts'
import type { Exporter } from './exporter.ts'

const file = (type: string, value: string, format?: string) => [
  type,
  { schema: Type.String(format === undefined ? {} : { format }), examples: { example: { value } } },
]

/** An export holds a connection to the store, and sorts, for as long as its reader takes. */
export function exportSlots(): FairSlots {
  return new FairSlots({ max: 4, maxPerOrg: 2, maxWaitingPerOrg: 2 })
}

/** `GET /v1/audit/export`: all records that a filter meets, as one file. Every export is an event. */
export function exportRoutes({
  access,
  exporter,
  slots,
}: {
  access: Access
  exporter: Exporter
  slots: FairSlots
}): FastifyPluginAsyncTypebox {
  const { onRequest, principalOf } = requireScope(access, 'read')
  const open = new Set<AbortController>()

  return async (api) => {
    // A download may take hours, and an API that ends does not wait for it.
    api.addHook('preClose', async () => {
      for (const ended of open) ended.abort(new FlintError('audit_unavailable'))
    })

    api.get(
      '/v1/audit/export',
      {
        onRequest,
        // It would make the whole file, and throw it away.
        exposeHeadRoute: false,
        schema: {
          operationId: 'exportAuditRecords',
          summary: 'Export audit records',
          description:
            'Every record that the filters meet, however many, ordered by (ingestedAt, requestId). The columns are the fields of a record; `usageRaw` is JSON as text. ' +
            'Records that arrive or change while the export runs follow at its end. A download that fails breaks: it never ends as if it were whole. `ingestedFrom` and `after` continue it.',
          tags: ['audit'],
          security: [{ flintKey: [] }],
          querystring: ExportQuerySchema,
          response: {
            200: {
              description: 'The file.',
              headers: {
                'x-flint-rows': {
                  type: 'integer',
                  description: 'Records in it, as they were counted before its first byte.',
                },
              },
              content: Object.fromEntries([
                file('text/csv', '"requestId","provider",…\n"01969bac-…","openai",…\n'),
                file('application/x-ndjson', '{"requestId":"01969bac-…","provider":"openai",…}\n'),
                file('application/vnd.apache.parquet', 'PAR1…', 'binary'),
              ]),
            },
            ...errorResponses(COMMON_ERRORS),
          },
        },
      },
      async (request, reply) => {
        const principal = principalOf(request)
        const { org, scopes } = principal
        const { asked, ...wanted } = toExport(request.query, scopes)
        if (wanted.withPrompts && !scopes.includes('prompts'))
          throw new FlintError(
            'forbidden',
            'This Flint key does not have the scope "prompts", which `prompts=true` needs.',
          )
        const left = new AbortController()
        open.add(left)
        reply.raw.once('close', () => {
          open.delete(left)
          left.abort(new Error('the requester has left'))
        })
        const giveBack = await slots.take(org, left.signal)
        reply.raw.once('close', giveBack)
        const { rows, body } = await orTooWide(
          exporter.open({ ...wanted, org, ...actedBy(principal), asked, signal: left.signal }),
        )
        const answer = Readable.from(body, { objectMode: false })
        left.signal.addEventListener('abort', () => answer.destroy(left.signal.reason))
        return reply
          .header('x-flint-rows', String(rows))
          .header('content-disposition', `attachment; filename="flint-audit.${wanted.format}"`)
          .type(EXPORT_TYPES[wanted.format])
          .send(answer)
      },
    )
  }
}
