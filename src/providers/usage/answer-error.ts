import { jsonObject, jsonString } from '../json/text.ts'

/** An error that has neither type, status nor code. */
const UNNAMED = 'error'

/**
 * Type, status or code of the member `error` of an answer that began with a 200, never its message;
 * null where there is none. OpenAI and Anthropic name a type, Google a status; compatible hosts may
 * write a number, or the bare message.
 */
export function errorName(json: string | undefined): string | null {
  if (json === undefined) return null
  const error = jsonObject(json)
  if (error === null) return jsonString(json) === null ? null : UNNAMED
  // Objects of work that went well may have an error of nothing but nulls.
  if (Object.values(error).every((member) => member === null)) return null
  const { type, status, code } = error
  return (
    errorLabel(type) ??
    errorLabel(status) ??
    (typeof code === 'number' ? String(code) : errorLabel(code)) ??
    UNNAMED
  )
}

/**
 * A member that is a type or a code on its own; a value that is there and is a sentence does not
 * pass as one.
 */
export function errorCode(json: string | undefined): string | null {
  if (jsonString(json) === null) return null
  return errorLabel(jsonString(json)) ?? UNNAMED
}

/**
 * Types and codes are names; text that a provider puts in their place may quote what it was sent.
 */
function errorLabel(value: unknown): string | null {
  return typeof value === 'string' && /^[\w.:-]{1,128}$/.test(value) ? value : null
}
