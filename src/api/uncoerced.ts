import type { preValidationAsyncHookHandler } from 'fastify'
import { FlintError } from '../errors.ts'

const KINDS = {
  string: { words: 'a string', holds: (value: unknown) => typeof value === 'string' },
  boolean: { words: 'true or false', holds: (value: unknown) => typeof value === 'boolean' },
  integer: { words: 'an integer', holds: (value: unknown) => Number.isInteger(value) },
  'string or null': { words: 'a string or null', holds: (value: unknown) => typeof value === 'string' || value === null },
} as const

/**
 * The API turns text into numbers, as queries need it. In a body that would make `"overlapSeconds": null` a 0, which ends a
 * key at once: here the JSON types of members are checked before. Where a body is optional, none is an empty one.
 */
export function typesOf(
  members: Readonly<Record<string, keyof typeof KINDS>>,
  { optional = false }: { optional?: boolean } = {},
): preValidationAsyncHookHandler {
  return async (request) => {
    if (optional && request.body === undefined) request.body = {}
    if (typeof request.body !== 'object' || request.body === null) return
    for (const [name, value] of Object.entries(request.body)) {
      const kind = Object.hasOwn(members, name) ? members[name] : undefined
      if (kind !== undefined && !KINDS[kind].holds(value))
        throw new FlintError('invalid_request', `The field "${name}" must be ${KINDS[kind].words}.`)
    }
  }
}
