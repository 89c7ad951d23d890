import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { FlintError } from '../../errors.ts'
import { actorOf } from '../../identity/principal.ts'
import { VIEW_LIMITS, type ViewAdmin } from '../../identity/view-admin.ts'
import type { ViewRow } from '../../store/identity/identity-rows.ts'
import { type Access, requireScope } from '../authentication.ts'
import { COMMON_ERRORS, errorResponses } from '../error-schemas.ts'
import { jsonExample } from '../json-example.ts'
import { NoQuerySchema } from '../keys/key-schemas.ts'
import {
  ChangeViewSchema,
  CreateViewSchema,
  toPublicView,
  VIEW_EXAMPLE,
  ViewRef,
} from './view-schemas.ts'

const ListSchema = Type.Object({
  views: Type.Array(ViewRef, { description: 'Own ones and shared ones, by name.' }),
})
const ParamsSchema = Type.Object({
  id: Type.String({ description: 'Id of the view.', examples: [VIEW_EXAMPLE.id] }),
})
const common = { tags: ['views'], security: [{ flintKey: [] }], querystring: NoQuerySchema }

/** `/v1/views`: saved views of the list of calls, own ones and shared ones. */
export function viewsRoutes({
  access,
  views,
}: {
  access: Access
  views: ViewAdmin
}): FastifyPluginAsyncTypebox {
  const { onRequest, principalOf } = requireScope(access, 'read')
  const userOf = (request: FastifyRequest) => {
    const principal = principalOf(request)
    const { org, scopes } = principal
    return { org, actor: actorOf(principal), isAdmin: scopes.includes('admin') }
  }

  return async (api) => {
    api.get(
      '/v1/views',
      {
        onRequest,
        schema: {
          ...common,
          operationId: 'listViews',
          summary: 'List saved views',
          response: {
            200: {
              description: 'All that this key sees.',
              content: jsonExample(ListSchema, { views: [VIEW_EXAMPLE] }),
            },
            ...errorResponses(COMMON_ERRORS),
          },
        },
      },
      async (request) => {
        const user = userOf(request)
        const rows = await views.list(user)
        return { views: rows.map((row) => toPublicView(row, user.actor)) }
      },
    )

    api.post(
      '/v1/views',
      {
        onRequest,
        schema: {
          ...common,
          operationId: 'createView',
          summary: 'Save a view',
          description: `A key keeps ${VIEW_LIMITS.own} at most, and an organisation shares ${VIEW_LIMITS.shared}.`,
          body: CreateViewSchema,
          response: {
            201: { description: 'Saved.', content: jsonExample(ViewRef, VIEW_EXAMPLE) },
            ...errorResponses([...COMMON_ERRORS, 'conflict']),
          },
        },
      },
      async (request, reply) => {
        const user = userOf(request)
        const { name, query, shared = false } = request.body
        const saved = found(await views.create(user, { name, query, shared }))
        return reply.code(201).send(toPublicView(saved, user.actor))
      },
    )

    api.patch(
      '/v1/views/:id',
      {
        onRequest,
        schema: {
          ...common,
          operationId: 'changeView',
          summary: 'Rename, change, share or withdraw a view',
          description:
            'One’s own; with the scope `admin` a shared one of another key too, which stays its keeper’s.',
          params: ParamsSchema,
          body: ChangeViewSchema,
          response: {
            200: { description: 'As it is now.', content: jsonExample(ViewRef, VIEW_EXAMPLE) },
            ...errorResponses([...COMMON_ERRORS, 'not_found', 'conflict']),
          },
        },
      },
      async (request) => {
        const user = userOf(request)
        const changed = await views.change(user, request.params.id, request.body)
        return toPublicView(found(changed), user.actor)
      },
    )

    api.delete(
      '/v1/views/:id',
      {
        onRequest,
        schema: {
          ...common,
          operationId: 'deleteView',
          summary: 'Delete a view',
          description: 'One’s own; with the scope `admin` a shared one of another key too.',
          params: ParamsSchema,
          response: {
            204: { type: 'null', description: 'It is gone.' },
            ...errorResponses([...COMMON_ERRORS, 'not_found']),
          },
        },
      },
      async (request, reply) => {
        found(await views.delete(userOf(request), request.params.id))
        return reply.code(204).send(null)
      },
    )
  }
}

function found(result: ViewRow | 'not_found' | 'not_yours' | 'too_many'): ViewRow {
  if (result === 'not_found') throw new FlintError('not_found', 'There is no view with this id.')
  if (result === 'not_yours')
    throw new FlintError(
      'forbidden',
      'This view is kept by another key: its keeper or an administrator may change it.',
    )
  if (result === 'too_many')
    throw new FlintError(
      'conflict',
      `A key keeps at most ${VIEW_LIMITS.own} views, and an organisation shares at most ${VIEW_LIMITS.shared}: delete one first.`,
      { reason: 'too_many_views' },
    )
  return result
}
