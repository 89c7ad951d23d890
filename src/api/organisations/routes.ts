import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Static, Type } from 'typebox'
import { FlintError } from '../../errors.ts'
import type { KeyAdmin } from '../../identity/key-admin.ts'
import type { OrganisationRow } from '../../store/identity/identity-rows.ts'
import { COMMON_ERRORS, errorResponses } from '../error-schemas.ts'
import { jsonExample } from '../json-example.ts'
import { type KeyAccess, requireOperator } from '../key-door.ts'
import {
  MADE_KEY_EXAMPLE,
  MadeKeySchema,
  NameSchema,
  NoQuerySchema,
  toMadeKey,
} from '../keys/key-schemas.ts'

export interface ApiOrganisations {
  readonly admin: Pick<KeyAdmin, 'createOrganisation' | 'listOrganisations' | 'renameOrganisation'>
  /** Makes this machine's own processes know a new organisation's key at once. */
  refreshDirectory(): Promise<void>
}

const OrganisationSchema = Type.Object(
  { id: Type.String(), name: Type.String(), createdAt: Type.String({ description: 'ISO 8601.' }) },
  { $id: 'Organisation', description: 'Whose records never meet another’s.' },
)
type PublicOrganisation = Static<typeof OrganisationSchema>
const OrganisationRef = Type.Unsafe<PublicOrganisation>({ $ref: 'Organisation#' })
const NameBodySchema = Type.Object(
  { name: NameSchema },
  { additionalProperties: false, examples: [{ name: 'Research' }] },
)
const EXAMPLE: PublicOrganisation = {
  id: 'org_9c1e5a7b3d2f4680',
  name: 'Research',
  createdAt: '2026-05-04T14:22:01.000Z',
}

export { OrganisationSchema }

const ACTOR = 'operator'
const common = {
  tags: ['organisations'],
  security: [{ operatorKey: [] }],
  querystring: NoQuerySchema,
}

/** `/v1/orgs`: the operator makes and names organisations. */
export function organisationsRoutes({
  operator,
  organisations,
}: {
  operator: Pick<KeyAccess, 'operatorKey' | 'failures'>
  organisations: ApiOrganisations
}): FastifyPluginAsyncTypebox {
  const onRequest = requireOperator(operator)
  const { admin } = organisations

  return async (api) => {
    api.get(
      '/v1/orgs',
      {
        onRequest,
        schema: {
          ...common,
          operationId: 'listOrganisations',
          summary: 'List the organisations',
          response: {
            200: {
              description: 'Oldest first.',
              content: jsonExample(Type.Object({ organisations: Type.Array(OrganisationRef) }), {
                organisations: [EXAMPLE],
              }),
            },
            ...errorResponses(COMMON_ERRORS),
          },
        },
      },
      async () => ({ organisations: (await admin.listOrganisations()).map(shown) }),
    )

    api.post(
      '/v1/orgs',
      {
        onRequest,
        schema: {
          ...common,
          operationId: 'createOrganisation',
          summary: 'Make an organisation',
          description: 'The answer holds its first key, with all scopes, this once.',
          body: NameBodySchema,
          response: {
            201: {
              description: 'Made.',
              content: jsonExample(
                Type.Object({ organisation: OrganisationRef, key: MadeKeySchema }),
                {
                  organisation: EXAMPLE,
                  key: MADE_KEY_EXAMPLE,
                },
              ),
            },
            ...errorResponses(COMMON_ERRORS),
          },
        },
      },
      async (request, reply) => {
        const { organisation, key } = await admin.createOrganisation({
          actor: ACTOR,
          name: request.body.name,
        })
        await organisations.refreshDirectory().catch(() => undefined)
        return reply.code(201).send({ organisation: shown(organisation), key: toMadeKey(key) })
      },
    )

    api.patch(
      '/v1/orgs/:id',
      {
        onRequest,
        schema: {
          ...common,
          operationId: 'renameOrganisation',
          summary: 'Rename an organisation',
          params: Type.Object({
            id: Type.String({ description: 'Id of the organisation.', examples: [EXAMPLE.id] }),
          }),
          body: NameBodySchema,
          response: {
            200: { description: 'As it is now.', content: jsonExample(OrganisationRef, EXAMPLE) },
            ...errorResponses([...COMMON_ERRORS, 'not_found']),
          },
        },
      },
      async (request) => {
        const renamed = await admin.renameOrganisation({
          actor: ACTOR,
          id: request.params.id,
          name: request.body.name,
        })
        if (renamed === 'not_found')
          throw new FlintError('not_found', 'There is no organisation with this id.')
        return shown(renamed)
      },
    )
  }
}

function shown({ id, name, createdAt }: OrganisationRow): PublicOrganisation {
  return { id, name, createdAt }
}
