import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import {
  FACET_FIELDS,
  type FacetField,
  type FacetQueries,
  MAX_VALUES,
} from '../../store/calls/facet-queries.ts'
import { withBothEnds } from '../audit/default-range.ts'
import { FilterQueryProperties, toCallFilter } from '../audit/filter-query.ts'
import { type Access, requireScope } from '../authentication.ts'
import { COMMON_ERRORS, errorResponses } from '../error-schemas.ts'
import { jsonExample } from '../json-example.ts'
import { orTooWide } from '../too-wide.ts'

const FieldSchema = Type.Unsafe<FacetField>({
  type: 'string',
  enum: [...FACET_FIELDS],
  description: 'Field of the records; `tag` counts `name:value`.',
})
const QuerySchema = Type.Object(
  {
    ...FilterQueryProperties,
    field: FieldSchema,
    q: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description: 'Only values that begin with this, in whatever case.',
      }),
    ),
  },
  { additionalProperties: false },
)
const FacetsSchema = Type.Object({
  field: FieldSchema,
  from: Type.String({ description: 'Start of the range that was counted, inclusive.' }),
  to: Type.String({ description: 'Its end, exclusive.' }),
  values: Type.Array(
    Type.Object({
      value: Type.Unsafe<string | null>({
        type: ['string', 'null'],
        description: 'As text; null counts the records without the field, where `q` is not given.',
      }),
      count: Type.Integer(),
    }),
    { description: `Most frequent first, at most ${MAX_VALUES}.` },
  ),
  more: Type.Boolean({ description: 'There are further values: narrow them with `q`.' }),
})
const EXAMPLE = {
  field: 'provider' as const,
  from: '2025-05-04T00:00:00.000Z',
  to: '2025-05-05T00:00:00.000Z',
  values: [
    { value: 'openai', count: 9_120 },
    { value: 'anthropic', count: 2_301 },
  ],
  more: false,
}
const iso = (ms: number) => new Date(ms).toISOString()

/** `GET /v1/audit/facets`: the values that a field has within a filter, with their counts. */
export function facetRoutes({
  access,
  facets,
  nowMs = Date.now,
}: {
  access: Access
  facets: FacetQueries
  nowMs?: () => number
}): FastifyPluginAsyncTypebox {
  const { onRequest, principalOf } = requireScope(access, 'read')

  return async (api) => {
    api.get(
      '/v1/audit/facets',
      {
        onRequest,
        schema: {
          operationId: 'listFacets',
          summary: 'Values of a field, with counts',
          description:
            'Over the records that the filters meet, created in a range: `to` is now when left out, `from` a day before. More than can be counted in five seconds is 503 `too_wide`, never a part of it.',
          tags: ['audit'],
          security: [{ flintKey: [] }],
          querystring: QuerySchema,
          response: {
            200: { description: 'The values.', content: jsonExample(FacetsSchema, EXAMPLE) },
            ...errorResponses(COMMON_ERRORS),
          },
        },
      },
      async (request) => {
        const { org, scopes } = principalOf(request)
        const { field, q, ...query } = request.query
        const wanted = toCallFilter(query, scopes)
        const { fromMs, toMs } = withBothEnds(wanted, nowMs())
        const { values, more } = await orTooWide(
          facets.facets({ org, field, prefix: q, filter: { ...wanted, fromMs, toMs } }),
        )
        return { field, from: iso(fromMs), to: iso(toMs), values: [...values], more }
      },
    )
  }
}
