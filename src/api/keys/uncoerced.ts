import type { preValidationAsyncHookHandler } from 'fastify'
import { FlintError } from '../../errors.ts'

/** Members that must have their JSON type as sent. */
const TYPES: Readonly<Record<string, { readonly words: string; readonly holds: (value: unknown) => boolean }>> = {
  name: { words: 'a string', holds: (value) => typeof value === 'string' },
  expiresAt: { words: 'a string or null', holds: (value) => typeof value === 'string' || value === null },
  overlapSeconds: { words: 'an integer', holds: Number.isInteger },
}

/**
 * The API turns text into numbers, as queries need it. In a body that would make `"overlapSeconds": null` a 0, which ends a
 * key at once: here the types are checked before. No body is an empty one.
 */
export const uncoerced: preValidationAsyncHookHandler = async (request) => {
  request.body ??= {}
  if (typeof request.body !== 'object' || request.body === null) return
  for (const [name, value] of Object.entries(request.body)) {
    const type = Object.hasOwn(TYPES, name) ? TYPES[name] : undefined
    if (type !== undefined && !type.holds(value)) throw new FlintError('invalid_request', `The field "${name}" must be ${type.words}.`)
  }
}
