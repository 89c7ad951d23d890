import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Temporal } from 'temporal-polyfill'
import { type Static, Type } from 'typebox'
import type { KeyAdmin } from '../../identity/key-admin.ts'
import {
  type Principal,
  ROLES,
  type Role,
  roleOf,
  SCOPES,
  type Scope,
} from '../../identity/principal.ts'
import type { SettingsSource } from '../../identity/settings.ts'
import type { PromptActivities } from '../../store/identity/prompt-activity.ts'
import { zoneOf } from '../audit/filter-query.ts'
import { type Access, requireScope } from '../authentication.ts'
import { COMMON_ERRORS, errorResponses } from '../error-schemas.ts'
import { jsonExample } from '../json-example.ts'
import { NullableUser, toPublicUser } from '../user-schema.ts'

/** What the API needs to say who asks. */
export interface ApiMe {
  readonly admin: Pick<KeyAdmin, 'listKeys' | 'listOrganisations'>
  readonly settings: Pick<SettingsSource, 'settingsOf'>
  readonly promptReads: PromptActivities
}

const CaptureSchema = Type.Object({
  on: Type.Boolean({ description: 'Prompts and completions are kept.' }),
  since: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    format: 'date-time',
    description: 'When it was switched on; null while it is off.',
  }),
  contentRetentionDays: Type.Integer({
    description: 'How long a prompt is kept, from its call on; a legal hold may keep it longer.',
  }),
  readsToday: Type.Integer({ description: 'Reads of prompts since midnight in `timeZone`.' }),
  readersToday: Type.Integer({ description: 'Keys and users that read them.' }),
})
const MeSchema = Type.Object({
  keyId: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    description: 'Null for a user of the identity provider.',
  }),
  keyName: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    description: 'Null for a key so new that its name is not known here yet, and for a user.',
  }),
  user: NullableUser('Who signed in by the identity provider; null: a key asks.'),
  org: Type.Object({
    id: Type.String(),
    name: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
  }),
  scopes: Type.Array(Type.Unsafe<Scope>({ type: 'string', enum: [...SCOPES] }), {
    description: 'What this key or user may do.',
  }),
  role: Type.Unsafe<Role | null>({
    type: ['string', 'null'],
    enum: [...ROLES, null],
    description: 'What people call these scopes; null: a key of a program.',
  }),
  sessionEndsAt: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    format: 'date-time',
    description: 'End of the session of a person; null: a key asks.',
  }),
  capture: Type.Unsafe<Static<typeof CaptureSchema> | null>({
    anyOf: [CaptureSchema, { type: 'null' }],
    description:
      'Null for a key that may look at nothing: no scope `read`, `prompts`, `events` or `admin`.',
  }),
})
const EXAMPLE: Static<typeof MeSchema> = {
  keyId: 'key_5f0c2a9be1d34c77',
  keyName: 'ci',
  user: null,
  org: { id: 'org_9c1e5a7b3d2f4680', name: 'Research' },
  scopes: ['read', 'prompts'],
  role: 'prompt_reader',
  sessionEndsAt: null,
  capture: {
    on: true,
    since: '2026-05-04T14:22:01.123456Z',
    contentRetentionDays: 30,
    readsToday: 4,
    readersToday: 2,
  },
}
const QuerySchema = Type.Object(
  {
    timeZone: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description: 'IANA name of the zone in which today begins. Default UTC.',
        examples: ['Europe/Berlin'],
      }),
    ),
  },
  { additionalProperties: false },
)

const LOOKING: readonly Scope[] = ['read', 'prompts', 'events', 'admin']

/** `GET /v1/me`: who asks, and what they may do. */
export function meRoutes({
  access,
  me,
  nowMs = Date.now,
}: {
  access: Access
  me: ApiMe
  nowMs?: () => number
}): FastifyPluginAsyncTypebox {
  const { onRequest, principalOf } = requireScope(access, ...SCOPES)

  async function captureOf(org: string, timeZone: string): Promise<Static<typeof CaptureSchema>> {
    const today = Temporal.Instant.fromEpochMilliseconds(nowMs())
      .toZonedDateTimeISO(timeZone)
      .startOfDay()
    const { switchedOnAt, reads, readers } = await me.promptReads.activity(
      org,
      today.epochMilliseconds,
    )
    const { promptCapture: on, contentRetentionDays } = me.settings.settingsOf(org)
    return {
      on,
      since: on ? switchedOnAt : null,
      contentRetentionDays,
      readsToday: reads,
      readersToday: readers,
    }
  }

  async function whoIs(principal: Principal) {
    if (!('keyId' in principal))
      return { keyId: null, keyName: null, user: toPublicUser(principal.user) }
    const { org, keyId } = principal
    const key = (await me.admin.listKeys(org)).find(({ id }) => id === keyId)
    return { keyId, keyName: key?.name ?? null, user: null }
  }

  return async (api) => {
    api.get(
      '/v1/me',
      {
        onRequest,
        schema: {
          operationId: 'getMe',
          summary: 'Show whose key this is, and its role',
          description:
            'Any scope. With the state of prompt capture, for keys that may look at something.',
          tags: ['keys'],
          security: [{ flintKey: [] }],
          querystring: QuerySchema,
          response: {
            200: { description: 'The key that asks.', content: jsonExample(MeSchema, EXAMPLE) },
            ...errorResponses(COMMON_ERRORS),
          },
        },
      },
      async (request) => {
        const principal = principalOf(request)
        const { org, scopes, session } = principal
        const timeZone = zoneOf(request.query.timeZone)
        const [who, organisations, capture] = await Promise.all([
          whoIs(principal),
          me.admin.listOrganisations(),
          LOOKING.some((scope) => scopes.includes(scope)) ? captureOf(org, timeZone) : null,
        ])
        return {
          ...who,
          org: { id: org, name: organisations.find(({ id }) => id === org)?.name ?? null },
          scopes: [...scopes],
          role: roleOf(scopes),
          sessionEndsAt: session === undefined ? null : new Date(session.endsAtMs).toISOString(),
          capture,
        }
      },
    )
  }
}
