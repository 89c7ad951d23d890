import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { KeyAdmin } from '../../identity/key-admin.ts'
import { type Access, requireScope } from '../authentication.ts'
import { COMMON_ERRORS, errorResponses } from '../error-schemas.ts'
import { jsonExample } from '../json-example.ts'
import { namesOfKeys } from './key-names.ts'
import { NoQuerySchema } from './key-schemas.ts'

const NamesSchema = Type.Object({
  names: Type.Unsafe<Readonly<Record<string, string>>>({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: 'Id of a key → its name.',
  }),
})

/** `GET /v1/keys/names`: for keys that read records and manage no keys. */
export function keyNamesRoute({
  access,
  admin,
}: {
  access: Access
  admin: Pick<KeyAdmin, 'listKeys'>
}): FastifyPluginAsyncTypebox {
  const { onRequest, principalOf } = requireScope(access, 'read')

  return async (api) => {
    api.get(
      '/v1/keys/names',
      {
        onRequest,
        schema: {
          operationId: 'listKeyNames',
          summary: 'List the names of the keys of the organisation',
          description: 'Expired and revoked keys too: records name them by `keyId`. Scope `read`.',
          tags: ['keys'],
          security: [{ flintKey: [] }],
          querystring: NoQuerySchema,
          response: {
            200: {
              description: 'Of every key.',
              content: jsonExample(NamesSchema, {
                names: { key_5f0c2a9be1d34c77: 'ci', key_8a1d3f5b7c9e0246: 'search' },
              }),
            },
            ...errorResponses(COMMON_ERRORS),
          },
        },
      },
      async (request) => {
        const names = await namesOfKeys(admin, principalOf(request).org)
        return { names: Object.fromEntries(names) }
      },
    )
  }
}
