import { asWord, jsonObject, jsonWord } from './json-text.ts'

/** An error that has neither type, status nor code. */
const UNNAMED = 'error'

/**
 * Type, status or code of the member `error` of an answer that began with a 200, never its message; null where there is
 * none. OpenAI and Anthropic name a type, Google a status; compatible hosts may write a number, or the bare message.
 */
export function errorName(json: string | undefined): string | null {
  if (json === undefined) return null
  const error = jsonObject(json)
  if (error === null) return jsonWord(json) === null ? null : UNNAMED
  // Objects of work that went well may have an error of nothing but nulls.
  if (Object.values(error).every((member) => member === null)) return null
  const { type, status, code } = error
  return asWord(type) ?? asWord(status) ?? (typeof code === 'number' ? String(code) : asWord(code)) ?? UNNAMED
}
