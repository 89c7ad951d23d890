import { DAY_MS } from '../../evidence/day.ts'
import { instantOf } from './zoned-time.ts'

/** A moment, or a whole day where only a date was given. */
export interface IsoTime {
  readonly ms: number
  readonly isDay: boolean
  /** Of a day its end, 23 to 25 hours later; of a moment the same. */
  readonly endMs: number
}

/**
 * Date, and optionally time with minutes, seconds, fraction and zone. A `+` in a query that was not
 * encoded arrives as a space.
 */
const SHAPE =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+\- ]\d\d(?::?\d\d)?)?)?$/i

/**
 * ISO 8601 to the millisecond; without a zone it is a time of `timeZone`, an IANA name. Null for
 * anything else, also for dates that do not exist (2025-02-30).
 */
export function parseIsoTime(text: string, timeZone = 'UTC'): IsoTime | null {
  const match = SHAPE.exec(text)
  if (match === null) return null
  const [, date = '', minutes, seconds = '00', fraction = '', zone] = match
  const ms = Date.parse(
    `${date}T${minutes ?? '00:00'}:${seconds}.${fraction.padEnd(3, '0').slice(0, 3)}Z`,
  )
  // Date.parse rolls 30 February over; 24:00 it rolls on purpose.
  if (
    Number.isNaN(ms) ||
    new Date(Date.parse(`${date}T00:00:00Z`)).toISOString().slice(0, 10) !== date
  )
    return null
  if (zone === undefined) {
    const isDay = minutes === undefined
    return {
      ms: instantOf(ms, timeZone),
      isDay,
      endMs: instantOf(isDay ? ms + DAY_MS : ms, timeZone),
    }
  }
  const offset = offsetMinutes(zone)
  if (offset === null) return null
  const moment = ms - offset * 60_000
  return { ms: moment, isDay: false, endMs: moment }
}

function offsetMinutes(zone: string): number | null {
  if (/^z$/i.test(zone)) return 0
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(':', '') || 0)]
  if (hours > 23 || minutes > 59) return null
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}
