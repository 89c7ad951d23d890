/**
 * Layout of the bucket: `<org>/<yyyy-mm-dd>/<requestId>.json.gz` and `<org>/<yyyy-mm-dd>/attachments/<sha256>`. Everything
 * about one day of one organisation lies together, so that expiry is a deletion by prefix, and a record's content is found
 * from its id alone (the milliseconds of a UUIDv7 name its day): nothing must be remembered to delete it.
 */
export function contentKey(org: string, requestId: string): string {
  return `${dayPrefix(org, createdAtMsOf(requestId))}${requestId}.json.gz`
}

/** `requestId`: of the call that carried it. */
export function attachmentKey(org: string, requestId: string, sha256: string): string {
  return `${dayPrefix(org, createdAtMsOf(requestId))}attachments/${sha256}`
}

/** Of the day of `atMs` in UTC; ends in a slash. */
export function dayPrefix(org: string, atMs: number): string {
  return `${org}/${new Date(atMs).toISOString().slice(0, 10)}/`
}

function createdAtMsOf(requestId: string): number {
  return Number.parseInt(requestId.slice(0, 8) + requestId.slice(9, 13), 16)
}
