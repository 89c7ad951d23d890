/** Names of models, tiers, reasons and ids are far shorter; a longer one is not a name. */
const MAX_NAME_LENGTH = 256
const MAX_RAW_LENGTH = 8_192

/** A JSON string that is a name or an id; null for anything else. */
export function jsonString(json: string | undefined): string | null {
  if (json === undefined || json.charCodeAt(0) !== 0x22) return null
  const text = jsonValue(json)
  return typeof text === 'string' && text !== '' && text.length <= MAX_NAME_LENGTH ? text : null
}

export type JsonObject = Readonly<Record<string, unknown>>

/** A JSON object; null for anything else. */
export function jsonObject(json: string | undefined): JsonObject | null {
  return json === undefined ? null : asObject(jsonValue(json))
}

export function asObject(value: unknown): JsonObject | null {
  return isObject(value) ? value : null
}

/** The fields of both, those of `after` first: a field that is null or absent says nothing. */
export function overwriteFields(
  before: JsonObject | null,
  after: JsonObject | null,
): JsonObject | null {
  if (before === null || after === null) return after ?? before
  const merged: Record<string, unknown> = { ...before }
  for (const [field, value] of Object.entries(after)) if (value !== null) merged[field] = value
  return merged
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A list; an empty one for anything else. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The objects of a list; an empty one for anything else. */
export function objectsOf(value: unknown): readonly JsonObject[] {
  return asList(value)
    .map(asObject)
    .filter((entry) => entry !== null)
}

export function shortString(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && value.length <= MAX_NAME_LENGTH ? value : null
}

/** The text as it stands, unless it is too long to keep in a record. */
export function boundedRaw(json: string): string | null {
  return Buffer.byteLength(json) <= MAX_RAW_LENGTH ? json : null
}

/** Text that is not JSON was cut or damaged on its way: it says nothing. */
function jsonValue(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
