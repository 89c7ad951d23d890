import { Type } from 'typebox'
import { FilterQueryProperties } from '../audit/filter-query.ts'
import { FieldsSchema } from '../audit/record-fields.ts'
import { createCursorCodec } from '../cursor.ts'

export const LiveQuerySchema = Type.Object(
  { ...FilterQueryProperties, fields: FieldsSchema },
  { additionalProperties: false },
)

export const LiveHeadersSchema = Type.Object({
  'last-event-id': Type.Optional(
    Type.String({
      maxLength: 512,
      description:
        'The `id` of the last event that was received, as EventSource sends it: the stream goes on from there.',
    }),
  ),
})

/** The `id` of events: up to when, by the store's clock, everything came. */
export function createEventIds(secret: string | Buffer) {
  const codec = createCursorCodec(secret, {
    purpose: 'live',
    parameter: 'The header "last-event-id"',
    schema: Type.Object(
      { org: Type.String(), untilMs: Type.Integer({ minimum: 0 }) },
      { additionalProperties: false },
    ),
  })
  return {
    seal: (org: string, untilMs: number) => codec.seal({ org, untilMs }),
    /** Throws invalid_request. */
    untilMsOf: (text: string, org: string) => codec.open(text, org).untilMs,
  }
}
