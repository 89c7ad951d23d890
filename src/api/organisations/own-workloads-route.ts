import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { MeshAdmin } from '../../identity/mesh-admin.ts'
import { type Access, requireScope } from '../authentication.ts'
import { COMMON_ERRORS, errorResponses } from '../error-schemas.ts'
import { jsonExample } from '../json-example.ts'
import { NoQuerySchema } from '../keys/key-schemas.ts'
import { EXAMPLE, shown, WorkloadsSchema } from './workload-schemas.ts'

/** `GET /v1/workloads`: which workloads of a mesh are the organisation's own. */
export function ownWorkloadsRoute({
  access,
  admin,
}: {
  readonly access: Access
  readonly admin: Pick<MeshAdmin, 'list'>
}): FastifyPluginAsyncTypebox {
  const { onRequest, principalOf } = requireScope(access, 'read', 'events', 'admin')

  return async (api) => {
    api.get(
      '/v1/workloads',
      {
        onRequest,
        schema: {
          operationId: 'listOwnWorkloads',
          summary: 'List the workloads of a mesh that belong to the organisation',
          description:
            'Calls through a mesh bring no Flint key: the operator says whose they are. A more specific line of another organisation goes before one of these. Scope `read`, `events` or `admin`.',
          tags: ['organisations'],
          security: [{ flintKey: [] }],
          querystring: NoQuerySchema,
          response: {
            200: {
              description: 'The most specific first.',
              content: jsonExample(Type.Object({ workloads: Type.Array(WorkloadsSchema) }), {
                workloads: [EXAMPLE],
              }),
            },
            ...errorResponses(COMMON_ERRORS),
          },
        },
      },
      async (request) => {
        const { org } = principalOf(request)
        return { workloads: (await admin.list()).filter((row) => row.org === org).map(shown) }
      },
    )
  }
}
