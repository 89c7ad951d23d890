import { dayOf } from '../evidence/day.ts'
import { createdAtMs } from '../evidence/record-id.ts'

/**
 * Layout of the bucket: `<org>/<yyyy-mm-dd>/<requestId>.json.gz` and
 * `<org>/<yyyy-mm-dd>/attachments/<sha256>`. Everything about one day of one organisation lies
 * together, in order of time, so that expiry is a deletion from the front, and a record's content
 * is found from its id alone (the milliseconds of a UUIDv7 name its day): nothing must be
 * remembered to delete it.
 */
export function contentKey(org: string, requestId: string): string {
  return `${dayPrefix(org, createdAtMs(requestId))}${requestId}.json.gz`
}

/** `requestId`: of the call that carried it. Kept once per organisation and day. */
export function attachmentKey(org: string, requestId: string, sha256: string): string {
  return `${dayPrefix(org, createdAtMs(requestId))}attachments/${sha256}`
}

/** Of the day of `atMs` in UTC; ends in a slash. */
function dayPrefix(org: string, atMs: number): string {
  return `${org}/${dayOf(atMs)}/`
}

/** The day of a key, `yyyy-mm-dd`; null for any other key. */
export function dayOfKey(key: string): string | null {
  return /^[^/]+\/(\d{4}-\d\d-\d\d)\//.exec(key)?.[1] ?? null
}

/** What an object is of, by its key; null for keys that are not made here. */
export function subjectOfKey(
  key: string,
): { readonly recordId: string } | { readonly sha256: string } | null {
  const [, recordId, sha256] =
    /^[^/]+\/\d{4}-\d\d-\d\d\/(?:([0-9a-f-]{36})\.json\.gz|attachments\/([0-9a-f]{64}))$/.exec(
      key,
    ) ?? []
  if (recordId !== undefined) return { recordId }
  return sha256 === undefined ? null : { sha256 }
}
