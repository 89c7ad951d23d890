import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { FlintError } from '../../errors.ts'
import { DAY_MS } from '../../evidence/day.ts'
import { HOLD_LIMITS, type HoldAdmin } from '../../identity/hold-admin.ts'
import { actedBy } from '../../identity/principal.ts'
import { type HeldCalls, keepsEverything } from '../../store/evidence/held-calls.ts'
import { holdsInForce, toHoldInForce } from '../../store/identity/holds-in-force.ts'
import type { HoldRow } from '../../store/identity/identity-rows.ts'
import { toCallFilter } from '../audit/filter-query.ts'
import { type Access, requireScope } from '../authentication.ts'
import { COMMON_ERRORS, errorResponses } from '../error-schemas.ts'
import { jsonExample } from '../json-example.ts'
import { NoQuerySchema } from '../keys/key-schemas.ts'
import { ReasonSchema } from '../reason-schema.ts'
import { isTooWide } from '../too-wide.ts'
import {
  HOLD_EXAMPLE,
  HoldRef,
  PlaceHoldSchema,
  type PublicHold,
  toPublicHold,
} from './hold-schemas.ts'

/** What the API needs to place, show and release legal holds. */
export interface ApiHolds {
  readonly admin: HoldAdmin
  readonly held: Pick<HeldCalls, 'countBefore'>
  /** Makes this machine's own processes know the change at once. */
  refreshDirectory(): Promise<void>
}

const ListSchema = Type.Object({
  holds: Type.Array(HoldRef, { description: 'Newest first, released ones too.' }),
  keptBeyondRetention: Type.Unsafe<number | null>({
    type: ['integer', 'null'],
    description:
      'Calls past their retention time that are there only because they are held. Null where counting takes longer than 5 s.',
  }),
})
const common = { tags: ['holds'], security: [{ flintKey: [] }] }

/** `/v1/holds`: what is kept whatever retention and erasure say. */
export function holdsRoutes({
  access,
  holds,
  retentionDaysOf,
}: {
  access: Access
  holds: ApiHolds
  retentionDaysOf: (org: string) => number
}): FastifyPluginAsyncTypebox {
  const { onRequest, principalOf } = requireScope(access, 'admin')
  const looking = requireScope(access, 'events', 'admin')

  async function keptBeyondRetention(org: string, rows: readonly HoldRow[]) {
    const inForce = holdsInForce(rows, org)
    if (inForce.length === 0) return 0
    try {
      return await holds.held.countBefore(org, Date.now() - retentionDaysOf(org) * DAY_MS, inForce)
    } catch (error) {
      if (isTooWide(error)) return null
      throw error
    }
  }

  return async (api) => {
    api.get(
      '/v1/holds',
      {
        onRequest: looking.onRequest,
        schema: {
          ...common,
          operationId: 'listHolds',
          summary: 'List the legal holds of the organisation',
          description: 'Scope `events` or `admin`.',
          querystring: NoQuerySchema,
          response: {
            200: {
              description: 'All of them.',
              content: jsonExample(ListSchema, { holds: [HOLD_EXAMPLE], keptBeyondRetention: 12 }),
            },
            ...errorResponses(COMMON_ERRORS),
          },
        },
      },
      async (request) => {
        const { org } = looking.principalOf(request)
        const rows = await holds.admin.list(org)
        return {
          holds: rows.map(shown),
          keptBeyondRetention: await keptBeyondRetention(org, rows),
        }
      },
    )

    api.post(
      '/v1/holds',
      {
        onRequest,
        schema: {
          ...common,
          operationId: 'placeHold',
          summary: 'Place a legal hold',
          description:
            'From now on no record that meets it is erased or removed by age, nor its prompt; records to come are held too. It asks for the record as it is at the time. ' +
            'While an organisation has a hold, its records past their time that are still there can be read. ' +
            `At most ${HOLD_LIMITS.holds} in force, whose filters are ${HOLD_LIMITS.conditionBytes} bytes together.`,
          querystring: NoQuerySchema,
          body: PlaceHoldSchema,
          response: {
            201: { description: 'Placed.', content: jsonExample(HoldRef, HOLD_EXAMPLE) },
            ...errorResponses([...COMMON_ERRORS, 'conflict']),
          },
        },
      },
      async (request, reply) => {
        const principal = principalOf(request)
        const { org, scopes } = principal
        const { reason, filter } = request.body
        const conditions =
          filter === undefined ? null : toCallFilter(filter, scopes, 'member of "filter"')
        // A zone alone narrows nothing.
        if (conditions !== null && Object.keys(conditions).length === 0)
          throw new FlintError('invalid_request', 'The field "filter" names nothing to hold.')
        const placed = await holds.admin.place({
          ...{ org, ...actedBy(principal), reason, conditions },
          filter: filter ?? null,
        })
        if (placed === 'too_many')
          throw new FlintError(
            'conflict',
            `At most ${HOLD_LIMITS.holds} holds can be in force, whose filters are ${HOLD_LIMITS.conditionBytes} bytes together: release one first.`,
            { reason: 'too_many_holds' },
          )
        // It is durable by then: a store that has just gone away must not make it look failed.
        await holds.refreshDirectory().catch(() => undefined)
        return reply.code(201).send(shown(placed))
      },
    )

    api.delete(
      '/v1/holds/:id',
      {
        onRequest,
        schema: {
          ...common,
          operationId: 'releaseHold',
          summary: 'Release a legal hold',
          description:
            'What is past its time and held by no other goes with the next run of retention. Released before: the answer shows that release.',
          params: Type.Object({
            id: Type.String({ description: 'Id of the hold.', examples: [HOLD_EXAMPLE.id] }),
          }),
          querystring: Type.Object({ reason: ReasonSchema }, { additionalProperties: false }),
          response: {
            200: {
              description: 'The hold as it was.',
              content: jsonExample(HoldRef, {
                ...HOLD_EXAMPLE,
                releasedAt: '2026-09-01T09:00:00.000Z',
                releasedBy: HOLD_EXAMPLE.placedBy,
                releaseReason: 'Case closed',
              }),
            },
            ...errorResponses([...COMMON_ERRORS, 'not_found']),
          },
        },
      },
      async (request) => {
        const principal = principalOf(request)
        const released = await holds.admin.release({
          ...{ org: principal.org, ...actedBy(principal) },
          ...{ id: request.params.id, reason: request.query.reason },
        })
        if (released === 'not_found')
          throw new FlintError('not_found', 'There is no hold with this id.')
        await holds.refreshDirectory().catch(() => undefined)
        return shown(released)
      },
    )
  }
}

function shown(row: HoldRow): PublicHold {
  return toPublicHold(row, keepsEverything([toHoldInForce(row)]))
}
