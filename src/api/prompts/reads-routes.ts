import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Static, Type } from 'typebox'
import { FlintError } from '../../errors.ts'
import type { KeyAdmin } from '../../identity/key-admin.ts'
import type { Scope } from '../../identity/principal.ts'
import type { PromptReads } from '../../store/identity/prompt-reads.ts'
import type { UserNames } from '../../store/identity/user-names.ts'
import { type Access, requireScope } from '../authentication.ts'
import { createCursorCodec } from '../cursor.ts'
import { COMMON_ERRORS, errorResponses } from '../error-schemas.ts'
import { jsonExample } from '../json-example.ts'
import { namesOfKeys } from '../keys/key-names.ts'
import { namesOfUsers } from '../user-names.ts'
import { noPrompt, requestId } from './no-prompt.ts'
import type { PromptReader } from './prompt-reader.ts'

const MAX_LIMIT = 500
const DEFAULT_LIMIT = 100

const textOrNull = (description: string) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], description })
const ReadSchema = Type.Object({
  at: Type.String({ format: 'date-time', description: 'ISO 8601 with microseconds, UTC.' }),
  actor: Type.String({ description: 'Who read: id of a Flint key, `issuer#subject` of a user.' }),
  actorName: textOrNull(
    'Name of the key as it is now; of a user their e-mail address or name, `(unverified)` where the identity provider does not vouch for it.',
  ),
  reason: textOrNull('Why, as the reader said.'),
  attachment: textOrNull('SHA-256 of the attachment that was read; null: the prompt.'),
})
const PageSchema = Type.Object({
  count: Type.Integer({ description: 'All reads of the prompt and its attachments.' }),
  reads: Type.Unsafe<Static<typeof ReadSchema>[] | null>({
    anyOf: [Type.Array(ReadSchema), { type: 'null' }],
    description: 'Newest first; null without the scope `prompts`, `events` or `admin`.',
  }),
  nextCursor: textOrNull('Of the next page; null where there is none.'),
})
const QuerySchema = Type.Object(
  {
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_LIMIT,
        description: `Reads per page, default ${DEFAULT_LIMIT}.`,
      }),
    ),
    cursor: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 4096,
        description: '`nextCursor` of the page before, of the same record.',
      }),
    ),
  },
  { additionalProperties: false },
)
const CursorSchema = Type.Object({
  pk: Type.Object({ at: Type.String(), id: Type.String() }),
  org: Type.String(),
  requestId: Type.String(),
  limit: Type.Integer(),
})

export interface ReadsOfPrompts extends PromptReads {
  readonly admin: Pick<KeyAdmin, 'listKeys'>
  readonly users: UserNames
}

interface ReadsRoutesOptions {
  readonly access: Access
  readonly prompts: Pick<PromptReader, 'isKnown'>
  readonly reads: ReadsOfPrompts
  readonly cursorSecret: string | Buffer
}

/** Who is shown the readers by name. */
const SEEING: readonly Scope[] = ['prompts', 'events', 'admin']

/** `GET /v1/audit/prompt/:requestId/reads`: who read the prompt of a call, and why. */
export function readsRoutes({
  access,
  prompts,
  reads,
  cursorSecret,
}: ReadsRoutesOptions): FastifyPluginAsyncTypebox {
  const { onRequest, principalOf } = requireScope(access, ...SEEING, 'read')
  const cursors = createCursorCodec(cursorSecret, {
    purpose: 'cursor of reads',
    schema: CursorSchema,
  })

  return async (api) => {
    api.get(
      '/v1/audit/prompt/:requestId/reads',
      {
        onRequest,
        schema: {
          operationId: 'listPromptReads',
          summary: 'List who read the prompt of a call',
          description:
            'Reads of the prompt and of its attachments, newest first. A key with the scope `read` alone is answered how many there were.',
          tags: ['audit'],
          security: [{ flintKey: [] }],
          params: Type.Object({ requestId }),
          querystring: QuerySchema,
          response: {
            200: { description: 'One page.', content: jsonExample(PageSchema, EXAMPLE) },
            ...errorResponses([...COMMON_ERRORS, 'not_found']),
          },
        },
      },
      async (request) => {
        const { org, scopes } = principalOf(request)
        const record = { org, requestId: request.params.requestId }
        const { cursor: text, limit: wanted } = request.query
        const cursor = text === undefined ? null : cursors.open(text, org)
        if (cursor !== null && cursor.requestId !== record.requestId)
          throw new FlintError(
            'invalid_request',
            'The query parameter "cursor" is of another record.',
          )
        if (!(await prompts.isKnown(record))) throw noPrompt('unknown')
        const count = await reads.countReads(record)
        if (!SEEING.some((scope) => scopes.includes(scope)))
          return { count, reads: null, nextCursor: null }
        const limit = wanted ?? cursor?.limit ?? DEFAULT_LIMIT
        // One more than asked for shows whether there is a next page.
        const found = await reads.listReads({ ...record, before: cursor?.pk, limit: limit + 1 })
        const page = found.slice(0, limit)
        const last = page.at(-1)
        const [keys, users] = await Promise.all([
          namesOfKeys(reads.admin, org),
          namesOfUsers(reads.users, org),
        ])
        return {
          count,
          reads: page.map(({ at, actor, reason, attachment }) => ({
            at,
            actor,
            actorName: keys.get(actor) ?? users.get(actor) ?? null,
            reason,
            attachment,
          })),
          nextCursor:
            found.length > limit && last !== undefined
              ? cursors.seal({ pk: { at: last.at, id: last.id }, ...record, limit })
              : null,
        }
      },
    )
  }
}

const EXAMPLE: Static<typeof PageSchema> = {
  count: 1,
  reads: [
    {
      at: '2026-05-04T14:30:12.123456Z',
      actor: 'key_5f0c2a9be1d34c77',
      actorName: 'auditor',
      reason: 'ticket 17',
      attachment: null,
    },
  ],
  nextCursor: null,
}
