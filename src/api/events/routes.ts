import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Static, Type } from 'typebox'
import { EVENT_ACTIONS, type EventAction } from '../../identity/events.ts'
import type { ListedEvent } from '../../store/identity/identity-event.ts'
import type { IdentityLog } from '../../store/identity/identity-log.ts'
import type { UserNames } from '../../store/identity/user-names.ts'
import { toTimeRange } from '../audit/time-range.ts'
import { type Access, requireScope } from '../authentication.ts'
import { createCursorCodec } from '../cursor.ts'
import { COMMON_ERRORS, errorResponses } from '../error-schemas.ts'
import { jsonExample } from '../json-example.ts'
import { namesOfUsers } from '../user-names.ts'
import { ACTOR_KINDS, actorKindOf, WAYS, wayOf } from './event-actor.ts'

const MAX_LIMIT = 500
const DEFAULT_LIMIT = 100

const fields = (description: string) =>
  Type.Unsafe<Readonly<Record<string, unknown>> | null>({
    type: ['object', 'null'],
    additionalProperties: true,
    description,
  })
const nullable = (description: string) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], description })
const EventSchema = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    at: Type.String({ format: 'date-time', description: 'ISO 8601 with microseconds, UTC.' }),
    actor: Type.String({
      description:
        'Id of the Flint key that did it; `issuer#subject` of the user; `operator`; `cli`: on the machine itself; `flint`: by itself.',
    }),
    actorKind: Type.Unsafe<string>({ type: 'string', enum: [...ACTOR_KINDS] }),
    actorName: nullable(
      'Name of the key as it is called now; of a user their e-mail address or name, `(unverified)` where the identity provider does not vouch for it; null for others.',
    ),
    via: Type.Unsafe<string>({
      type: 'string',
      enum: [...WAYS],
      description:
        'The door: the dashboard, this API, the gate, the command line; `flint`: it did it by itself.',
    }),
    sessionId: nullable('Session of the dashboard in which it was done; null: there was none.'),
    action: Type.Unsafe<string>({ type: 'string', enum: [...EVENT_ACTIONS] }),
    subject: Type.String({
      description: 'Id of the key, organisation, record, hold, session or view it happened to.',
    }),
    reason: nullable('Why, as the actor said; of failed authentication its kind.'),
    old: fields('What was changed, as it was.'),
    new: fields('What was changed, as it became.'),
  },
  { $id: 'AuditEvent', description: 'Who did what, when. Never a key, a hash of one, or content.' },
)
type PublicEvent = Static<typeof EventSchema>
const EventRef = Type.Unsafe<PublicEvent>({ $ref: 'AuditEvent#' })

const QuerySchema = Type.Object(
  {
    from: Type.Optional(
      Type.String({ description: 'Start, inclusive. ISO 8601.', examples: ['2026-05-01'] }),
    ),
    to: Type.Optional(
      Type.String({
        description: 'End, exclusive; a date includes that day. ISO 8601.',
        examples: ['2026-05-31'],
      }),
    ),
    action: Type.Optional(
      Type.Unsafe<EventAction[]>({
        type: 'array',
        items: { type: 'string', enum: [...EVENT_ACTIONS] },
        minItems: 1,
        maxItems: EVENT_ACTIONS.length,
        description: 'What was done. Repeatable: any of the values.',
      }),
    ),
    subject: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 1_000,
        description: 'Id of a key, organisation, record, hold, session or view.',
      }),
    ),
    actor: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 1_000,
        description:
          'Who did it: id of a key, `issuer#subject` of a user, `operator`, `cli` or `flint`.',
        examples: ['key_5f0c2a9be1d34c77'],
      }),
    ),
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_LIMIT,
        description: `Events per page, default ${DEFAULT_LIMIT}.`,
      }),
    ),
    cursor: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 4096,
        description: '`nextCursor` of the page before; it continues that list, filters included.',
      }),
    ),
  },
  { additionalProperties: false },
)
const PageSchema = Type.Object({
  events: Type.Array(EventRef),
  nextCursor: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
  count: Type.Integer(),
})

const EventCursorSchema = Type.Object({
  pk: Type.Object({ at: Type.String(), id: Type.String() }),
  org: Type.String(),
  limit: Type.Integer(),
  filter: Type.Object({
    fromMs: Type.Optional(Type.Integer()),
    toMs: Type.Optional(Type.Integer()),
    actions: Type.Optional(Type.Array(Type.Enum([...EVENT_ACTIONS]))),
    subject: Type.Optional(Type.String()),
    actor: Type.Optional(Type.String()),
  }),
})

const EXAMPLE: PublicEvent = {
  id: '019bf0a2-53f1-7c11-8d0e-7f6a1c2b3d4e',
  at: '2026-05-04T14:22:01.123456Z',
  actor: 'key_5f0c2a9be1d34c77',
  actorKind: 'key',
  actorName: 'ci',
  via: 'api',
  sessionId: null,
  action: 'settings.changed',
  subject: 'org_9c1e5a7b3d2f4680',
  reason: 'ticket 17',
  old: { promptCapture: false },
  new: { promptCapture: true },
}

export { EventSchema }

/** `GET /v1/audit/events`: who changed what, and who read which prompt. */
export function eventsRoutes({
  access,
  events,
  users,
  cursorSecret,
}: {
  access: Access
  events: Pick<IdentityLog, 'listEvents' | 'listKeys'>
  users: UserNames
  cursorSecret: string | Buffer
}): FastifyPluginAsyncTypebox {
  const { onRequest, principalOf } = requireScope(access, 'events', 'admin')
  const cursors = createCursorCodec(cursorSecret, {
    purpose: 'event cursor',
    schema: EventCursorSchema,
  })

  /** Of keys and users that did something on this page. */
  async function namesOf(page: readonly ListedEvent[], org: string) {
    const isOn = (wanted: string) => page.some(({ actor }) => actorKindOf(actor) === wanted)
    const [keys, ofUsers] = await Promise.all([
      isOn('key') ? events.listKeys() : [],
      isOn('user') ? namesOfUsers(users, org) : [],
    ])
    const ofKeys = keys.filter((key) => key.org === org).map(({ id, name }) => [id, name] as const)
    return new Map([...ofKeys, ...ofUsers])
  }

  return async (api) => {
    api.get(
      '/v1/audit/events',
      {
        onRequest,
        schema: {
          operationId: 'listEvents',
          summary: 'List what was done to keys, settings and records',
          description:
            'Newest first: changes of keys, settings and the organisation, reads of prompts, exports, erasures, legal holds, sessions of the dashboard, saved views, failed authentication. Scope `events` or `admin`.',
          tags: ['audit'],
          security: [{ flintKey: [] }],
          querystring: QuerySchema,
          response: {
            200: {
              description: 'One page.',
              content: jsonExample(PageSchema, { events: [EXAMPLE], nextCursor: null, count: 1 }),
            },
            ...errorResponses(COMMON_ERRORS),
          },
        },
      },
      async (request) => {
        const { org } = principalOf(request)
        const { cursor: text, limit: wanted, from, to, action, subject, actor } = request.query
        const cursor = text === undefined ? null : cursors.open(text, org)
        const asked = {
          ...toTimeRange({ from, to }),
          ...(action === undefined ? {} : { actions: action }),
          ...(subject === undefined ? {} : { subject }),
          ...(actor === undefined ? {} : { actor }),
        }
        const filter = cursor?.filter ?? asked
        const limit = wanted ?? cursor?.limit ?? DEFAULT_LIMIT
        // One more than asked for shows whether there is a next page.
        const found = await events.listEvents({
          org,
          ...filter,
          before: cursor?.pk,
          limit: limit + 1,
        })
        const page = found.slice(0, limit)
        const last = page.at(-1)
        const nextCursor =
          found.length > limit && last !== undefined
            ? cursors.seal({ pk: { at: last.at, id: last.id }, org, limit, filter })
            : null
        const names = await namesOf(page, org)
        return {
          events: page.map((event) => toPublicEvent(event, names)),
          nextCursor,
          count: page.length,
        }
      },
    )
  }
}

/**
 * By name: the organisation is the requester's own, and what is added later does not appear by
 * itself.
 */
function toPublicEvent(event: ListedEvent, names: ReadonlyMap<string, string>): PublicEvent {
  const { id, at, actor, sessionId, action, subject, reason, old, new: becomes } = event
  return {
    ...{ id, at, actor },
    actorKind: actorKindOf(actor),
    actorName: names.get(actor) ?? null,
    via: wayOf(event),
    ...{ sessionId, action, subject, reason, old, new: becomes },
  }
}
