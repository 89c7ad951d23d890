import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import {
  coverageOf,
  LOSS_REASONS,
  type LossQueries,
  type LossReason,
} from '../../store/calls/loss-queries.ts'
import { DEFAULT_RANGE_PROPERTIES, withBothEnds } from '../audit/default-range.ts'
import { toTimeRange } from '../audit/time-range.ts'
import { type Access, requireScope } from '../authentication.ts'
import { COMMON_ERRORS, errorResponses } from '../error-schemas.ts'
import { orTooWide } from '../too-wide.ts'

interface LossRoutesOptions {
  readonly access: Access
  readonly losses: LossQueries
  readonly nowMs?: () => number
}

const MAX_NAMED = 1_000
const DEFAULT_NAMED = 100

const QuerySchema = Type.Object(
  {
    ...DEFAULT_RANGE_PROPERTIES,
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_NAMED,
        description: `Lost calls to name, newest first, default ${DEFAULT_NAMED}.`,
      }),
    ),
  },
  { additionalProperties: false },
)
const Reason = Type.Unsafe<LossReason>({ type: 'string', enum: [...LOSS_REASONS] })
const LedgerSchema = Type.Object({
  from: Type.String(),
  to: Type.String(),
  calls: Type.Integer({
    description: 'Calls that were let through, and reports of which the store refused a row.',
  }),
  lost: Type.Integer({
    description: 'Of these, calls whose observation is missing or broke off before the call did.',
  }),
  open: Type.Integer({
    description: 'Calls of which more may still be heard; not counted as lost.',
  }),
  coverage: Type.Unsafe<number | null>({
    type: ['number', 'null'],
    description:
      'Share of the calls that are not open which were wholly observed, 0 to 1; rounded down, so that it is 1 only where nothing was lost. Null where there are none.',
  }),
  envoyOnly: Type.Integer({
    description: 'Of the calls, those that Envoy reports and no gate let through.',
  }),
  differing: Type.Integer({
    description:
      'Of the calls, those of which the observer saw another status than Envoy sent; the record has Envoy’s.',
  }),
  windows: Type.Array(
    Type.Object({
      from: Type.String(),
      to: Type.String(),
      calls: Type.Integer(),
      lost: Type.Integer(),
      reasons: Type.Object(
        Object.fromEntries(LOSS_REASONS.map((reason) => [reason, Type.Integer()])),
      ),
    }),
    { description: 'Hours in which something was lost, newest first.' },
  ),
  losses: Type.Array(
    Type.Object({ requestId: Type.String(), createdAt: Type.String(), reason: Reason }),
    {
      description:
        'The lost calls, newest first, at most `limit`; `lost` counts all of them, a narrower range names the others.',
    },
  ),
})
const EXAMPLE = {
  from: '2025-05-04T00:00:00.000Z',
  to: '2025-05-05T00:00:00.000Z',
  calls: 12_400,
  lost: 1,
  open: 3,
  coverage: 0.999919,
  envoyOnly: 0,
  differing: 0,
  windows: [
    {
      from: '2025-05-04T14:00:00.000Z',
      to: '2025-05-04T15:00:00.000Z',
      calls: 610,
      lost: 1,
      reasons: {
        end_unknown: 0,
        not_observed: 1,
        observation_unfinished: 0,
        stream_lost: 0,
        observer_overloaded: 0,
        row_refused: 0,
      },
    },
  ],
  losses: [
    {
      requestId: '01969bac-e328-7a51-9f0e-2f1c6f3f8a11',
      createdAt: '2025-05-04T14:22:01.000Z',
      reason: 'not_observed' as const,
    },
  ],
}
const iso = (ms: number) => new Date(ms).toISOString()

/** `GET /v1/audit/losses`: the calls that were let through and not wholly observed. */
export function lossRoutes({
  access,
  losses,
  nowMs = Date.now,
}: LossRoutesOptions): FastifyPluginAsyncTypebox {
  const { onRequest, principalOf } = requireScope(access, 'read', 'events', 'admin')

  return async (api) => {
    api.get(
      '/v1/audit/losses',
      {
        onRequest,
        schema: {
          operationId: 'listLosses',
          summary: 'What was not seen',
          description:
            'Every call that was let through or that Envoy tells of, minus those that were observed: by hour and reason, with their ids. ' +
            'Any range; what takes longer than 5 seconds to read is 503 with reason `too_wide`, never a part of the ledger.',
          tags: ['audit'],
          security: [{ flintKey: [] }],
          querystring: QuerySchema,
          response: {
            200: {
              description: 'The ledger of the range.',
              content: {
                'application/json': {
                  schema: LedgerSchema,
                  examples: { example: { value: EXAMPLE } },
                },
              },
            },
            ...errorResponses(COMMON_ERRORS),
          },
        },
      },
      async (request) => {
        const { from, to, limit = DEFAULT_NAMED } = request.query
        const { fromMs, toMs } = withBothEnds(toTimeRange({ from, to }), nowMs())
        const ledger = await orTooWide(
          losses.losses({ org: principalOf(request).org, fromMs, toMs, limit }),
        )
        return {
          from: iso(fromMs),
          to: iso(toMs),
          calls: ledger.calls,
          lost: ledger.lost,
          open: ledger.open,
          coverage: coverageOf(ledger),
          envoyOnly: ledger.envoyOnly,
          differing: ledger.differing,
          windows: ledger.windows.map(({ calls, lost, reasons, ...window }) => ({
            from: iso(window.fromMs),
            to: iso(window.toMs),
            calls,
            lost,
            reasons,
          })),
          losses: ledger.losses.map(({ requestId, createdAtMs, reason }) => ({
            requestId,
            createdAt: iso(createdAtMs),
            reason,
          })),
        }
      },
    )
  }
}
