import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Static, Type } from 'typebox'
import { FlintError } from '../../errors.ts'
import { actedBy } from '../../identity/principal.ts'
import { toTag } from '../audit/tag-text.ts'
import { toTimeRange } from '../audit/time-range.ts'
import { type Access, requireScope } from '../authentication.ts'
import { createCursorCodec } from '../cursor.ts'
import { COMMON_ERRORS, errorResponses } from '../error-schemas.ts'
import { jsonExample } from '../json-example.ts'
import { NoQuerySchema } from '../keys/key-schemas.ts'
import type { Eraser } from './eraser.ts'

const ReceiptSchema = Type.Object({
  erasureId: Type.String({
    format: 'uuid',
    description: 'Names the act in its event and on its tombstones.',
  }),
  erased: Type.Integer({ description: 'Records that are gone.' }),
})
const RECEIPT_EXAMPLE: Static<typeof ReceiptSchema> = {
  erasureId: '019bf0a2-53f1-7c11-8d0e-7f6a1c2b3d4e',
  erased: 1,
}

const BodySchema = Type.Object(
  {
    promptHash: Type.Optional(
      Type.String({ pattern: '^[0-9a-f]{64}$', description: 'As it stands in the records.' }),
    ),
    keyId: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'Id of the Flint key that made the calls.',
      }),
    ),
    tag: Type.Optional(Type.String({ maxLength: 512, description: '`name:value`.' })),
    from: Type.Optional(Type.String({ description: 'Start, inclusive. ISO 8601.' })),
    to: Type.Optional(
      Type.String({
        description: 'End, exclusive; a date includes that day. ISO 8601. Default: now.',
      }),
    ),
    reason: Type.Optional(Type.String({ maxLength: 500, description: 'Kept in the receipt.' })),
    confirm: Type.Optional(
      Type.String({
        maxLength: 4096,
        description: '`confirm` of the dry run: without it nothing is erased.',
      }),
    ),
  },
  { additionalProperties: false, examples: [{ tag: 'customer:4711', reason: 'request of 3 May' }] },
)
const AnswerSchema = Type.Object({
  dryRun: Type.Boolean(),
  matched: Type.Integer({
    description: 'Records that the filter meets, held ones too; open calls count as well.',
  }),
  held: Type.Integer({ description: 'Of these, records that a legal hold keeps: they stay.' }),
  holds: Type.Array(Type.String({ format: 'uuid' }), {
    description: 'Ids of the legal holds that keep them.',
  }),
  confirm: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    description: 'Send it with the same filter to erase; good for an hour.',
  }),
  erasureId: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
  erased: Type.Unsafe<number | null>({ type: ['integer', 'null'] }),
})

const ConfirmationSchema = Type.Object({
  org: Type.String(),
  untilMs: Type.Integer(),
  filter: Type.Object({
    promptHash: Type.Optional(Type.String()),
    keyId: Type.Optional(Type.String()),
    tag: Type.Optional(Type.Object({ name: Type.String(), value: Type.String() })),
    fromMs: Type.Optional(Type.Integer()),
    toMs: Type.Integer(),
  }),
})

const CONFIRM_WITHIN_MS = 3_600_000

/** `DELETE /v1/audit/:requestId` and `POST /v1/audit/erasures`. */
export function erasuresRoutes({
  access,
  eraser,
  cursorSecret,
  nowMs = Date.now,
}: {
  access: Access
  eraser: Eraser
  cursorSecret: string | Buffer
  nowMs?: () => number
}): FastifyPluginAsyncTypebox {
  const { onRequest, principalOf } = requireScope(access, 'admin')
  const confirmations = createCursorCodec(cursorSecret, {
    purpose: 'erasure confirmation',
    schema: ConfirmationSchema,
    parameter: 'The field "confirm"',
  })

  return async (api) => {
    api.delete(
      '/v1/audit/:requestId',
      {
        onRequest,
        schema: {
          operationId: 'eraseRecord',
          summary: 'Erase one record',
          description:
            'Record, prompt and completion, for good: a tombstone keeps late evidence from bringing it back, an event is the receipt. ' +
            'No one sees it from now on; it is off the disks within about ten minutes. A record that a legal hold keeps is not erased: 409 with reason `held`.',
          tags: ['audit'],
          security: [{ flintKey: [] }],
          params: Type.Object({
            requestId: Type.String({ description: 'requestId of the record.' }),
          }),
          querystring: Type.Object(
            {
              reason: Type.Optional(
                Type.String({ maxLength: 500, description: 'Kept in the receipt.' }),
              ),
            },
            { additionalProperties: false },
          ),
          response: {
            200: {
              description: 'The receipt.',
              content: jsonExample(ReceiptSchema, RECEIPT_EXAMPLE),
            },
            ...errorResponses([...COMMON_ERRORS, 'not_found', 'conflict']),
          },
        },
      },
      async (request) => {
        const principal = principalOf(request)
        const requestId = request.params.requestId.toLowerCase()
        const receipt = RECORD_ID.test(requestId)
          ? await eraser.erase({
              org: principal.org,
              ...actedBy(principal),
              filter: { requestId },
              reason: request.query.reason ?? null,
            })
          : null
        if (receipt === null || receipt.matched === 0)
          throw new FlintError('not_found', 'There is no record with this id.')
        const { erasureId, erased, holds } = receipt
        if (erasureId === null || erased === 0)
          throw new FlintError(
            'conflict',
            `The record is kept by a legal hold: ${holds.join(', ')}. Release it first.`,
            { reason: 'held' },
          )
        return { erasureId, erased }
      },
    )

    api.post(
      '/v1/audit/erasures',
      {
        onRequest,
        schema: {
          operationId: 'eraseRecords',
          summary: 'Erase records by prompt hash, key, tag or time',
          description:
            'Every member narrows. First a dry run: it says how many records are meant and answers `confirm`; the same filter with it erases ' +
            'them. Calls made after the dry run are never meant. What a legal hold keeps is left out and counted.',
          tags: ['audit'],
          security: [{ flintKey: [] }],
          querystring: NoQuerySchema,
          body: BodySchema,
          response: {
            200: {
              description: 'How many are meant, or the receipt.',
              content: jsonExample(AnswerSchema, {
                dryRun: true,
                matched: 12,
                held: 0,
                holds: [],
                confirm: 'eyJvcmci…',
                erasureId: null,
                erased: null,
              }),
            },
            ...errorResponses(COMMON_ERRORS),
          },
        },
      },
      async (request) => {
        const principal = principalOf(request)
        const { org } = principal
        const { confirm, reason = null, promptHash, keyId: ofKey, tag, from, to } = request.body
        const { fromMs, toMs } = toTimeRange({ from, to }, { place: 'field' })
        const part = {
          ...(promptHash === undefined ? {} : { promptHash }),
          ...(ofKey === undefined ? {} : { keyId: ofKey }),
          ...(tag === undefined ? {} : { tag: toTag(tag, 'field') }),
          ...(fromMs === undefined ? {} : { fromMs }),
        }
        if (Object.keys(part).length === 0 && toMs === undefined)
          throw new FlintError(
            'invalid_request',
            'Name what to erase: promptHash, keyId, tag, from or to.',
          )
        if (confirm === undefined) {
          const atMs = nowMs()
          const filter = { ...part, toMs: Math.min(toMs ?? atMs, atMs) }
          const counted = await eraser.count(org, filter)
          return {
            dryRun: true,
            ...counted,
            holds: [...counted.holds],
            confirm:
              counted.matched === counted.held
                ? null
                : confirmations.seal({ org, untilMs: atMs + CONFIRM_WITHIN_MS, filter }),
            erasureId: null,
            erased: null,
          }
        }
        const { untilMs, filter } = confirmations.open(confirm, org)
        const { toMs: boundMs, ...confirmed } = filter
        const isSame =
          JSON.stringify(confirmed) === JSON.stringify(part) &&
          (toMs === undefined || Math.min(toMs, boundMs) === boundMs)
        if (!isSame)
          throw new FlintError(
            'invalid_request',
            'The field "confirm" is of another filter: repeat the filter as it was.',
          )
        if (nowMs() > untilMs)
          throw new FlintError(
            'invalid_request',
            'The field "confirm" is older than an hour: make a new dry run.',
          )
        const receipt = await eraser.erase({ org, ...actedBy(principal), filter, reason })
        return { dryRun: false, ...receipt, holds: [...receipt.holds], confirm: null }
      },
    )
  }
}

const RECORD_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i
