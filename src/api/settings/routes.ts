import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Static, Type } from 'typebox'
import { FlintError } from '../../errors.ts'
import { actedBy } from '../../identity/principal.ts'
import {
  PROMPT_HASH_MODES,
  PROMPT_READ_REASONS,
  type PromptHashMode,
  type PromptReadReason,
  RETENTION_DAYS,
  type SettingsInForce,
} from '../../identity/settings.ts'
import type { SettingsAdmin } from '../../identity/settings-admin.ts'
import { type Access, requireScope } from '../authentication.ts'
import { COMMON_ERRORS, errorResponses } from '../error-schemas.ts'
import { jsonExample } from '../json-example.ts'
import { NoQuerySchema } from '../keys/key-schemas.ts'
import { ReasonSchema } from '../reason-schema.ts'

/** What the API needs to show and change settings. */
export interface ApiSettings {
  readonly admin: SettingsAdmin
  /**
   * Makes this machine's own processes know the change at once; a refresh that fails is made up for
   * by the next one.
   */
  refreshDirectory(): Promise<void>
}

const members = {
  promptCapture: Type.Boolean({
    description:
      'Keep previews, hashes and full content of prompts and completions. Default: false.',
  }),
  retentionDays: Type.Integer({
    minimum: RETENTION_DAYS.least,
    maximum: RETENTION_DAYS.most,
    description:
      'How many days records are kept. Default: 90. In force at once, also for records that are there.',
  }),
  contentRetentionDays: Type.Integer({
    minimum: 1,
    maximum: RETENTION_DAYS.most,
    description:
      'How many days prompts and completions are kept; never longer than their records. Default: 90.',
  }),
  redactStoredContent: Type.Boolean({
    description: 'Replace key-shaped secrets in what is stored of prompts. Default: true.',
  }),
  promptHashMode: Type.Unsafe<PromptHashMode>({
    type: 'string',
    enum: [...PROMPT_HASH_MODES],
    description:
      '`sha256`, or `hmac`: HMAC-SHA-256 under a secret of the organisation, so that no one can try out a guessed prompt.',
  }),
  promptReadReason: Type.Unsafe<PromptReadReason>({
    type: 'string',
    enum: [...PROMPT_READ_REASONS],
    description:
      '`required`: prompts and attachments are read with a `reason` only. Default: optional.',
  }),
}
const revision = Type.Integer({ minimum: 0, description: 'How often the settings were changed.' })

const SettingsSchema = Type.Object({ ...members, revision })
const ChangeSchema = Type.Partial(
  Type.Object({
    ...members,
    reason: ReasonSchema,
    revision: Type.Integer({
      minimum: 0,
      description:
        'Of the settings the change was made against: when they have changed since, the answer is 409. Without it the change is made in any case.',
    }),
  }),
  {
    additionalProperties: false,
    examples: [{ promptCapture: true, contentRetentionDays: 30, reason: 'ticket 17' }],
  },
)

const EXAMPLE: Static<typeof SettingsSchema> = {
  promptCapture: true,
  retentionDays: 365,
  contentRetentionDays: 30,
  redactStoredContent: true,
  promptHashMode: 'sha256',
  promptReadReason: 'required',
  revision: 3,
}
const common = { tags: ['settings'], security: [{ flintKey: [] }], querystring: NoQuerySchema }

/** `GET|PATCH /v1/settings`: what an organisation's administrators decide. */
export function settingsRoutes({
  access,
  settings,
}: {
  access: Access
  settings: ApiSettings
}): FastifyPluginAsyncTypebox {
  const { onRequest, principalOf } = requireScope(access, 'admin')
  const looking = requireScope(access, 'events', 'admin')

  return async (api) => {
    api.get(
      '/v1/settings',
      {
        onRequest: looking.onRequest,
        schema: {
          ...common,
          operationId: 'getSettings',
          summary: 'Show the settings of the organisation',
          description: 'Scope `events` or `admin`.',
          response: {
            200: { description: 'All of them.', content: jsonExample(SettingsSchema, EXAMPLE) },
            ...errorResponses(COMMON_ERRORS),
          },
        },
      },
      async (request) => shown(await settings.admin.read(looking.principalOf(request).org)),
    )

    api.patch(
      '/v1/settings',
      {
        onRequest,
        schema: {
          ...common,
          operationId: 'changeSettings',
          summary: 'Change settings of the organisation',
          description:
            'Takes any of them, answers all. In force on every gate within 60 seconds. Each change is an event.',
          body: ChangeSchema,
          response: {
            200: {
              description: 'The settings in force now.',
              content: jsonExample(SettingsSchema, EXAMPLE),
            },
            ...errorResponses([...COMMON_ERRORS, 'conflict']),
          },
        },
      },
      async (request) => {
        const principal = principalOf(request)
        const { revision: against, reason, ...change } = request.body
        const changed = await settings.admin.change({
          org: principal.org,
          ...actedBy(principal),
          change,
          reason,
          revision: against,
        })
        if (changed.outcome === 'out_of_range')
          throw new FlintError('invalid_request', `The field "${changed.setting}" ${changed.rule}.`)
        if (changed.outcome === 'conflict')
          throw new FlintError(
            'conflict',
            'The settings were changed meanwhile: read them again, then repeat the change.',
            {
              reason: 'changed_meanwhile',
            },
          )
        // The change is durable by then: a store that has just gone away must not make it look
        // failed.
        await settings.refreshDirectory().catch(() => undefined)
        return shown(changed.settings)
      },
    )
  }
}

/** By name: a setting that is added later does not appear by itself. */
function shown(settings: SettingsInForce): Static<typeof SettingsSchema> {
  const {
    promptCapture,
    retentionDays,
    contentRetentionDays,
    redactStoredContent,
    promptHashMode,
    promptReadReason,
    revision,
  } = settings
  return {
    promptCapture,
    retentionDays,
    contentRetentionDays,
    redactStoredContent,
    promptHashMode,
    promptReadReason,
    revision,
  }
}
