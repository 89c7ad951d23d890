import { FlintError } from '../../errors.ts'
import { DAY_MS } from '../../evidence/day.ts'
import { parseIsoTime } from './iso-time.ts'

export interface TimeRange {
  /** Inclusive. */
  readonly fromMs?: number
  /** Exclusive. */
  readonly toMs?: number
}

/**
 * `from` and `to` as the caller wrote them; throws invalid_request naming the one that is not
 * right. `place`: what they are of the request.
 */
export function toTimeRange(
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
  place = 'query parameter',
): TimeRange {
  const start = from === undefined ? undefined : isoTime('from', from, place)
  const end = to === undefined ? undefined : isoTime('to', to, place)
  // A date-only end is the day's last moment, so that "from the 2nd to the 1st" stays an error.
  const toMs = end && end.ms + (end.isDay ? DAY_MS : 0)
  if (start && end && toMs !== undefined && (end.isDay ? start.ms >= toMs : start.ms > toMs)) {
    throw new FlintError('invalid_request', `The ${place} "from" is later than "to".`)
  }
  return {
    ...(start === undefined ? {} : { fromMs: start.ms }),
    ...(toMs === undefined ? {} : { toMs }),
  }
}

function isoTime(name: string, text: string, place: string) {
  const time = parseIsoTime(text)
  if (time === null)
    throw new FlintError(
      'invalid_request',
      `The ${place} "${name}" is not an ISO 8601 date or time, e.g. 2025-05-01 or 2025-05-01T12:00:00Z.`,
    )
  return time
}
