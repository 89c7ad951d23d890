import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { FlintError } from '../../errors.ts'
import type { MeshAdmin } from '../../identity/mesh-admin.ts'
import { COMMON_ERRORS, errorResponses } from '../error-schemas.ts'
import { jsonExample } from '../json-example.ts'
import { type KeyAccess, requireOperator } from '../key-door.ts'
import { NoQuerySchema } from '../keys/key-schemas.ts'
import { ReasonSchema } from '../reason-schema.ts'
import { EXAMPLE, MATCH, RULES, shown, WorkloadsSchema } from './workload-schemas.ts'

export interface ApiWorkloads {
  readonly admin: MeshAdmin
  /** Makes this machine's own processes know a change at once. */
  refreshDirectory(): Promise<void>
}

const BodySchema = Type.Object(
  {
    workload: Type.Optional(MATCH.workload),
    namespace: Type.Optional(MATCH.namespace),
    serviceAccount: Type.Optional(MATCH.serviceAccount),
    cluster: Type.Optional(MATCH.cluster),
    org: RULES.org,
    capture: Type.Optional(RULES.capture),
    claims: Type.Optional(RULES.claims),
    reason: Type.Optional(ReasonSchema),
  },
  { additionalProperties: false, examples: [{ namespace: 'shop', org: EXAMPLE.org }] },
)

const common = {
  tags: ['organisations'],
  security: [{ operatorKey: [] }],
  querystring: NoQuerySchema,
}
const ACTOR = 'operator'

/**
 * `/v1/orgs/workloads`: which organisation a call of a mesh belongs to, which brings no Flint key.
 */
export function workloadRoutes({
  operator,
  workloads: { admin, refreshDirectory },
}: {
  operator: Pick<KeyAccess, 'operatorKey' | 'failures'>
  workloads: ApiWorkloads
}): FastifyPluginAsyncTypebox {
  const onRequest = requireOperator(operator)
  const known = () => refreshDirectory().catch(() => undefined)

  return async (api) => {
    api.get(
      '/v1/orgs/workloads',
      {
        onRequest,
        schema: {
          ...common,
          operationId: 'listWorkloads',
          summary: 'List which workloads belong to which organisation',
          response: {
            200: {
              description: 'Of those that fit a workload the first counts.',
              content: jsonExample(Type.Object({ workloads: Type.Array(WorkloadsSchema) }), {
                workloads: [EXAMPLE],
              }),
            },
            ...errorResponses([...COMMON_ERRORS]),
          },
        },
      },
      async () => ({ workloads: (await admin.list()).map(shown) }),
    )

    api.post(
      '/v1/orgs/workloads',
      {
        onRequest,
        schema: {
          ...common,
          operationId: 'assignWorkloads',
          summary: 'Say which organisation workloads belong to',
          description:
            'In place of what was said of the same workloads. Without any of workload, namespace, serviceAccount and cluster: all to which nothing else applies.',
          body: BodySchema,
          response: {
            201: {
              description: 'In force on every gate within seconds.',
              content: jsonExample(WorkloadsSchema, EXAMPLE),
            },
            ...errorResponses([...COMMON_ERRORS]),
          },
        },
      },
      async ({ body }, reply) => {
        const { workload = null, namespace = null, serviceAccount = null, cluster = null } = body
        const { org, capture = true, claims = false, reason } = body
        const match = { workload, namespace, serviceAccount, cluster }
        const assigned = await admin.assign({ actor: ACTOR, match, org, capture, claims, reason })
        if (assigned === 'no_organisation')
          throw new FlintError('invalid_request', 'org: there is no organisation with this id.')
        if (assigned === 'incomplete')
          throw new FlintError('invalid_request', 'serviceAccount: name its namespace too.')
        await known()
        return reply.code(201).send(shown(assigned))
      },
    )

    api.delete(
      '/v1/orgs/workloads/:id',
      {
        onRequest,
        schema: {
          ...common,
          operationId: 'unassignWorkloads',
          summary: 'Take workloads from their organisation',
          params: Type.Object({
            id: Type.String({ description: 'Id of the list.', examples: [EXAMPLE.id] }),
          }),
          response: {
            204: Type.Null({ description: 'Taken.' }),
            ...errorResponses([...COMMON_ERRORS, 'not_found']),
          },
        },
      },
      async (request, reply) => {
        const removed = await admin.unassign({ actor: ACTOR, id: request.params.id })
        if (removed === 'not_found')
          throw new FlintError('not_found', 'No workloads are known by this id.')
        await known()
        return reply.code(204).send(null)
      },
    )
  }
}
