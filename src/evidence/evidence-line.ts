import { jsonLine } from './json-line.ts'
import { mayHoldSecret, redact } from './redact.ts'

/**
 * A row of evidence as its line in a spool or an insert, without key-shaped secrets: whatever a
 * caller or a provider can fill (paths, tags, ids, models, error types, usage) may hold one, put
 * there by mistake or by an echo.
 */
export function evidenceLine(row: object): string {
  const line = jsonLine(row)
  // Nearly every row holds nothing to look at twice.
  return isSuspicious(line) ? jsonLine(withoutSecrets(row)) : line
}

/** Encoded characters and parameters of a path, and escapes inside of JSON text, may hide a key. */
const HIDING_PLACES: readonly string[] = ['%', '=', '\\\\u00']

function isSuspicious(line: string): boolean {
  return mayHoldSecret(line) || HIDING_PLACES.some((place) => line.includes(place))
}

/**
 * Columns that stay as they are: what a call is found by is made by Flint, and whether previews are
 * redacted is for the organisation to decide (src/content/captured-content.ts).
 */
const AS_IT_STANDS: ReadonlySet<string> = new Set([
  'org',
  'created_at',
  'record_id',
  'kind',
  'writer',
  'prompt_preview',
  'last_user_preview',
  'completion_preview',
])
const PATHS: ReadonlySet<string> = new Set(['endpoint'])
/** JSON text, which must stay JSON. */
const JSON_TEXTS: ReadonlySet<string> = new Set(['usage_raw', 'billed'])

function withoutSecrets(row: object): object {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => {
      if (AS_IT_STANDS.has(column)) return [column, value]
      if (typeof value !== 'string') return [column, isTags(value) ? maskedTags(value) : value]
      if (PATHS.has(column)) return [column, maskedPath(value)]
      return [column, JSON_TEXTS.has(column) ? maskedJson(value) : redact(value)]
    }),
  )
}

function isTags(value: unknown): value is Readonly<Record<string, string>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function maskedTags(tags: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tags).map(([name, value]) => [redact(name), redact(value)]),
  )
}

/**
 * Escapes can hide a key's shape: then the text is written anew. What is not JSON after that is not
 * kept.
 */
function maskedJson(text: string): string | null {
  try {
    const plain = text.includes('\\u') ? JSON.stringify(JSON.parse(text)) : text
    const masked = redact(plain)
    if (masked === plain) return text
    JSON.parse(masked)
    return masked
  } catch {
    return null
  }
}

/**
 * `key=` and its like after anything that could begin a parameter: callers write `;key=`, `&key=`
 * without a question mark, and `%3Fkey=`, none of which is a query to HTTP. The names are those
 * that providers and their SDKs use.
 */
const KEY_PARAMETER =
  /([;&?#]|%3[bf]|%26|%23)((?:x-)?(?:api[-_]?|goog-api-|access[-_]?|auth[-_]?)?(?:key|token))(=|%3d)[^;&?#/]+/gi

/**
 * A path without secrets: neither the values of key parameters nor segments that have the shape of
 * a key, encoded or not.
 */
export function maskedPath(path: string): string {
  const plain = redact(path.replace(KEY_PARAMETER, '$1$2$3[redacted]'))
  if (!plain.includes('%')) return plain
  return plain
    .split('/')
    .map((segment) => {
      const decoded = percentDecoded(segment)
      const masked = redact(decoded)
      return masked === decoded ? segment : masked
    })
    .join('/')
}

/** One pass over what is encoded; what is no encoding stays. */
function percentDecoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded)
    } catch {
      return encoded
    }
  })
}
