import { FlintError } from '../../errors.ts'

/** `name:value` of a request; `place`: what it is of it. Throws invalid_request for other text. */
export function toTag(text: string, place: string): { name: string; value: string } {
  const colon = text.indexOf(':')
  if (colon < 1) throw new FlintError('invalid_request', `The ${place} "tag" must be name:value.`)
  // A tag's name came out of a header's name, which has no case.
  return { name: text.slice(0, colon).toLowerCase(), value: text.slice(colon + 1) }
}
