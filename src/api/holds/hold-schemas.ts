import { type Static, Type } from 'typebox'
import type { HoldRow } from '../../store/identity/identity-rows.ts'
import { FilterQueryProperties } from '../audit/filter-schema.ts'
import { ReasonSchema } from '../reason-schema.ts'

const nullableText = (description: string) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], description })

export const HoldSchema = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    reason: Type.String(),
    filter: Type.Unsafe<Readonly<Record<string, unknown>> | null>({
      type: ['object', 'null'],
      additionalProperties: true,
      description: 'As it was given; null: everything of the organisation.',
    }),
    holdsEverything: Type.Boolean({
      description:
        'There is no filter, or a newer version placed one that this version does not know: then everything of the organisation is held.',
    }),
    placedAt: Type.String({ format: 'date-time', description: 'ISO 8601, UTC.' }),
    placedBy: Type.String({ description: 'Id of the Flint key that placed it.' }),
    releasedAt: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      format: 'date-time',
      description: 'Null while it is in force.',
    }),
    releasedBy: nullableText('Id of the Flint key that released it.'),
    releaseReason: nullableText('Why it was released.'),
  },
  { $id: 'Hold', description: 'A legal hold: what it meets is neither erased nor removed by age.' },
)
export type PublicHold = Static<typeof HoldSchema>
export const HoldRef = Type.Unsafe<PublicHold>({ $ref: 'Hold#' })

export const HOLD_EXAMPLE: PublicHold = {
  id: '019bf0a2-53f1-7c11-8d0e-7f6a1c2b3d4e',
  reason: 'Case 2026-17',
  filter: { tag: ['customer:4711'], from: '2026-01-01' },
  holdsEverything: false,
  placedAt: '2026-05-04T14:22:01.000Z',
  placedBy: 'key_5f0c2a9be1d34c77',
  releasedAt: null,
  releasedBy: null,
  releaseReason: null,
}

export const PlaceHoldSchema = Type.Object(
  {
    reason: ReasonSchema,
    filter: Type.Optional(
      Type.Object(FilterQueryProperties, {
        additionalProperties: false,
        minProperties: 1,
        description:
          'The filters of `GET /v1/audit`, values as lists. Left out: everything of the organisation, calls to come too.',
      }),
    ),
  },
  {
    additionalProperties: false,
    examples: [
      { reason: 'Case 2026-17', filter: { tag: ['customer:4711'], from: '2026-01-01' } },
      { reason: 'Audit of the year' },
    ],
  },
)

/** By name: what is added later does not appear by itself. */
export function toPublicHold(row: HoldRow, holdsEverything: boolean): PublicHold {
  const { id, reason, filter, placedAt, placedBy, releasedAt, releasedBy, releaseReason } = row
  return {
    ...{ id, reason, filter, holdsEverything, placedAt, placedBy },
    ...{ releasedAt, releasedBy, releaseReason },
  }
}
