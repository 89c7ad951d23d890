import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { FlintError } from '../../errors.ts'
import type { KeyPrincipal, Principal } from '../../identity/principal.ts'
import { type Access, requireScope } from '../authentication.ts'
import { COMMON_ERRORS, errorResponses } from '../error-schemas.ts'
import { BodyBudget } from './body-budget.ts'
import { decoderOf } from './content-encoding.ts'
import { ReportBodySchema, ReportedSchema } from './report-body.ts'
import type { Reporter } from './reporter.ts'

interface ReportRoutesOptions {
  readonly access: Access
  readonly reporter: Reporter
  /**
   * Bytes of report bodies that may be here at once; beyond it clients are asked to come back
   * later.
   */
  readonly budget?: BodyBudget
}

/** As it comes, and decoded. */
const MAX_BODY_BYTES = 32 * 1024 * 1024
const UNDECODABLE = 'The body is not what its content-encoding says.'

/** Only keys have the scope; what a record names is always one. */
function keyOf(principal: Principal): KeyPrincipal {
  if ('keyId' in principal) return principal
  throw new FlintError('forbidden', 'Calls are reported with a Flint key.')
}

/** `POST /v1/audit/report`: the client-side mode of the users' guide. */
export function reportRoutes({
  access,
  reporter,
  budget = new BodyBudget({ maxBytes: 8 * MAX_BODY_BYTES, maxBytesPerOrg: 2 * MAX_BODY_BYTES }),
}: ReportRoutesOptions): FastifyPluginAsyncTypebox {
  const { onRequest, principalOf } = requireScope(access, 'report')

  return async (api) => {
    api.post(
      '/v1/audit/report',
      {
        bodyLimit: MAX_BODY_BYTES,
        onRequest: [
          onRequest,
          async (request) => {
            // Said before the body is read: Node then reads the rest away, where Fastify's own
            // limit would cut the connection.
            if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES)
              throw new FlintError(
                'invalid_request',
                `The body is larger than ${MAX_BODY_BYTES} bytes.`,
              )
          },
        ],
        preParsing: async (request, reply, payload) => {
          const decoder = decoderOf(request.headers['content-encoding'])
          const counted = budget.count(principalOf(request).org)
          const { free } = counted
          // Fastify holds the length on the wire against content-length, and the decoded one
          // against bodyLimit.
          const through = Object.assign(counted.through, { receivedEncodedLength: 0 })
          payload.on('data', (chunk: Buffer) => {
            through.receivedEncodedLength += chunk.length
          })
          reply.raw.once('close', free)
          // Over the budget the rest is read away, so that the answer reaches its client; a body
          // that breaks off ends here.
          through.once('error', () => payload.resume())
          if (decoder === null) {
            payload.once(
              'close',
              () =>
                through.writableEnded ||
                through.destroy(new FlintError('invalid_request', 'The body broke off.')),
            )
            return payload.pipe(through)
          }
          // A decoder ends with an error where its input broke off.
          payload.once('close', () => decoder.end())
          decoder.once('error', () =>
            through.destroy(new FlintError('invalid_request', UNDECODABLE)),
          )
          through.once('close', () => decoder.destroy())
          payload.pipe(decoder).pipe(through)
          return through
        },
        schema: {
          operationId: 'reportCall',
          summary: 'Report a call that was made directly',
          description:
            'For calls that do not pass the proxy: tokens, model and cost are read from the response as the proxy would. Answered once the record is durable; it is listed within about a second, with source `client`.',
          tags: ['audit'],
          security: [{ flintKey: [] }],
          headers: Type.Object({
            'idempotency-key': Type.Optional(
              Type.String({
                minLength: 1,
                maxLength: 256,
                description: 'The same key and body make one record; another body is a conflict.',
              }),
            ),
          }),
          body: ReportBodySchema,
          response: {
            202: {
              description: 'Recorded.',
              content: { 'application/json': { schema: ReportedSchema } },
            },
            ...errorResponses([...COMMON_ERRORS, 'conflict']),
          },
        },
      },
      async (request, reply) => {
        const made = await reporter.report(
          keyOf(principalOf(request)),
          request.body,
          request.headers['idempotency-key'] ?? null,
        )
        return reply.code(202).send(made)
      },
    )
  }
}
