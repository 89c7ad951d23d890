import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Static, Type } from 'typebox'
import type { KeyAdmin } from '../../identity/key-admin.ts'
import type { SettingsSource } from '../../identity/settings.ts'
import type { PriceBookOrigin } from '../../pricing/price-files.ts'
import type { SettingsSeen } from '../../store/identity/settings-seen.ts'
import { type Access, requireScope } from '../authentication.ts'
import { COMMON_ERRORS, errorResponses } from '../error-schemas.ts'
import { jsonExample } from '../json-example.ts'
import { NoQuerySchema } from '../keys/key-schemas.ts'
import { type Backlog, PART_NAMES, PART_STATES, type Part, type PartsHere } from './parts.ts'

/** What the API needs to show the installation's state. */
export interface ApiSystem {
  readonly parts: PartsHere
  readonly admin: Pick<KeyAdmin, 'listOrganisations'>
  readonly settings: Pick<SettingsSource, 'settingsOf'>
  readonly seen: Pick<SettingsSeen, 'seenBy'>
  /** Of Flint. */
  readonly version: string
  /** What calls are priced by here. */
  priceBook(): PriceBookOrigin
}

const nullableTime = (description: string) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date-time', description })
const nullableDate = (description: string) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date', description })
const nullableCount = (description: string) =>
  Type.Unsafe<number | null>({ type: ['integer', 'null'], description })

const PartSchema = Type.Object({
  part: Type.Unsafe<Part['part']>({ type: 'string', enum: [...PART_NAMES] }),
  state: Type.Unsafe<Part['state']>({
    type: 'string',
    enum: [...PART_STATES],
    description:
      'As the machine of this API sees it. `down`: it ran here and does not answer, or (`contentStore`) does not take what waits. `unknown`: nothing of it is here; it may run on another machine.',
  }),
  since: nullableTime('Start of its process; null where that is not known.'),
  lastActivityAt: nullableTime('When Envoy last wrote its log file; null where not known.'),
})
const BacklogSchema = Type.Object({
  evidenceBytes: nullableCount('Evidence that waits on disk for ClickHouse.'),
  oldestEvidenceAt: nullableTime('When the oldest of it was written; null also where none waits.'),
  promptBytes: nullableCount('Prompts that wait on disk for the content store.'),
  quarantineBytes: nullableCount('Rows that wait to be separated from a refused one.'),
  deadLetters: nullableCount('Dead letters on disk.'),
})
const SeenSchema = Type.Object({
  gate: Type.String({ description: 'Name of its data directory among replicas.' }),
  revision: Type.Integer({ description: 'Of the settings that it goes by.' }),
  seenAt: Type.String({ format: 'date-time', description: 'When it last said so.' }),
})
const SystemSchema = Type.Object({
  version: Type.String({ description: 'Of Flint, of this API.' }),
  envoyVersion: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    description:
      'Of the Envoy that Flint runs on the machine of this API; null where none answers there.',
  }),
  priceBook: Type.Object(
    {
      source: Type.String(),
      publishedOn: nullableDate(
        'When the bundled prices were published; null of a file, which does not say so.',
      ),
      broughtOn: nullableDate('When their file was brought in; null of the bundled ones.'),
    },
    { description: 'What calls are priced by.' },
  ),
  parts: Type.Array(PartSchema),
  settingsRevision: Type.Integer({ description: 'Of the settings of the organisation.' }),
  settingsSeenBy: Type.Unsafe<Static<typeof SeenSchema>[] | null>({
    anyOf: [Type.Array(SeenSchema), { type: 'null' }],
    description:
      'Gates of all machines, by what they wrote into the store: when they take over settings, and every ten minutes. One that wrote nothing for half an hour is left out. Null while the store is away.',
  }),
  backlog: Type.Unsafe<Backlog | null>({
    anyOf: [BacklogSchema, { type: 'null' }],
    description:
      'What waits on this machine, of all organisations: null where the installation has several, or while the store is away.',
  }),
})
const EXAMPLE: Static<typeof SystemSchema> = {
  version: '0.1.0',
  envoyVersion: '1.39.2',
  priceBook: { source: 'genai-prices@0.1.8', publishedOn: '2026-09-23', broughtOn: null },
  parts: [
    { part: 'gate', state: 'up', since: '2026-05-04T08:00:00.000Z', lastActivityAt: null },
    { part: 'store', state: 'up', since: null, lastActivityAt: null },
  ],
  settingsRevision: 3,
  settingsSeenBy: [{ gate: '5f0c2a9b', revision: 3, seenAt: '2026-05-04T14:22:01.000Z' }],
  backlog: {
    ...{ evidenceBytes: 0, oldestEvidenceAt: null, promptBytes: 0, quarantineBytes: 0 },
    deadLetters: 0,
  },
}

/** `GET /v1/system`: what runs, and which gates know the newest settings. */
export function systemRoutes({
  access,
  system,
}: {
  access: Access
  system: ApiSystem
}): FastifyPluginAsyncTypebox {
  const { onRequest, principalOf } = requireScope(access, 'read', 'events', 'admin')

  return async (api) => {
    api.get(
      '/v1/system',
      {
        onRequest,
        schema: {
          operationId: 'getSystem',
          summary: 'Show the state of the installation',
          description:
            'Parts are looked for on the machine of this API; what is not known is null or `unknown`. Scope `read` or `admin`.',
          tags: ['health'],
          security: [{ flintKey: [] }],
          querystring: NoQuerySchema,
          response: {
            200: { description: 'As it is now.', content: jsonExample(SystemSchema, EXAMPLE) },
            ...errorResponses(COMMON_ERRORS),
          },
        },
      },
      async (request) => {
        const { org } = principalOf(request)
        const { parts, backlog, envoyVersion } = await system.parts.look()
        const isStoreUp = parts.some(({ part, state }) => part === 'store' && state === 'up')
        // The state of an installation whose store is away is what one wants to see then.
        const [organisations, seenBy] = isStoreUp
          ? await Promise.all([
              system.admin.listOrganisations().catch(() => null),
              system.seen.seenBy(org).catch(() => null),
            ])
          : [null, null]
        const { source, publishedOn, broughtOn } = system.priceBook()
        return {
          version: system.version,
          envoyVersion,
          priceBook: { source, publishedOn, broughtOn },
          parts: [...parts],
          settingsRevision: system.settings.settingsOf(org).revision,
          settingsSeenBy: seenBy && [...seenBy],
          backlog: organisations?.length === 1 ? backlog : null,
        }
      },
    )
  }
}
