import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Static, Type } from 'typebox'
import { FlintError } from '../../errors.ts'
import { actedBy, actorOf, type Named, type Principal } from '../../identity/principal.ts'
import { type SessionAdmin, startedBy } from '../../identity/session-admin.ts'
import type { ActiveSession, SessionDirectory } from '../../identity/session-directory.ts'
import { type Access, requireScope } from '../authentication.ts'
import { COMMON_ERRORS, errorResponses } from '../error-schemas.ts'
import { jsonExample } from '../json-example.ts'
import { NullableUser, toPublicUser } from '../user-schema.ts'

/** What the API needs to list and end sessions. */
export interface ApiSessions {
  readonly directory: Pick<SessionDirectory, 'activeOf'>
  readonly admin: Pick<SessionAdmin, 'end'>
  /** Makes this API's own directory know an end at once. */
  readonly refreshDirectory: () => Promise<void>
}

const time = (description: string) => Type.String({ format: 'date-time', description })
const SessionSchema = Type.Object({
  id: Type.String(),
  keyId: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    description: 'Key that the session stands for; null: it is a user’s.',
  }),
  user: NullableUser('Who signed in by the identity provider; null: a key was signed in with.'),
  isOwn: Type.Boolean({ description: 'Of the key or user that asks.' }),
  isCurrent: Type.Boolean({ description: 'The session that asks.' }),
  startedAt: time('ISO 8601.'),
  startedBy: Type.Unsafe<ReturnType<typeof startedBy>>({
    type: 'string',
    enum: ['key', 'link', 'oidc'],
    description: 'The key itself, a one-time link, or the identity provider.',
  }),
  lastUsedAt: time('To the minute.'),
  idleEndsAt: time('When it ends unless it is used.'),
  endsAt: time('When it ends in any case.'),
})
const ListSchema = Type.Object({
  sessions: Type.Array(SessionSchema, { description: 'The one used last comes first.' }),
})
const EXAMPLE: Static<typeof SessionSchema> = {
  id: 'ses_5f0c2a9be1d34c77',
  keyId: 'key_5f0c2a9be1d34c77',
  user: null,
  isOwn: true,
  isCurrent: false,
  startedAt: '2026-05-04T08:00:00.000Z',
  startedBy: 'key',
  lastUsedAt: '2026-05-04T09:12:00.000Z',
  idleEndsAt: '2026-05-04T09:42:00.000Z',
  endsAt: '2026-05-04T20:00:00.000Z',
}
const ParamsSchema = Type.Object({
  id: Type.String({ description: 'Id of the session.', examples: [EXAMPLE.id] }),
})
const NoQuerySchema = Type.Object({}, { additionalProperties: false })

/** `GET /v1/sessions`, `DELETE /v1/sessions/{id}`: who is signed in to the dashboard. */
export function sessionsRoutes({
  access,
  sessions,
}: {
  access: Access
  sessions: ApiSessions
}): FastifyPluginAsyncTypebox {
  const { onRequest, principalOf } = requireScope(access, 'read', 'prompts', 'events', 'admin')
  const { directory, admin, refreshDirectory } = sessions
  const common = { tags: ['keys'], security: [{ flintKey: [] }], querystring: NoQuerySchema }

  /** An auditor and an administrator see all of the organisation, others their own. */
  const seenBy = (principal: Principal) => {
    const seesAll = ['events' as const, 'admin' as const].some((scope) =>
      principal.scopes.includes(scope),
    )
    return directory
      .activeOf(principal.org)
      .filter((session) => seesAll || isOwn(session, principal))
  }

  return async (api) => {
    api.get(
      '/v1/sessions',
      {
        onRequest,
        schema: {
          ...common,
          operationId: 'listSessions',
          summary: 'List who is signed in to the dashboard',
          description:
            'Sessions of the key or user that asks; with the scope `events` or `admin` all of the organisation.',
          response: {
            200: {
              description: 'Every session that has not ended.',
              content: jsonExample(ListSchema, { sessions: [EXAMPLE] }),
            },
            ...errorResponses(COMMON_ERRORS),
          },
        },
      },
      async (request) => {
        const principal = principalOf(request)
        const seen = seenBy(principal).toSorted(
          (one, other) => other.lastUsedAtMs - one.lastUsedAtMs,
        )
        return { sessions: seen.map((session) => listed(session, principal)) }
      },
    )

    api.delete(
      '/v1/sessions/:id',
      {
        onRequest,
        schema: {
          ...common,
          operationId: 'endSession',
          summary: 'End a session',
          description:
            'One’s own, or with the scope `admin` any of the organisation. It has ended on every API within two seconds.',
          params: ParamsSchema,
          response: {
            204: { description: 'Ended.', type: 'null' },
            ...errorResponses([...COMMON_ERRORS, 'not_found']),
          },
        },
      },
      async (request, reply) => {
        const principal = principalOf(request)
        const found = seenBy(principal).find(({ session }) => session.id === request.params.id)
        if (found === undefined)
          throw new FlintError('not_found', 'There is no session with this id, or it has ended.')
        const { session } = found
        if (!isOwn(found, principal) && !principal.scopes.includes('admin'))
          throw new FlintError('forbidden', 'Sessions of others are ended with the scope "admin".')
        await admin.end({ session, ...actedBy(principal) })
        await refreshDirectory().catch(() => undefined)
        return reply.code(204).send(null)
      },
    )
  }
}

function isOwn({ principal }: ActiveSession, asking: Named): boolean {
  return actorOf(principal) === actorOf(asking)
}

function listed(active: ActiveSession, asking: Principal): Static<typeof SessionSchema> {
  const { session, lastUsedAtMs, idleEndsAtMs, endsAtMs } = active
  const iso = (ms: number) => new Date(ms).toISOString()
  return {
    id: session.id,
    keyId: session.keyId,
    user: session.user && toPublicUser(session.user),
    isOwn: isOwn(active, asking),
    isCurrent: session.id === asking.session?.id,
    startedAt: session.startedAt,
    startedBy: startedBy(session),
    lastUsedAt: iso(lastUsedAtMs),
    idleEndsAt: iso(idleEndsAtMs),
    endsAt: iso(endsAtMs),
  }
}
