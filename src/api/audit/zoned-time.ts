import { BoundedMap } from '../../bounded-map.ts'

const HOUR_MS = 3_600_000

/** To make a format takes a millisecond, for a name that most requests bring. */
const named = new BoundedMap<string, string | null>(1_000)

/**
 * The zone of an IANA name in one spelling, whatever its case; null where this Node knows no such
 * name. What only some versions of Node take, offsets such as `+05:30`, is no name.
 */
export function timeZoneNamed(name: string): string | null {
  if (!/^[a-z][a-z0-9_+\-/]{0,63}$/i.test(name)) return null
  const known = named.get(name)
  if (known !== undefined) return known
  const zone = resolvedZone(name)
  named.set(name, zone)
  return zone
}

function resolvedZone(name: string): string | null {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
  } catch {
    return null
  }
}

/**
 * The instant at which clocks of a zone out of `timeZoneNamed` show this time; `wallMs` is that time read as UTC. Where
 * clocks show it twice, the first; where they leap over it, as much later as they leap, so that a
 * day without midnight begins where it does begin.
 */
export function instantOf(wallMs: number, timeZone: string): number {
  if (timeZone === 'UTC') return wallMs
  // No zone is further than 14 hours from UTC: one is before every change on that day, one after.
  const before = wallMs - offsetMs(wallMs - 24 * HOUR_MS, timeZone)
  const after = wallMs - offsetMs(wallMs + 24 * HOUR_MS, timeZone)
  const shown = [before, after].filter((ms) => ms + offsetMs(ms, timeZone) === wallMs)
  return shown.length === 0 ? before : Math.min(...shown)
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** What clocks of the zone are ahead of UTC at an instant. */
function offsetMs(ms: number, timeZone: string): number {
  let format = formats.get(timeZone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
    formats.set(timeZone, format)
  }
  const name = format.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  // `GMT`, `GMT-03:30`; before zones were agreed on also with seconds.
  const [, sign, hours, minutes, seconds = 0] =
    /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(name) ?? []
  if (sign === undefined) return 0
  const total = Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)
  return (sign === '-' ? -1 : 1) * total * 1_000
}
