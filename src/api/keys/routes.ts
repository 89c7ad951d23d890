import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { FlintError } from '../../errors.ts'
import type { KeyAdmin } from '../../identity/key-admin.ts'
import { actedBy } from '../../identity/principal.ts'
import { parseIsoTime } from '../audit/iso-time.ts'
import { type Access, requireScope } from '../authentication.ts'
import { COMMON_ERRORS, errorResponses } from '../error-schemas.ts'
import { jsonExample } from '../json-example.ts'
import {
  CreateBodySchema,
  DEFAULT_OVERLAP_SECONDS,
  KeyListSchema,
  KeyParamsSchema,
  LISTED_KEY_EXAMPLE,
  ListedKeyRef,
  MADE_KEY_EXAMPLE,
  MAX_EXPIRES_AT_MS,
  MadeKeySchema,
  NoQuerySchema,
  RenameBodySchema,
  RevokeQuerySchema,
  RotateBodySchema,
  toListedKey,
  toMadeKey,
} from './key-schemas.ts'

/** What the API needs to manage keys. */
export interface ApiKeys {
  readonly admin: Pick<
    KeyAdmin,
    'createKey' | 'listKeys' | 'renameKey' | 'revokeOwnKey' | 'rotateKey'
  >
  /** ISO 8601 by key id. */
  lastUses(org: string): Promise<ReadonlyMap<string, string>>
  /**
   * Makes this API's own directory know the change at once; a refresh that fails is made up for by
   * the next one.
   */
  refreshDirectory(): Promise<void>
  readonly nowMs?: () => number
}

interface KeysRoutesOptions {
  readonly access: Access
  readonly keys: ApiKeys
}

const common = { tags: ['keys'], security: [{ flintKey: [] }], querystring: NoQuerySchema }

/** `/v1/keys`: an organisation's administrators make, list, rename, rotate and revoke its keys. */
export function keysRoutes({ access, keys }: KeysRoutesOptions): FastifyPluginAsyncTypebox {
  const { onRequest, principalOf } = requireScope(access, 'admin')
  const looking = requireScope(access, 'events', 'admin')
  const { admin, nowMs = Date.now } = keys
  const actorOf = (request: FastifyRequest) => {
    const principal = principalOf(request)
    return { org: principal.org, ...actedBy(principal) }
  }
  // The change itself is done and durable by then: a store that has just gone away must not make it
  // look failed.
  const changed = () => keys.refreshDirectory().catch(() => undefined)

  return async (api) => {
    api.get(
      '/v1/keys',
      {
        onRequest: looking.onRequest,
        schema: {
          ...common,
          operationId: 'listKeys',
          summary: 'List the keys of the organisation',
          description:
            'Oldest first, expired and revoked ones too. The keys themselves are stored nowhere. Scope `events` or `admin`.',
          response: {
            200: {
              description: 'Every key.',
              content: jsonExample(KeyListSchema, { keys: [LISTED_KEY_EXAMPLE] }),
            },
            ...errorResponses(COMMON_ERRORS),
          },
        },
      },
      async (request) => {
        const { org } = looking.principalOf(request)
        const [rows, uses] = await Promise.all([admin.listKeys(org), keys.lastUses(org)])
        const atMs = nowMs()
        return { keys: rows.map((row) => toListedKey(row, atMs, uses.get(row.id) ?? null)) }
      },
    )

    api.post(
      '/v1/keys',
      {
        onRequest,
        schema: {
          ...common,
          operationId: 'createKey',
          summary: 'Make a key',
          description: 'The answer holds the key, this once. Gates know it within seconds.',
          body: CreateBodySchema,
          response: {
            201: { description: 'Made.', content: jsonExample(MadeKeySchema, MADE_KEY_EXAMPLE) },
            ...errorResponses(COMMON_ERRORS),
          },
        },
      },
      async (request, reply) => {
        const { name, scopes, expiresAt, reason } = request.body
        const made = await admin.createKey({
          ...actorOf(request),
          reason,
          name,
          ...(scopes === undefined ? {} : { scopes }),
          expiresAt: futureTime(expiresAt, nowMs()),
        })
        await changed()
        return reply.code(201).send(toMadeKey(made))
      },
    )

    api.patch(
      '/v1/keys/:id',
      {
        onRequest,
        schema: {
          ...common,
          operationId: 'renameKey',
          summary: 'Rename a key',
          params: KeyParamsSchema,
          body: RenameBodySchema,
          response: {
            200: {
              description: 'The key as it is listed now.',
              content: jsonExample(ListedKeyRef, LISTED_KEY_EXAMPLE),
            },
            ...errorResponses([...COMMON_ERRORS, 'not_found']),
          },
        },
      },
      async (request) => {
        const renamed = await admin.renameKey({
          ...actorOf(request),
          id: request.params.id,
          name: request.body.name,
          reason: request.body.reason,
        })
        if (renamed === 'not_found') throw noSuchKey()
        await changed()
        const uses = await keys.lastUses(renamed.org)
        return toListedKey(renamed, nowMs(), uses.get(renamed.id) ?? null)
      },
    )

    api.post(
      '/v1/keys/:id/rotate',
      {
        onRequest,
        // Every member is optional, and so is the body.
        preValidation: async (request) => {
          if (request.body === undefined) request.body = {}
        },
        schema: {
          ...common,
          operationId: 'rotateKey',
          summary: 'Replace a key by a new one',
          description:
            'Makes a key with the same name and scopes; the old one stays in force for the overlap. The expiry is not taken over: name one. ' +
            'A key that is expired or revoked is a conflict (reason `not_active`).',
          params: KeyParamsSchema,
          body: RotateBodySchema,
          response: {
            201: {
              description: 'The new key.',
              content: jsonExample(MadeKeySchema, MADE_KEY_EXAMPLE),
            },
            ...errorResponses([...COMMON_ERRORS, 'not_found', 'conflict']),
          },
        },
      },
      async (request, reply) => {
        const { overlapSeconds = DEFAULT_OVERLAP_SECONDS, expiresAt, reason } = request.body
        const made = await admin.rotateKey({
          ...actorOf(request),
          id: request.params.id,
          reason,
          overlapMs: overlapSeconds * 1000,
          expiresAt: futureTime(expiresAt, nowMs()),
        })
        if (made === 'not_found') throw noSuchKey()
        if (made === 'not_active')
          throw new FlintError(
            'conflict',
            'This key is expired or revoked: only an active key can be rotated. Make a new one.',
            {
              reason: 'not_active',
            },
          )
        await changed()
        return reply.code(201).send(toMadeKey(made))
      },
    )

    api.delete(
      '/v1/keys/:id',
      {
        onRequest,
        schema: {
          ...common,
          operationId: 'revokeKey',
          summary: 'Revoke a key',
          description:
            'For good, here at once and on gates within seconds; again is no error. A key may revoke itself, but the last active key with ' +
            'scope admin is a conflict (reason `last_admin_key`).',
          params: KeyParamsSchema,
          querystring: RevokeQuerySchema,
          response: {
            204: { description: 'Revoked.', type: 'null' },
            ...errorResponses([...COMMON_ERRORS, 'not_found', 'conflict']),
          },
        },
      },
      async (request, reply) => {
        const outcome = await admin.revokeOwnKey({
          ...actorOf(request),
          id: request.params.id,
          reason: request.query.reason,
        })
        if (outcome === 'not_found') throw noSuchKey()
        if (outcome === 'last_admin_key')
          throw new FlintError(
            'conflict',
            'This is the last active key with scope admin: without it no one could manage this organisation. Make another one first.',
            { reason: 'last_admin_key' },
          )
        await changed()
        return reply.code(204).send(null)
      },
    )
  }
}

/** The same for another organisation's key and for none. */
function noSuchKey(): FlintError {
  return new FlintError('not_found', 'There is no key with this id.')
}

function futureTime(text: string | null | undefined, nowMs: number): Date | null {
  if (text === undefined || text === null) return null
  const atMs = parseIsoTime(text)?.ms ?? Number.NaN
  if (!(atMs > nowMs && atMs < MAX_EXPIRES_AT_MS))
    throw new FlintError(
      'invalid_request',
      'expiresAt must be an ISO 8601 time in the future, before the year 2200.',
    )
  return new Date(atMs)
}
