import { FlintError } from '../../errors.ts'
import { parseIsoTime } from './iso-time.ts'

export interface TimeRange {
  /** Inclusive. */
  readonly fromMs?: number
  /** Exclusive. */
  readonly toMs?: number
}

interface Reading {
  /** What the two are of the request. */
  readonly place?: string
  /** Where they name no zone: an IANA name. */
  readonly timeZone?: string
  /** How the caller calls the two. */
  readonly names?: { readonly from: string; readonly to: string }
}

/**
 * `from` and `to` as the caller wrote them; throws invalid_request naming the one that is not
 * right.
 */
export function toTimeRange(
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
  { place = 'query parameter', timeZone = 'UTC', names = { from: 'from', to: 'to' } }: Reading = {},
): TimeRange {
  const start = from === undefined ? undefined : isoTime(names.from, from, place, timeZone)
  const end = to === undefined ? undefined : isoTime(names.to, to, place, timeZone)
  // A date-only end is the day's last moment, so that "from the 2nd to the 1st" stays an error.
  if (start && end && (end.isDay ? start.ms >= end.endMs : start.ms > end.endMs)) {
    throw new FlintError(
      'invalid_request',
      `The ${place} "${names.from}" is later than "${names.to}".`,
    )
  }
  return {
    ...(start === undefined ? {} : { fromMs: start.ms }),
    ...(end === undefined ? {} : { toMs: end.endMs }),
  }
}

function isoTime(name: string, text: string, place: string, timeZone: string) {
  const time = parseIsoTime(text, timeZone)
  if (time === null)
    throw new FlintError(
      'invalid_request',
      `The ${place} "${name}" is not an ISO 8601 date or time, e.g. 2025-05-01 or 2025-05-01T12:00:00Z.`,
    )
  return time
}
