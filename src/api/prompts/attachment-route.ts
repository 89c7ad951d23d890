import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { Type } from 'typebox'
import type { Acted } from '../../identity/events.ts'
import { COMMON_ERRORS, errorResponses } from '../error-schemas.ts'
import { noPrompt, reason, requestId, WHY_NO_PROMPT } from './no-prompt.ts'
import type { PromptReader } from './prompt-reader.ts'

/** What routes that read prompts share. */
export interface ReaderOfPrompts {
  readonly onRequest: onRequestAsyncHookHandler
  readonly prompts: PromptReader
  /** Who reads, once it is their turn; it ends with the answer. */
  turn(request: FastifyRequest, reply: FastifyReply): Promise<Acted & { readonly org: string }>
}

const OTHER_TYPE = 'application/octet-stream'
const BytesSchema = Type.Unsafe<Buffer>({ type: 'string', format: 'binary' })
/** What a browser may be shown, and runs nothing: neither SVG nor HTML. */
const SHOWN_TYPES: readonly string[] = [
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'application/pdf',
  'audio/aac',
  'audio/flac',
  'audio/l16',
  'audio/mp3',
  'audio/mp4',
  'audio/mpeg',
  'audio/ogg',
  'audio/opus',
  'audio/pcm',
  'audio/wav',
  'audio/webm',
  'audio/x-wav',
]

/** The type that an attachment is answered as, whatever the call named. */
function answeredType(mediaType: string | null): string {
  const name = mediaType?.split(';', 1)[0]?.trim().toLowerCase()
  return SHOWN_TYPES.find((type) => type === name) ?? OTHER_TYPE
}

/**
 * `GET /v1/audit/prompt/:requestId/attachments/:sha256`: the bytes of one attachment. Every read is
 * an event.
 */
export function addAttachmentRoute(
  api: Parameters<FastifyPluginAsyncTypebox>[0],
  { onRequest, prompts, turn }: ReaderOfPrompts,
): void {
  api.get(
    '/v1/audit/prompt/:requestId/attachments/:sha256',
    {
      onRequest,
      schema: {
        operationId: 'getAttachment',
        summary: 'Get the bytes of what prompt or answer carried',
        description:
          'Always a download: `Content-Disposition: attachment`, `Content-Security-Policy: sandbox`, `X-Content-Type-Options: nosniff`; ' +
          `of a type that is not a plain image, sound or PDF, \`${OTHER_TYPE}\`. ${WHY_NO_PROMPT} Besides: \`unknown_attachment\`, \`attachment_not_kept\` (there was no space for its bytes).`,
        tags: ['audit'],
        security: [{ flintKey: [] }],
        params: Type.Object({
          requestId,
          sha256: Type.String({ description: 'Of its bytes, hex, as the prompt names it.' }),
        }),
        querystring: Type.Object({ reason }, { additionalProperties: false }),
        response: {
          200: {
            description: 'Its bytes.',
            content: { [OTHER_TYPE]: { schema: BytesSchema } },
          },
          ...errorResponses([...COMMON_ERRORS, 'not_found']),
        },
      },
    },
    async (request, reply) => {
      const who = await turn(request, reply)
      const { reason: said = null } = request.query
      const found = await prompts.readAttachment({ ...who, ...request.params, reason: said })
      if (typeof found === 'string') throw noPrompt(found)
      return reply
        .type(answeredType(found.mediaType))
        .header('content-disposition', 'attachment')
        .header('content-security-policy', 'sandbox')
        .send(found.body)
    },
  )
}
