import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { ContentDocument } from '../../content/content-document.ts'
import { FlintError } from '../../errors.ts'
import { FairSlots } from '../../fair/fair-slots.ts'
import { actedBy } from '../../identity/principal.ts'
import { type Access, requireScope } from '../authentication.ts'
import { COMMON_ERRORS, errorResponses } from '../error-schemas.ts'
import { jsonExample } from '../json-example.ts'
import { jsonPieces } from '../json-pieces.ts'
import { addAttachmentRoute, type ReaderOfPrompts } from './attachment-route.ts'
import { noPrompt, reason, requestId, WHY_NO_PROMPT } from './no-prompt.ts'
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
    reason,
  },
  { additionalProperties: false },
)

/**
 * A document may take tens of megabytes: a few are read at a time, until the last byte of their
 * answers has gone.
 */
export function promptSlots(): FairSlots {
  return new FairSlots({ max: 4, maxPerOrg: 2, maxWaitingPerOrg: 32 })
}

/**
 * `GET /v1/audit/prompt/:requestId`: the full prompt and completion of one call. Every read is an
 * event.
 */
export function promptRoutes({
  access,
  prompts,
  slots,
}: {
  access: Access
  prompts: PromptReader
  slots: FairSlots
}): FastifyPluginAsyncTypebox {
  const { onRequest, principalOf } = requireScope(access, 'prompts')
  const reader: ReaderOfPrompts = {
    onRequest,
    prompts,
    async turn(request, reply) {
      const principal = principalOf(request)
      const { org } = principal
      const left = new AbortController()
      reply.raw.once('close', () => left.abort(new FlintError('rate_limited')))
      const giveBack = await slots.take(org, left.signal)
      reply.raw.once('close', giveBack)
      return { org, ...actedBy(principal) }
    },
  }

  return async (api) => {
    addAttachmentRoute(api, reader)
    api.get(
      '/v1/audit/prompt/:requestId',
      {
        onRequest,
        schema: {
          operationId: 'getPrompt',
          summary: 'Get the full prompt and completion of a call',
          description: WHY_NO_PROMPT,
          tags: ['audit'],
          security: [{ flintKey: [] }],
          params: Type.Object({ requestId }),
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
        const { include, reason: said = null } = request.query
        const who = await reader.turn(request, reply)
        const found = await prompts.read({
          ...who,
          requestId: request.params.requestId,
          reason: said,
        })
        if (typeof found === 'string') throw noPrompt(found)
        const document = include === 'all' ? whole(found) : short(found)
        return reply
          .type('application/json; charset=utf-8')
          .send(Readable.from(jsonPieces(document)))
      },
    )
  }
}

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
