/** The one clock of a record: the 48-bit millisecond timestamp of its UUIDv7 (RFC 9562 §5.7). */
export function createdAtMs(recordId: string): number {
  return Number.parseInt(recordId.slice(0, 8) + recordId.slice(9, 13), 16)
}

/**
 * A UUIDv7 of a time and a hash (hex, 18 digits are used): the same call gets the same id whichever
 * process makes it, and however often.
 */
export function derivedRecordId(atMs: number, hash: string): string {
  const time = atMs.toString(16).padStart(12, '0')
  const random = `7${hash.slice(0, 3)}-8${hash.slice(3, 6)}-${hash.slice(6, 18)}`
  return `${time.slice(0, 8)}-${time.slice(8)}-${random}`
}

/** `YYYY-MM-DD HH:MM:SS.mmm` in UTC, as ClickHouse reads a DateTime64(3). */
export function timestampText(ms: number): string {
  return `${secondText(Math.floor(ms / 1000))}.${String(ms % 1000).padStart(3, '0')}`
}

let lastSecond = { second: Number.NaN, text: '' }

/** Calls come many to a second, and formatting a date costs more than the rest of a row. */
function secondText(second: number): string {
  if (lastSecond.second !== second)
    lastSecond = {
      second,
      text: new Date(second * 1000).toISOString().replace('T', ' ').slice(0, 19),
    }
  return lastSecond.text
}

/** Microseconds that only grow, whatever the wall clock does: the `version` of a writer's rows. */
export function createVersionClock(nowMs: () => number = Date.now): () => number {
  let last = 0
  return () => {
    last = Math.max(last + 1, nowMs() * 1000)
    return last
  }
}
