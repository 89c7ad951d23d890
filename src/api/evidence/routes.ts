import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Static, Type } from 'typebox'
import { FlintError } from '../../errors.ts'
import { recordSources } from '../../evidence/record-sources.ts'
import type { CallQueries } from '../../store/calls/call-queries.ts'
import type { RecordEvidence } from '../../store/evidence/record-evidence.ts'
import { RECORD_EXAMPLE } from '../audit/record-schema.ts'
import { type Access, requireScope } from '../authentication.ts'
import { COMMON_ERRORS, errorResponses } from '../error-schemas.ts'
import { jsonExample } from '../json-example.ts'
import { appliedPrice } from './applied-price.ts'

/** Columns that only the scope `prompts` opens: text of prompts, and hashes of it. */
const OF_PROMPTS = new Set([
  'prompt_preview',
  'last_user_preview',
  'completion_preview',
  'prompt_hash',
  'content_sha256',
  'attachments',
])
/** Said of each row by itself. */
const OF_EVERY_ROW = new Set(['org', 'created_at', 'record_id', 'kind', 'writer', 'version'])

const fields = (description: string) =>
  Type.Unsafe<Readonly<Record<string, unknown>>>({
    type: 'object',
    additionalProperties: true,
    description,
  })
const RowSchema = Type.Object({
  kind: Type.String({
    description:
      'intent (the gate), observation (the observer), closing (Envoy’s access log stream), access_log (Envoy’s log file), report (the client), deferred (a later poll), pricing (priced again), content (prompt stored), run_ended, sighting (the gate: a second proxy had the call too).',
  }),
  writer: Type.String({ description: 'The process that wrote it: instance and role.' }),
  version: Type.Integer({
    description: 'Microseconds, by the writer’s clock; later rows replace.',
  }),
  ingestedAt: Type.String({ format: 'date-time', description: 'When the store had it.' }),
  columns: fields(
    'What it says, by the names of the table `evidence`; what it does not say is left out.',
  ),
})
const PriceSchema = Type.Object({
  version: Type.String({ description: '`priceVersion` of the record.' }),
  source: Type.String({
    description: 'The book, contract or file with its version; `reported`: the provider itself.',
  }),
  rates: Type.Unsafe<Readonly<Record<string, unknown>> | null>({
    type: ['object', 'null'],
    additionalProperties: true,
    description:
      'As the source writes them: dollars per million tokens (`_mtok`), per thousand calls of a tool (`_kcount`). Null where there are several, or none were kept.',
  }),
  terms: Type.Unsafe<string[] | null>({
    type: ['array', 'null'],
    items: { type: 'string' },
    description: 'What the token rates were multiplied by (`tier:flex=1/2`), and fees added.',
  }),
  components: Type.Unsafe<
    { bucket: string; tokens: number; usdPerMillion: number; usd: number }[] | null
  >({
    type: ['array', 'null'],
    items: Type.Object({
      bucket: Type.String(),
      tokens: Type.Integer({ description: 'Of a fee: calls of the tool.' }),
      usdPerMillion: Type.Number({ description: 'Terms applied.' }),
      usd: Type.Number(),
    }),
    description:
      'What the cost is the sum of. Null where it cannot be made again: shares with rates of their own, speech by its length, or parts that do not add up to the cost.',
  }),
})
const EvidenceSchema = Type.Object({
  requestId: Type.String(),
  rows: Type.Array(RowSchema, { description: 'The newest row of each kind, as they arrived.' }),
  from: Type.Unsafe<Readonly<Record<string, string | null>>>({
    type: 'object',
    additionalProperties: { type: ['string', 'null'] },
    description:
      'Field of the record → kind of the row it was taken from; null where no row has it, or it is computed from several (`outcome`, `source`).',
  }),
  price: Type.Unsafe<Static<typeof PriceSchema> | null>({
    anyOf: [PriceSchema, { type: 'null' }],
    description: 'How the record came by its cost; null without a price.',
  }),
})
const EXAMPLE: Static<typeof EvidenceSchema> = {
  requestId: RECORD_EXAMPLE.requestId,
  rows: [
    {
      kind: 'observation',
      writer: '3f9a1c2e/observer-0',
      version: 1_746_368_521_843_000,
      ingestedAt: '2025-05-04T14:22:02.410Z',
      columns: { model: 'gpt-4o-2024-08-06', input_tokens: 512, output_tokens: 128 },
    },
  ],
  from: { model: 'observation', inputTokens: 'observation', status: 'closing', outcome: null },
  price: {
    version: 'genai-prices@0.1.8/f22084247c33',
    source: 'genai-prices@0.1.8',
    rates: { input_mtok: '2.5', output_mtok: '10', cache_read_mtok: '1.25' },
    terms: [],
    components: [
      { bucket: 'input', tokens: 512, usdPerMillion: 2.5, usd: 0.00128 },
      { bucket: 'output', tokens: 128, usdPerMillion: 10, usd: 0.00128 },
    ],
  },
}

/** `GET /v1/audit/:requestId/evidence`: the rows that a record is made of. */
export function evidenceRoutes({
  access,
  calls,
  evidence,
}: {
  access: Access
  calls: Pick<CallQueries, 'findCall'>
  evidence: RecordEvidence
}): FastifyPluginAsyncTypebox {
  const { onRequest, principalOf } = requireScope(access, 'read')

  return async (api) => {
    api.get(
      '/v1/audit/:requestId/evidence',
      {
        onRequest,
        schema: {
          operationId: 'getEvidence',
          summary: 'Get the evidence of a record',
          description:
            'The rows that the record is made of, which of them each field was taken from, and the price that was applied. Text and hashes of prompts need the scope `prompts`.',
          tags: ['audit'],
          security: [{ flintKey: [] }],
          params: Type.Object({
            requestId: Type.String({ description: 'requestId of the record.' }),
          }),
          querystring: Type.Object({}, { additionalProperties: false }),
          response: {
            200: { description: 'The evidence.', content: jsonExample(EvidenceSchema, EXAMPLE) },
            ...errorResponses([...COMMON_ERRORS, 'not_found']),
          },
        },
      },
      async (request) => {
        const { org, scopes } = principalOf(request)
        const { requestId } = request.params
        const record = await calls.findCall({ org, requestId })
        if (record === null) throw new FlintError('not_found', 'There is no record with this id.')
        if (record === 'in_progress')
          throw new FlintError(
            'not_found',
            'The call is still open: its record is made when it ends.',
            { reason: 'in_progress' },
          )
        const stored = await evidence.rowsOf({ org, requestId })
        const rows = stored.map(({ row }) => row)
        const isShown = (column: string) =>
          !OF_EVERY_ROW.has(column) && (scopes.includes('prompts') || !OF_PROMPTS.has(column))
        return {
          requestId: record.requestId,
          rows: stored.map(({ row, ingestedAt }) => ({
            kind: row.kind,
            writer: String(row.writer),
            version: row.version,
            ingestedAt,
            columns: Object.fromEntries(Object.entries(row).filter(([name]) => isShown(name))),
          })),
          from: recordSources(rows),
          price: await appliedPrice(record, rows, evidence),
        }
      },
    )
  }
}
