import { asObject } from '../json/text.ts'

/** Nothing that is read is nested nearly as deep. */
const MAX_DEPTH = 64

/**
 * Google's Python SDK writes its objects in snake_case. The arguments of a call have names of their
 * own.
 */
export function camelCased(value: unknown, depth = 0): unknown {
  if (depth === MAX_DEPTH) return value
  if (Array.isArray(value)) return value.map((item) => camelCased(item, depth + 1))
  const object = asObject(value)
  if (object === null) return value
  return Object.fromEntries(
    Object.entries(object).map(([name, member]) => [
      name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      name === 'args' ? member : camelCased(member, depth + 1),
    ]),
  )
}
