import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { ContentDocument } from '../../content/content-document.ts'
import { FlintError } from '../../errors.ts'
import { FairSlots } from '../../fair/fair-slots.ts'
import { type Access, requireScope } from '../authentication.ts'
import { COMMON_ERRORS, errorResponses } from '../error-schemas.ts'
import { jsonExample } from '../json-example.ts'
import { jsonPieces } from '../json-pieces.ts'
import { promptMessages } from './prompt-messages.ts'
import type { PromptReader } from './prompt-reader.ts'
import { PromptSchema, type PublicPrompt } from './prompt-schema.ts'

const QuerySchema = Type.Object(
  {
    include: Type.Optional(
      Type.Unsafe<'all'>({
        type: 'string',
        enum: ['all'],
        description: '`all`: messages, tool calls, attachments and what was cut short as well.',
      }),
    ),
    reason: Type.Optional(
      Type.String({
        maxLength: 500,
        description: 'Why you read it; kept in the event of the read.',
      }),
    ),
  },
  { additionalProperties: false },
)

/**
 * `GET /v1/audit/prompt/:requestId`: the full prompt and completion of one call. Every read is an
 * event.
 */
export function promptRoutes({
  access,
  prompts,
}: {
  access: Access
  prompts: PromptReader
}): FastifyPluginAsyncTypebox {
  // A document may take tens of megabytes: a few at a time, until the last byte of their answers
  // has gone.
  const slots = new FairSlots({ max: 4, maxPerOrg: 2, maxWaitingPerOrg: 32 })
  const { onRequest, principalOf } = requireScope(access, 'prompts')

  return async (api) => {
    api.get(
      '/v1/audit/prompt/:requestId',
      {
        onRequest,
        schema: {
          operationId: 'getPrompt',
          summary: 'Get the full prompt and completion of a call',
          description:
            'Where there is none, 404 says why in `reason`: `unknown` (no such record), `capture_off` (prompt capture was off), `no_content` (the ' +
            'call had no text), `not_readable` (its request was in no form that Flint reads, or for an endpoint that it does not know, or it was a websocket that carried sound alone), `not_yet_stored`, `not_kept` (there was no room for it), `expired`, `missing` (the object is gone from the ' +
            'store), `altered` (the object is not the one that was written).',
          tags: ['audit'],
          security: [{ flintKey: [] }],
          params: Type.Object({
            requestId: Type.String({ description: 'requestId of the record.' }),
          }),
          querystring: QuerySchema,
          response: {
            200: {
              description: 'What was kept.',
              content: jsonExample(PromptSchema, {
                prompt: 'Summarise this contract in 3 bullets.\n\nContract text...',
                completion: '1. Payment terms are net-30.\n2. ...',
                provider: 'openai',
                model: 'gpt-4o',
              }),
            },
            ...errorResponses([...COMMON_ERRORS, 'not_found']),
          },
        },
      },
      async (request, reply) => {
        const { org, keyId } = principalOf(request)
        const { include, reason = null } = request.query
        const left = new AbortController()
        reply.raw.once('close', () => left.abort(new FlintError('rate_limited')))
        const giveBack = await slots.take(org, left.signal)
        reply.raw.once('close', giveBack)
        const found = await prompts.read({
          org,
          actor: keyId,
          requestId: request.params.requestId,
          reason,
        })
        if (typeof found === 'string')
          throw new FlintError('not_found', WHY_NOT[found], { reason: found })
        const document = include === 'all' ? whole(found) : short(found)
        return reply
          .type('application/json; charset=utf-8')
          .send(Readable.from(jsonPieces(document)))
      },
    )
  }
}

const WHY_NOT = {
  unknown: 'There is no record with this id.',
  capture_off: 'Prompt capture was off when this call was made.',
  no_content: 'This call had no text that could be kept.',
  not_readable:
    'The text of this call could not be read: its body was in no known form, its endpoint is not known, or it was a websocket that carried sound alone.',
  not_yet_stored: 'The prompt is on its way to the store: ask again in a moment.',
  not_kept: 'There was no space to keep this prompt when the call was made; its record says so.',
  expired: 'The prompt was kept as long as contentRetentionDays says, and is gone.',
  missing: 'The object that holds this prompt is not in the store any more.',
  altered: 'The object that holds this prompt was altered after it was written: it is not shown.',
} as const

const short = ({ prompt, completion, provider, model }: ContentDocument): PublicPrompt => ({
  prompt,
  completion,
  provider,
  model,
})

function whole(document: ContentDocument): PublicPrompt {
  const { requestId, endpoint, promptTruncated, completionTruncated, toolCalls, attachments } =
    document
  return {
    ...short(document),
    requestId,
    endpoint,
    promptTruncated,
    completionTruncated,
    ...promptMessages(document),
    toolCalls: [...toolCalls],
    attachments: attachments.map(({ direction = 'request', kind, mediaType, ...attachment }) => {
      const { sha256, bytes, key } = attachment
      return { direction, kind, mediaType, sha256, bytes, key }
    }),
  }
}
