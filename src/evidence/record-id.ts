/** The one clock of a record: the 48-bit millisecond timestamp of its UUIDv7 (RFC 9562 §5.7). */
export function createdAtMs(recordId: string): number {
  return Number.parseInt(recordId.slice(0, 8) + recordId.slice(9, 13), 16)
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
