import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Static, Type } from 'typebox'
import {
  COVERAGE_GROUPS,
  type CoverageGroup,
  type CoverageQueries,
  shareOf,
} from '../../store/connections/coverage-queries.ts'
import { DEFAULT_RANGE_PROPERTIES, withBothEnds } from '../audit/default-range.ts'
import { toTimeRange } from '../audit/time-range.ts'
import { type Access, requireScope } from '../authentication.ts'
import { COMMON_ERRORS, errorResponses } from '../error-schemas.ts'
import { jsonExample } from '../json-example.ts'
import { orTooWide } from '../too-wide.ts'

const MAX_GROUPS = 500

const QuerySchema = Type.Object(
  {
    ...DEFAULT_RANGE_PROPERTIES,
    groupBy: Type.Optional(
      Type.Unsafe<CoverageGroup>({
        type: 'string',
        enum: [...COVERAGE_GROUPS],
        description: 'What is a group; default `namespace`.',
      }),
    ),
  },
  { additionalProperties: false },
)

const count = (description: string) => Type.Integer({ description })
const SEEN = {
  firstSeenAt: Type.String({ format: 'date-time' }),
  lastSeenAt: Type.String({ format: 'date-time' }),
}
const GroupSchema = Type.Object({
  name: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    description: 'Namespace or workload; null where it is not known.',
  }),
  captured: count('Calls that were let through and wholly observed.'),
  lost: count('Calls that were let through and of which something is missing.'),
  opaque: count(
    'Connections to hosts that the mesh captures, which the app encrypted itself: no call in them could be read.',
  ),
  uncovered: count('Connections to hosts of providers that no policy of the mesh is about.'),
  opaqueBytes: count('In both directions, TLS included.'),
  uncoveredBytes: count('The same of those.'),
  share: Type.Unsafe<number | null>({
    type: ['number', 'null'],
    description:
      'captured / (captured + lost + opaque + uncovered), rounded down. An estimate as soon as there is a connection: it counts as one call, because how many it carried is not known.',
  }),
  ...SEEN,
})
const HostSchema = Type.Object({
  host: Type.String({ description: 'As the app named it in its TLS handshake.' }),
  provider: Type.String(),
  connections: Type.Integer(),
  bytes: Type.Integer(),
  workloads: count('How many different ones.'),
  ...SEEN,
})
const CoverageSchema = Type.Object({
  from: Type.String(),
  to: Type.String(),
  groupBy: Type.Unsafe<CoverageGroup>({ type: 'string', enum: [...COVERAGE_GROUPS] }),
  groups: Type.Array(GroupSchema, {
    description: `The one with most of what was not seen first, at most ${MAX_GROUPS}.`,
  }),
  isCut: Type.Boolean({ description: 'There are more groups.' }),
  hosts: Type.Array(HostSchema, {
    description: 'Hosts of providers that no policy of the mesh is about, at most 100.',
  }),
})
const EXAMPLE: Static<typeof CoverageSchema> = {
  from: '2026-05-04T00:00:00.000Z',
  to: '2026-05-05T00:00:00.000Z',
  groupBy: 'namespace',
  groups: [
    {
      ...{ name: 'shop', captured: 912, lost: 1, opaque: 14, uncovered: 0 },
      ...{ opaqueBytes: 482_113, uncoveredBytes: 0, share: 0.983818 },
      ...{ firstSeenAt: '2026-05-04T00:00:12.031Z', lastSeenAt: '2026-05-04T23:58:40.770Z' },
    },
  ],
  isCut: false,
  hosts: [
    {
      ...{ host: 'api.mistral.ai', provider: 'mistral', connections: 3, bytes: 41_902 },
      workloads: 1,
      ...{ firstSeenAt: '2026-05-04T09:12:31.004Z', lastSeenAt: '2026-05-04T09:40:02.118Z' },
    },
  ],
}
const iso = (ms: number) => new Date(ms).toISOString()
const seen = ({ firstSeenMs, lastSeenMs }: { firstSeenMs: number; lastSeenMs: number }) => ({
  firstSeenAt: iso(firstSeenMs),
  lastSeenAt: iso(lastSeenMs),
})

/** `GET /v1/coverage`: what of a mesh's traffic to providers was captured, and what was not. */
export function coverageRoutes({
  access,
  coverage,
  nowMs = Date.now,
}: {
  readonly access: Access
  readonly coverage: CoverageQueries
  readonly nowMs?: () => number
}): FastifyPluginAsyncTypebox {
  const { onRequest, principalOf } = requireScope(access, 'read', 'events', 'admin')

  return async (api) => {
    api.get(
      '/v1/coverage',
      {
        onRequest,
        schema: {
          operationId: 'getCoverage',
          summary: 'What of a mesh is captured',
          description:
            'Calls through a mesh by namespace or workload, beside TLS connections to providers that nothing could read. Connections are a lower bound: they are known from Envoy once they have ended. What takes longer than 5 seconds to read is 503 with reason `too_wide`.',
          tags: ['audit'],
          security: [{ flintKey: [] }],
          querystring: QuerySchema,
          response: {
            200: {
              description: 'Of the range.',
              content: jsonExample(CoverageSchema, EXAMPLE),
            },
            ...errorResponses(COMMON_ERRORS),
          },
        },
      },
      async (request) => {
        const { from, to, groupBy = 'namespace' } = request.query
        const { fromMs, toMs } = withBothEnds(toTimeRange({ from, to }), nowMs())
        const { org } = principalOf(request)
        const found = await orTooWide(
          coverage.coverage({ org, fromMs, toMs, groupBy, limit: MAX_GROUPS }),
        )
        return {
          ...{ from: iso(fromMs), to: iso(toMs), groupBy },
          groups: found.groups.map(({ firstSeenMs, lastSeenMs, ...group }) => ({
            ...group,
            share: shareOf(group),
            ...seen({ firstSeenMs, lastSeenMs }),
          })),
          isCut: found.isCut,
          hosts: found.hosts.map(({ firstSeenMs, lastSeenMs, ...host }) => ({
            ...host,
            ...seen({ firstSeenMs, lastSeenMs }),
          })),
        }
      },
    )
  }
}
